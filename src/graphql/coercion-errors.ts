import { GraphQLError } from 'graphql';
import type { ErrorCode } from '../errors/codes.ts';

/**
 * The code of an error that graphql-js found by itself and gave none; undefined for what has one, and for what resolvers throw.
 * Arguments are coerced while the operation runs, where a variable is null or makes an input object wrong:
 * https://spec.graphql.org/October2021/#CoerceArgumentValues()
 */
export function coercionErrorCode(error: unknown): ErrorCode | undefined {
  if (!(error instanceof GraphQLError) || error.extensions.code !== undefined) return undefined;
  const aboutInput = error.nodes !== undefined ? argument : variables;
  return aboutInput.test(error.message) ? 'BAD_USER_INPUT' : undefined;
}

const argument = /^Argument "\w+" (?:of|has) /;
const variables = /^Too many errors processing variables/;
