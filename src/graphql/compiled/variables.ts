import {
  type GraphQLInputType,
  type GraphQLSchema,
  getVariableValues,
  isInputType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';
import { memoizeWeak } from '../../util/memoize-weak.ts';
import { isLarge } from '../limits/variables-size.ts';
import { type CoerceInput, coerceInputOf } from './coerce-input.ts';
import { unknown } from './coerce-literal.ts';

export type VariableValues = Record<string, unknown>;

/**
 * CoerceVariableValues() (https://spec.graphql.org/October2021/#CoerceVariableValues()) of an operation, by functions that are
 * made of the types of its variables once. graphql-js handles wrong values, and defaults.
 *
 * @returns a function that returns undefined where a variable is wrong
 */
export function variablesOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
): (given: VariableValues) => VariableValues | undefined {
  return (given) => coercionOf(schema, operation, given).coerced;
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
  const made = coerce(schema, operation, given);
  before?.set(operation, made);
  return made;
}

function coerce(schema: GraphQLSchema, operation: OperationDefinitionNode, given: VariableValues): Coercion {
  const coerced = coercedVariables(variablesIn(schema, operation), given);
  if (coerced !== undefined) return { coerced };
  // One error is enough to know: graphql-js looks for a similar name for each, which took 38 s for 50,000 values.
  return getVariableValues(schema, operation.variableDefinitions ?? [], given, { maxErrors: 1 });
}

interface Variable {
  readonly name: string;
  /** Null for what only graphql-js knows. */
  readonly coerce: CoerceInput | null;
  readonly mayBeAbsent: boolean;
}

const variablesByOperation = memoizeWeak(
  (_: GraphQLSchema) => new WeakMap<OperationDefinitionNode, readonly Variable[]>(),
);

/** The variables of an operation. Each role has a schema of its own. */
function variablesIn(schema: GraphQLSchema, operation: OperationDefinitionNode): readonly Variable[] {
  const ofSchema = variablesByOperation(schema);
  let variables = ofSchema.get(operation);
  if (variables === undefined) {
    variables = operation.variableDefinitions?.map((definition) => variableOf(schema, definition)) ?? [];
    ofSchema.set(operation, variables);
  }
  return variables;
}

function variableOf(
  schema: GraphQLSchema,
  { variable, type: node, defaultValue }: VariableDefinitionNode,
): Variable {
  const type = typeFromAST(schema, node as never) as GraphQLInputType | undefined;
  const isKnown = isInputType(type);
  return {
    name: variable.name.value,
    coerce: isKnown ? coerceInputOf(type) : null,
    mayBeAbsent: isKnown && defaultValue === undefined && !isNonNullType(type),
  };
}

/** Undefined where graphql-js has to look. */
function coercedVariables(variables: readonly Variable[], given: VariableValues): VariableValues | undefined {
  const values: VariableValues = {};
  for (const { name, coerce, mayBeAbsent } of variables) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined) {
      if (mayBeAbsent && !Object.hasOwn(given, name)) continue;
      return undefined;
    }
    const coerced = coerce === null ? unknown : coerce(value);
    if (coerced === unknown) return undefined;
    values[name] = coerced;
  }
  return values;
}
