import 'reflect-metadata';
import { type GraphQLSchema, isInterfaceType } from 'graphql';
import { buildSchema } from 'type-graphql';
import { resolvers } from '../resolvers/index.ts';
import { guardProperties } from './properties.ts';
import { skipArgsClasses } from './skip-args-classes.ts';
import { typeNameOf } from './type-name.ts';

/** The API's schema. The same for both clouds: a source is an argument, never a type. */
export async function createSchema(): Promise<GraphQLSchema> {
  const schema = await buildSchema({ resolvers, validate: false });
  skipArgsClasses(schema, resolvers);
  guardProperties(schema);
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInterfaceType(type)) type.resolveType = typeNameOf;
  }
  return schema;
}
