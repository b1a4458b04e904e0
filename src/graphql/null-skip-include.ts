import type { DocumentNode, GraphQLError, OperationDefinitionNode } from 'graphql';
import { skipIncludeVariablesOf } from '../util/skip-include-variables.ts';
import { fragmentsOf } from './fragments-of.ts';
import { isNull, nullVariable } from './null-variable.ts';

/**
 * The error of null in a variable that decides: null is neither true nor false. graphql-js finds that where it comes to the
 * field, by when a mutation may have been made. https://spec.graphql.org/October2021/#sec--skip
 *
 * @param given the variables as they came
 */
export function nullSkipInclude(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): GraphQLError | null {
  const name = skipIncludeVariablesOf(operation, () => fragmentsOf(document)).find((variable) =>
    isNull(given, variable),
  );
  return name === undefined ? null : nullVariable(operation, name, '"@skip" or "@include"');
}
