import {
  type DocumentNode,
  type ExecutionResult,
  type FieldNode,
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isNonNullType,
  locatedError,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { collectFields } from 'graphql/execution/collectFields.js';
import { fragmentsOf } from '../fragments-of.ts';
import { coerceArguments } from './arguments.ts';
import { bailOut, type CompleteValue, type CompletionSource, completeValueOf } from './complete-value.ts';
import { complete, ResolverFailure } from './graphql-js-fallback.ts';
import type { VariableValues } from './variables.ts';

/** An operation of a document. */
export interface CompilableOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
}

/** Variables as they came, and as graphql-js has coerced them. */
export interface Variables {
  readonly given: VariableValues;
  readonly coerced: VariableValues;
}

/** Executes an operation: https://spec.graphql.org/October2021/#ExecuteRequest() */
export type Compiled = (context: unknown, variables: Variables) => Promise<ExecutionResult>;

interface RootField {
  /** The response name. */
  readonly key: string;
  readonly nodes: readonly FieldNode[];
  readonly nullable: boolean;
  readonly resolve: (context: unknown, variables: VariableValues) => unknown;
  readonly completeValue: CompleteValue;
}

/**
 * Makes a function of an operation. Root fields are resolved as graphql-js does it, all at once or, of a mutation, one after
 * another; what they return is completed by a function written for what is asked for.
 *
 * @param deciding variables that @skip and @include take, coerced: the function serves requests that agree on them
 * @returns null for what only graphql-js executes
 */
export function compile(definition: CompilableOperation, deciding: VariableValues): Compiled | null {
  const fields = rootFieldsOf(definition, deciding);
  if (fields === null) return null;
  const isSerial = definition.operation.operation === OperationTypeNode.MUTATION;
  const [only, ...more] = fields;
  return async (context, { given, coerced }) => {
    let values: readonly unknown[];
    if (only !== undefined && more.length === 0) {
      try {
        values = [await only.resolve(context, coerced)];
      } catch (error) {
        values = [new ResolverFailure(error)];
      }
    } else if (isSerial) values = await inTurn(fields, context, coerced);
    else values = await Promise.all(fields.map((field) => settle(field, context, coerced)));
    try {
      return completed(fields, values);
    } catch (thrown) {
      if (thrown !== bailOut) throw thrown;
      const byKey = new Map(fields.map(({ key }, at) => [key, values[at]]));
      return complete(definition.schema, { ...definition, variables: given, context, values: byKey });
    }
  };
}

async function settle({ resolve }: RootField, context: unknown, variables: VariableValues): Promise<unknown> {
  try {
    return await resolve(context, variables);
  } catch (error) {
    return new ResolverFailure(error);
  }
}

async function inTurn(
  fields: readonly RootField[],
  context: unknown,
  variables: VariableValues,
): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const field of fields) values.push(await settle(field, context, variables));
  return values;
}

/** @throws bailOut */
function completed(fields: readonly RootField[], values: readonly unknown[]): ExecutionResult {
  const data: Record<string, unknown> = {};
  const errors: GraphQLError[] = [];
  let isNull = false;
  for (let at = 0; at < fields.length; at++) {
    const { key, nodes, nullable, completeValue } = fields[at] as RootField;
    const value = values[at];
    if (value instanceof ResolverFailure) {
      errors.push(locatedError(value.error, nodes, [key]));
      data[key] = null;
      isNull ||= !nullable;
    } else {
      data[key] = completeValue(value);
    }
  }
  return errors.length === 0 ? { data } : { errors, data: isNull ? null : data };
}

function rootFieldsOf(
  { schema, document, operation }: CompilableOperation,
  variables: VariableValues,
): RootField[] | null {
  const type = schema.getRootType(operation.operation);
  if (type == null || operation.operation === OperationTypeNode.SUBSCRIPTION) return null;
  const fragments = fragmentsOf(document);
  const origin = { schema, fragments, variables };
  const collected = collectFields(schema, fragments, variables, type, operation.selectionSet);
  const fields: RootField[] = [];
  for (const [key, nodes] of collected) {
    const field = rootFieldOf(origin, operation, type, key, nodes);
    if (field === null) return null;
    fields.push(field);
  }
  return fields;
}

function rootFieldOf(
  origin: CompletionSource,
  operation: OperationDefinitionNode,
  parentType: GraphQLObjectType,
  key: string,
  nodes: readonly FieldNode[],
): RootField | null {
  const [node] = nodes;
  const field = node && parentType.getFields()[node.name.value];
  // Introspection and __typename are graphql-js's, and so is a name that an object takes for its prototype.
  if (field?.resolve === undefined || key === '__proto__') return null;
  const completeValue = completeValueOf(origin, field.type, nodes);
  if (completeValue === null) return null;
  const { resolve } = field;
  const argumentsFor = coerceArguments(field, node as FieldNode);
  const path = { prev: undefined, key, typename: parentType.name };
  const infoFor = (variableValues: VariableValues): GraphQLResolveInfo => ({
    fieldName: field.name,
    fieldNodes: nodes,
    returnType: field.type,
    parentType,
    path,
    schema: origin.schema,
    fragments: origin.fragments,
    rootValue: undefined,
    operation,
    variableValues,
  });
  return {
    key,
    nodes,
    nullable: !isNonNullType(field.type),
    resolve: (context, variables) => resolve(undefined, argumentsFor(variables), context, infoFor(variables)),
    completeValue,
  };
}
