import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLFieldConfig,
  GraphQLObjectType,
  GraphQLSchema,
} from 'graphql';
import { memoizeWeak } from '../../util/memoize-weak.ts';
import type { VariableValues } from './variables.ts';

/** A resolver's error. */
export class ResolverFailure {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

export interface Settled {
  readonly document: DocumentNode;
  readonly operationName: string | null;
  /** As they came. */
  readonly variables: VariableValues;
  /** The request's. */
  readonly context: unknown;
  /** The results of the root fields' resolvers, or their errors, by response name. */
  readonly values: ReadonlyMap<string, unknown>;
}

/** Has graphql-js complete what resolvers have returned: nulls, errors and conversions as the specification has them. */
export async function complete(
  schema: GraphQLSchema,
  { document, operationName, variables, context, values }: Settled,
): Promise<ExecutionResult> {
  return execute({
    schema: settledSchema(schema),
    document,
    operationName,
    variableValues: variables,
    contextValue: context,
    rootValue: values,
  });
}

/** The schema, with root fields whose resolvers give what is there already. */
const settledSchema = memoizeWeak((schema: GraphQLSchema) => {
  const config = schema.toConfig();
  const { query, mutation, types } = config;
  return new GraphQLSchema({
    ...config,
    types: types.filter((type) => type !== query && type !== mutation),
    query: query && settled(query),
    mutation: mutation && settled(mutation),
  });
});

function settled(type: GraphQLObjectType): GraphQLObjectType {
  const config = type.toConfig();
  const fields = Object.entries(config.fields).map(([name, field]) => [name, { ...field, resolve }]);
  return new GraphQLObjectType({ ...config, fields: Object.fromEntries(fields) });
}

const resolve: NonNullable<GraphQLFieldConfig<ReadonlyMap<string, unknown>, unknown>['resolve']> = (
  values,
  _arguments,
  _context,
  { path },
) => {
  const value = values.get(String(path.key));
  if (value instanceof ResolverFailure) throw value.error;
  return value;
};
