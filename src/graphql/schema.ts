import 'reflect-metadata';
import type { MetadataStorage } from '@mikro-orm/core';
import { type GraphQLSchema, isInterfaceType } from 'graphql';
import { buildSchema } from 'type-graphql';
import { resolvers } from '../resolvers/index.ts';
import { checkTables } from '../resolvers/table/check.ts';
import { connectLists } from '../resolvers/table/lists.ts';
import { guardProperties } from './properties.ts';
import { skipArgsClasses } from './skip-args-classes.ts';
import { typeNameOf } from './type-name.ts';

/**
 * The API's schema. The same for both clouds: a source is an argument, never a type.
 *
 * @param metadata what the ORM has found out of the entities, to be checked first; without it, they are taken as they are
 * @throws EntityError where the API cannot serve a table as its entity declares it
 */
export async function createSchema(metadata?: MetadataStorage): Promise<GraphQLSchema> {
  if (metadata !== undefined) checkTables(metadata);
  const schema = await buildSchema({ resolvers, validate: false });
  connectLists(schema);
  skipArgsClasses(schema, resolvers);
  guardProperties(schema);
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInterfaceType(type)) type.resolveType = typeNameOf;
  }
  return schema;
}
