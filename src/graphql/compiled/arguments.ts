import {
  type ArgumentNode,
  type FieldNode,
  type GraphQLField,
  getArgumentValues,
  isNonNullType,
  Kind,
  visit,
} from 'graphql';
import type { Values } from './variables.ts';

/**
 * CoerceArgumentValues() (https://spec.graphql.org/October2021/#CoerceArgumentValues()) of a field, as far as possible
 * before a request comes: what the document says itself is coerced once; a variable has been, as the type of its own.
 *
 * @returns a function of the coerced variables, which throws a GraphQLError
 */
export function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): (variables: Values) => Values {
  const all = node.arguments ?? [];
  const varying = all.filter(hasVariable);
  const others = { ...node, arguments: all.filter((each) => !varying.includes(each)) };
  const always = (variables: Values) => getArgumentValues(field, node, variables);
  const fixed = fixedOf(field, varying.length === 0 ? node : others, varying);
  const passed = varying.map((each) => passedOf(field, each));
  // Inside a list or an object, graphql-js puts each request's variables together.
  if (fixed === null || passed.includes(null)) return always;
  if (varying.length === 0) return () => fixed;
  return (variables) => {
    const values = { ...fixed };
    for (const { name, variable, mayBeAbsent } of passed as Passed[]) {
      const value = Object.hasOwn(variables, variable) ? variables[variable] : undefined;
      if (value != null) values[name] = value;
      // A default takes its place, or an error.
      else if (!mayBeAbsent) return always(variables);
      else if (value === null) values[name] = null;
    }
    return values;
  };
}

/** An argument whose value is a variable. */
interface Passed {
  readonly name: string;
  readonly variable: string;
  /** Whether it may be null or not there, which is then what the resolver gets. */
  readonly mayBeAbsent: boolean;
}

function passedOf({ args }: GraphQLField<unknown, unknown>, { name, value }: ArgumentNode): Passed | null {
  if (value.kind !== Kind.VARIABLE) return null;
  const argument = args.find((each) => each.name === name.value);
  const mayBeAbsent = argument?.defaultValue === undefined && !isNonNullType(argument?.type);
  return { name: name.value, variable: value.name.value, mayBeAbsent };
}

/** The arguments that no variable takes part in; null where they are wrong, which each request is told. */
function fixedOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  varying: readonly ArgumentNode[],
): Values | null {
  const names = new Set(varying.map(({ name }) => name.value));
  try {
    return getArgumentValues({ ...field, args: field.args.filter(({ name }) => !names.has(name)) }, node, {});
  } catch {
    return null;
  }
}

function hasVariable(argument: ArgumentNode): boolean {
  let found = false;
  visit(argument, {
    Variable() {
      found = true;
    },
  });
  return found;
}
