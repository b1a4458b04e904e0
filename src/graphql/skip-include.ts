import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { fragmentsOf } from './fragments-of.ts';
import { isNull, nullVariable } from './null-variable.ts';

const known = new WeakMap<OperationDefinitionNode, readonly string[]>();

/** The variables that decide what an operation selects: those that its @skip and @include take, and its fragments'. */
export function skipIncludeVariablesOf(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly string[] {
  const before = known.get(operation);
  if (before !== undefined) return before;
  const fragments = fragmentsOf(document);
  const reached = new Set<FragmentDefinitionNode>();
  const names = new Set<string>();
  const walk = (node: ASTNode): void => {
    visit(node, {
      Directive({ name, arguments: given = [] }) {
        if (name.value !== 'skip' && name.value !== 'include') return;
        for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
      },
      FragmentSpread({ name }) {
        const fragment = fragments[name.value];
        if (fragment === undefined || reached.has(fragment)) return;
        reached.add(fragment);
        walk(fragment);
      },
    });
  };
  walk(operation);
  const found = [...names];
  known.set(operation, found);
  return found;
}

/**
 * What is wrong with the variables that decide: null is neither true nor false. graphql-js finds that where it comes to the
 * field, by when a mutation may have been made. https://spec.graphql.org/October2021/#sec--skip
 *
 * @param given the variables as they came
 */
export function nullSkipInclude(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): GraphQLError | null {
  const name = skipIncludeVariablesOf(document, operation).find((variable) => isNull(given, variable));
  return name === undefined ? null : nullVariable(operation, name, '"@skip" or "@include"');
}
