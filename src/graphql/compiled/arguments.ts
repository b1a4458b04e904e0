import {
  type ArgumentNode,
  type FieldNode,
  type GraphQLField,
  getArgumentValues,
  isNonNullType,
  Kind,
  visit,
} from 'graphql';

type Values = Record<string, unknown>;

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
  const always = (variables: Values) => getArgumentValues(field, node, variables);
  if (varying.length === 0) return known(field, node) ?? always;
  const passed = varying.map(({ name, value }) => {
    const argument = field.args.find((each) => each.name === name.value);
    const plain = argument?.defaultValue === undefined && !isNonNullType(argument?.type);
    return value.kind === Kind.VARIABLE && plain ? { name: name.value, variable: value.name.value } : null;
  });
  // Inside a list or an object, or where a default or an error may take its place, graphql-js looks at each request's.
  if (passed.includes(null)) return always;
  const others = { ...node, arguments: all.filter((each) => !varying.includes(each)) };
  const fixed = known(field, others);
  if (fixed === null) return always;
  return (variables) => {
    const values = { ...fixed(variables) };
    for (const each of passed) {
      if (each !== null && Object.hasOwn(variables, each.variable))
        values[each.name] = variables[each.variable];
    }
    return values;
  };
}

/** Arguments without variables; null where they are wrong, which each request is told. */
function known(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): ((variables: Values) => Values) | null {
  try {
    const values = getArgumentValues(field, node, {});
    return () => values;
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
