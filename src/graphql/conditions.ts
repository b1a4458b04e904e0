import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { fragmentsOf } from './fragments-of.ts';

const known = new WeakMap<OperationDefinitionNode, readonly string[]>();

/** The variables that decide what an operation selects: those that its @skip and @include take, and its fragments'. */
export function conditionsOf(document: DocumentNode, operation: OperationDefinitionNode): readonly string[] {
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
 * @param given the variables as they came: a default takes the place of one that is absent, and of no null
 */
export function undecided(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): GraphQLError | null {
  for (const name of conditionsOf(document, operation)) {
    if (!Object.hasOwn(given, name) || given[name] !== null) continue;
    const message = `Variable "$${name}" must not be null, since "@skip" or "@include" takes it.`;
    const nodes = operation.variableDefinitions?.find(({ variable }) => variable.name.value === name);
    return new GraphQLError(message, {
      ...(nodes && { nodes }),
      extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
    });
  }
  return null;
}
