import { type FieldNode, type GraphQLField, getArgumentValues, isNonNullType, Kind } from 'graphql';
import { coerceLiteral, unknown } from './coerce-literal.ts';
import type { VariableValues } from './variables.ts';

/**
 * CoerceArgumentValues() (https://spec.graphql.org/October2021/#CoerceArgumentValues()) of a field, as far as possible
 * before a request comes: literals of the document are coerced once; the variables are coerced already, each as its own type.
 *
 * @returns a function of the coerced variables, which throws a GraphQLError
 */
export function coerceArguments(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): (variables: VariableValues) => VariableValues {
  const given = new Map(node.arguments?.map(({ name, value }) => [name.value, value]));
  const always = (variables: VariableValues) => getArgumentValues(field, node, variables);
  const literals = field.args.flatMap(({ name, type, defaultValue }) => {
    const value = given.get(name);
    const mayBeAbsent = defaultValue === undefined && !isNonNullType(type);
    if (value === undefined)
      return mayBeAbsent ? [] : [{ name, literal: () => defaultValue, variable: null }];
    const variable = value.kind === Kind.VARIABLE && mayBeAbsent ? value.name.value : null;
    return [{ name, literal: coerceLiteral(type, value), variable }];
  });
  return (variables) => {
    const values: VariableValues = {};
    for (const { name, literal, variable } of literals) {
      // Without its variable, an argument is not there.
      if (variable !== null && !Object.hasOwn(variables, variable)) continue;
      const value = literal(variables);
      if (value === unknown) return always(variables);
      values[name] = value;
    }
    return values;
  };
}
