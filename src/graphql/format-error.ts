import { ApolloServerErrorCode, unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { catalogue, extensionsOf, isErrorCode } from '../errors/catalogue.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { withoutValues } from './without-values.ts';

// What Apollo says about the request itself; its messages quote the client's own document, without the values.
const aboutTheRequest: ReadonlySet<unknown> = new Set(Object.values(ApolloServerErrorCode)).difference(
  new Set([ApolloServerErrorCode.INTERNAL_SERVER_ERROR]),
);

/**
 * What a client sees of an error: a coded one as it is, anything unexpected as INTERNAL_SERVER_ERROR without
 * its message, which may hold SQL or values.
 */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const original = unwrapResolverError(error);
  const tooComplex = formatted.extensions?.tooComplex;
  const known =
    original instanceof TandemError ||
    (original instanceof GraphQLError &&
      (tooComplex !== undefined || aboutTheRequest.has(formatted.extensions?.code)));
  const { message, locations, path, extensions } = formatted;
  const where = { ...(locations && { locations }), ...(path && { path }) };
  if (known) {
    const { stacktrace: _, tooComplex: __, ...shown } = extensions ?? {};
    if (tooComplex !== undefined) Object.assign(shown, tooComplex, { code: 'OPERATION_TOO_COMPLEX' });
    // Apollo's own say no more than the code.
    const coded = isErrorCode(shown.code) ? extensionsOf(shown.code) : {};
    const text =
      original instanceof TandemError || tooComplex !== undefined ? message : withoutValues(message);
    return { message: text, ...where, extensions: { ...coded, ...shown } };
  }
  const { cause } = catalogue.INTERNAL_SERVER_ERROR;
  return { message: cause, ...where, extensions: { ...extensionsOf('INTERNAL_SERVER_ERROR') } };
}
