import {
  type ASTNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';

const known = new WeakMap<OperationDefinitionNode, readonly string[]>();

/**
 * The variables that decide what an operation selects: those of its @skip and @include, and of its fragments'. Found once
 * an operation. https://spec.graphql.org/October2021/#sec--skip
 */
export function skipIncludeVariablesOf(
  operation: OperationDefinitionNode,
  fragmentsByName: () => Readonly<Record<string, FragmentDefinitionNode>>,
): readonly string[] {
  const before = known.get(operation);
  if (before !== undefined) return before;
  const fragments = fragmentsByName();
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
 * The variant of an operation that variables select: operations with the same variables that are true select the same.
 *
 * @param names as `skipIncludeVariablesOf` gives them
 * @param coerced the variables' coerced values
 */
export function variantOf(names: readonly string[], coerced: Readonly<Record<string, unknown>>): string {
  return names.length === 0 ? '' : names.filter((name) => coerced[name] === true).join();
}

/** Variants of an operation that are kept at most: each variable doubles their number, and clients decide on it. */
export const mostVariants = 16;
