import 'reflect-metadata';
import type { MetadataStorage } from '@mikro-orm/core';
import { type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';
import { buildSchema, type ClassType } from 'type-graphql';
import { administratorRole } from '../access/identity.ts';
import type { AccessRules } from '../access/permission.ts';
import { computedNamesOf } from '../column-types/entity-fields.ts';
import type { Context } from '../context.ts';
import { entities } from '../entities/index.ts';
import { entityErrorOf } from '../errors/declaration-error.ts';
import { resolversOf } from '../resolvers/index.ts';
import { isAuthorized } from '../resolvers/table/authorized-fields.ts';
import { checkTables } from '../resolvers/table/check.ts';
import { checkDeclarations } from '../resolvers/table/check-declarations.ts';
import { checkPermissions } from '../resolvers/table/check-permissions.ts';
import { addListFields } from '../resolvers/table/list-fields.ts';
import { assertIntrospectable } from './introspectable.ts';
import { guardProperties } from './property-resolver.ts';
import { sharedTypeName } from './shared-type-name.ts';
import { skipArgsClasses } from './skip-args-classes.ts';
import { typeNameOf } from './type-name.ts';

/** TypeGraphQL's `@Authorized`, on resolvers of one's own; schemas of roles (role-schema.ts) leave out what it refuses. */
const authChecker = ({ context: { identity } }: { readonly context: Context }, roles: readonly unknown[]) =>
  identity.role === administratorRole || isAuthorized(roles, identity.role);

/**
 * The API's schema. The same for both clouds: a source is an argument, never a type.
 *
 * @param metadata what the ORM has found out of the entities, to be checked first; without it, they are taken as they are
 * @param rules what roles may do, to be checked, too
 * @param tables the entities of the API; those of the project by default
 * @throws EntityError where the API cannot serve a table as its entity declares it
 */
export async function createSchema(
  metadata?: MetadataStorage,
  rules?: AccessRules,
  tables: readonly ClassType<object>[] = entities,
): Promise<GraphQLSchema> {
  checkDeclarations(tables);
  const resolvers = resolversOf(tables);
  if (metadata !== undefined) checkTables(metadata, tables);
  if (metadata !== undefined && rules !== undefined) checkPermissions(metadata, rules, tables);
  const schema = await build(resolvers, tables);
  addListFields(schema, tables);
  readGetters(schema, tables);
  skipArgsClasses(schema, resolvers);
  guardProperties(schema);
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInterfaceType(type)) type.resolveType = typeNameOf;
  }
  return schema;
}

/** The read path puts the values of getters into the rows: TypeGraphQL would make an object of the class for each. */
function readGetters(schema: GraphQLSchema, tables: readonly ClassType[]): void {
  for (const entity of tables) {
    const type = schema.getType(entity.name);
    const fields = isObjectType(type) ? type.getFields() : {};
    for (const name of computedNamesOf(entity).getters) delete fields[name]?.resolve;
  }
}

/** https://typegraphql.com/docs/bootstrap.html */
async function build(resolvers: readonly ClassType[], tables: readonly ClassType[]): Promise<GraphQLSchema> {
  try {
    const options = { resolvers: resolvers as never, validate: false, authChecker, skipCheck: true };
    const schema = await buildSchema(options);
    assertIntrospectable(schema);
    return schema;
  } catch (error) {
    throw sharedTypeName(error, tables) ?? entityErrorOf(error) ?? error;
  }
}
