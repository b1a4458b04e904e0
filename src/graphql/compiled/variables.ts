import {
  GraphQLBoolean,
  GraphQLID,
  GraphQLInt,
  type GraphQLNamedType,
  type GraphQLSchema,
  GraphQLString,
  getVariableValues,
  isEnumType,
  Kind,
  type OperationDefinitionNode,
  type VariableDefinitionNode,
} from 'graphql';
import { memoizeWeak } from '../../util/memoize-weak.ts';
import { isLarge } from '../limits/variables.ts';

export type VariableValues = Record<string, unknown>;

/**
 * CoerceVariableValues() (https://spec.graphql.org/October2021/#CoerceVariableValues()) of an operation. Most variables are
 * plain scalars with values that stay as they are, and those are only looked at; for all else, graphql-js is asked.
 *
 * @returns a function that returns undefined where a variable is wrong
 */
export function variablesOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
): (given: VariableValues) => VariableValues | undefined {
  const definitions = operation.variableDefinitions ?? [];
  const plain = definitions.map((definition) => plainOf(schema, definition));
  const coerced = (given: VariableValues) => coercionOf(schema, operation, given).coerced;
  return (given) => {
    const values: VariableValues = {};
    for (const each of plain) {
      const value = each && Object.hasOwn(given, each.name) ? given[each.name] : undefined;
      if (each?.isValue(value)) values[each.name] = value;
      else if (each?.mayBeAbsent !== true || value !== undefined) return coerced(given);
    }
    return values;
  };
}

type Coercion = ReturnType<typeof getVariableValues>;

/** Of large variables, by the operation that they were coerced for. */
const known = memoizeWeak((_: VariableValues) => new Map<OperationDefinitionNode, Coercion>());

/** As graphql-js does it, once for large variables. */
export function coercionOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: VariableValues,
): Coercion {
  const before = isLarge(given) ? known(given) : undefined;
  const found = before?.get(operation);
  if (found !== undefined) return found;
  // One error is enough to know: graphql-js looks for a similar name for each, which took 38 s for 50,000 values.
  const made = getVariableValues(schema, operation.variableDefinitions ?? [], given, { maxErrors: 1 });
  before?.set(operation, made);
  return made;
}

interface Plain {
  readonly name: string;
  readonly isValue: (value: unknown) => boolean;
  readonly mayBeAbsent: boolean;
}

function plainOf(
  schema: GraphQLSchema,
  { variable, type, defaultValue }: VariableDefinitionNode,
): Plain | null {
  const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
  if (named.kind !== Kind.NAMED_TYPE) return null;
  const isValue = tests.get(named.name.value) ?? itemTestOf(schema.getType(named.name.value));
  const mayBeAbsent = named === type && defaultValue === undefined;
  return isValue === undefined ? null : { name: variable.name.value, isValue, mayBeAbsent };
}

/** Whether a value is an item of an enum whose items stand for themselves. */
function itemTestOf(type: GraphQLNamedType | undefined): Plain['isValue'] | undefined {
  if (!isEnumType(type)) return undefined;
  const items = type.getValues();
  if (items.some(({ name, value }) => name !== value)) return undefined;
  const names = new Set<unknown>(items.map(({ name }) => name));
  return (value) => names.has(value);
}

const isText = (value: unknown) => typeof value === 'string';

/** What input coercion leaves as it is: https://spec.graphql.org/October2021/#sec-Scalars.Input-Coercion */
const tests: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  [GraphQLString.name, isText],
  [GraphQLID.name, isText],
  [GraphQLInt.name, (value: unknown) => typeof value === 'number' && (value | 0) === value],
  [GraphQLBoolean.name, (value: unknown) => typeof value === 'boolean'],
]);
