import 'reflect-metadata';
import { type GraphQLSchema, isInterfaceType } from 'graphql';
import { buildSchema } from 'type-graphql';
import { resolvers } from '../resolvers/index.ts';

/** The API's schema. The same for both clouds: a source is an argument, never a type. */
export async function createSchema(): Promise<GraphQLSchema> {
  const schema = await buildSchema({ resolvers, validate: false });
  for (const type of Object.values(schema.getTypeMap())) {
    // Rows are plain objects, of no class: whoever returns one as an interface says its type. TypeGraphQL
    // answers with a promise, which compiled execution does not take.
    if (isInterfaceType(type)) type.resolveType = (row: { __typename?: string }) => row.__typename;
  }
  return schema;
}
