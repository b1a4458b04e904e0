import { ApolloServerErrorCode, unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { catalogue, extensionsOf, isErrorCode } from '../errors/codes.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { coercionErrorCode } from './coercion-errors.ts';
import { redactMessage } from './redact-messages.ts';

// Apollo's own codes about the request.
const aboutTheRequest: ReadonlySet<unknown> = new Set(Object.values(ApolloServerErrorCode)).difference(
  new Set([ApolloServerErrorCode.INTERNAL_SERVER_ERROR]),
);

// Codes of graphql-js, whose messages quote the client's document and variables.
const quoting: ReadonlySet<unknown> = new Set([
  ApolloServerErrorCode.GRAPHQL_PARSE_FAILED,
  ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED,
  ApolloServerErrorCode.BAD_USER_INPUT,
  ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE,
]);

/**
 * Formats an error for a client: a coded one as it is, one that graphql-js found in the request with its code and without
 * values, anything unexpected as INTERNAL_SERVER_ERROR without its message, which may hold SQL or values.
 */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const original = unwrapResolverError(error);
  const { message, locations, path } = formatted;
  const where = { ...(locations && { locations }), ...(path && { path }) };
  const { stacktrace: _, tooComplex, ...extensions } = formatted.extensions ?? {};
  // A step that refuses a request throws it within an error of GraphQL, which has the status.
  const isOurs = original instanceof TandemError || Object(original).originalError instanceof TandemError;
  if (isOurs) return { message, ...where, extensions };
  if (tooComplex !== undefined) {
    return { message, ...where, extensions: { ...extensionsOf('OPERATION_TOO_COMPLEX'), ...tooComplex } };
  }
  const code = coercionErrorCode(original) ?? extensions.code;
  if (original instanceof GraphQLError && aboutTheRequest.has(code)) {
    const known = isErrorCode(code) ? code : null;
    // Apollo's own texts say no more than the code, and hold nothing of the client's.
    const text = quoting.has(code) ? (redactMessage(message) ?? (known && catalogue[known].cause)) : message;
    return {
      message: text ?? message,
      ...where,
      extensions: { ...(known && extensionsOf(known)), ...extensions, code },
    };
  }
  const { cause } = catalogue.INTERNAL_SERVER_ERROR;
  return { message: cause, ...where, extensions: { ...extensionsOf('INTERNAL_SERVER_ERROR') } };
}
