import { MapperKind, mapSchema, pruneSchema } from '@graphql-tools/utils';
import { type GraphQLFieldConfig, type GraphQLSchema, getNullableType, isInterfaceType } from 'graphql';
import { type ClassType, getMetadataStorage } from 'type-graphql';
import type { AccessRules, Feature } from '../access/permission.ts';
import { tableOf } from '../entities/table.ts';
import { isAuthorized } from '../resolvers/table/authorized-fields.ts';
import { type TableAccess, tableAccessOf } from '../resolvers/table/table-access.ts';
import { guardProperties } from './property-resolver.ts';
import { typeNameOf } from './type-name.ts';

/**
 * The schema of one role: the fields, arguments, filters, orders and inputs that it may use, and nothing that tells of others.
 * GraphQL's own validation refuses a field that is not granted wherever it stands, and the field is neither in introspection nor
 * among suggestions.
 *
 * Root fields and fields of one's own are granted by TypeGraphQL's `@Authorized`.
 */
export function schemaOfRole(
  schema: GraphQLSchema,
  role: string,
  rules: AccessRules,
  entities: readonly ClassType<object>[],
): GraphQLSchema {
  const tables = entities.map((entity) => tableAccessOf(entity, tableOf(entity), role, rules));
  const types = new Map(tables.flatMap((table) => [...table.types]));
  const byPrefix = tables.toSorted((one, other) => other.prefix.length - one.prefix.length);
  const ownerOf = (type: string) => byPrefix.find(({ prefix }) => type.startsWith(prefix));
  const isHidden = ({ name }: { readonly name: string }) => ownerOf(name)?.isReadable === false;
  const has = (type: string, name: string) => {
    const fields = types.get(type);
    return fields === undefined ? ownerOf(type)?.denied.has(name) !== true : fields.has(name);
  };
  const rootFields = rootFieldsOf(role, rules, tables);
  const own = authorizedFields(role);
  const nullable = new Set(tables.flatMap((table) => [...table.nullable]));

  const withFields = mapSchema(schema, {
    [MapperKind.ROOT_FIELD]: (field, name) => (rootFields.has(name) ? field : null),
    [MapperKind.OBJECT_TYPE]: (type) => (isHidden(type) ? null : undefined),
    [MapperKind.INPUT_OBJECT_TYPE]: (type) => (isHidden(type) ? null : undefined),
    // One without values is no type of GraphQL: what would take it goes, too.
    [MapperKind.ENUM_TYPE]: (type) =>
      isHidden(type) || !type.getValues().some((value) => has(type.name, value.name)) ? null : undefined,
    [MapperKind.COMPOSITE_FIELD]: (field, name, type) => {
      // A column that is not granted is no field of one's own: a statement would lack it.
      const isColumn = ownerOf(type)?.denied.has(name) === true;
      if (!has(type, name) && (isColumn || !own.granted.has(`${type}.${name}`))) return null;
      if (own.denied.has(`${type}.${name}`)) return null;
      return nullable.has(`${type}.${name}`) ? asNullable(field) : field;
    },
    [MapperKind.INPUT_OBJECT_FIELD]: (field, name, type) => (has(type, name) ? field : null),
    [MapperKind.ENUM_VALUE]: (value, type, _schema, name) => (has(type, name) ? value : null),
  });
  const pruned = pruneSchema(withFields);
  guardProperties(pruned);
  for (const type of Object.values(pruned.getTypeMap())) {
    if (isInterfaceType(type)) type.resolveType = typeNameOf;
  }
  return pruned;
}

/** A row that the role may not read is answered as one that is not there. */
function asNullable<F extends GraphQLFieldConfig<unknown, unknown>>(field: F): F {
  // Its resolver would take null for a value that the table must not hold.
  const { resolve: _, ...others } = field;
  return { ...others, type: getNullableType(field.type) } as F;
}

const featureOf: Readonly<Record<string, Feature>> = {
  drift: 'drift',
  erd: 'erd',
  sources: 'sources',
  source: 'sources',
  parity: 'parity',
  startParity: 'parityRuns',
  cancelParity: 'parityRuns',
  activity: 'sources',
  migrations: 'migrations',
};

function rootFieldsOf(role: string, rules: AccessRules, tables: readonly TableAccess[]): ReadonlySet<string> {
  const { features = [] } = rules.roles[role] ?? {};
  const { queries, mutations } = getMetadataStorage();
  const isReader = tables.some(({ isReadable }) => isReadable);
  return new Set([
    ...tables.flatMap(({ rootFields }) => rootFields),
    'viewer',
    ...(isReader ? ['node', 'nodes'] : []),
    ...Object.entries(featureOf).flatMap(([field, feature]) => (features.includes(feature) ? [field] : [])),
    ...[...queries, ...mutations].flatMap(({ schemaName, roles }) =>
      roles !== undefined && isAuthorized(roles, role) ? [schemaName] : [],
    ),
  ]);
}

/** Fields with `@Authorized`, by type and name. TypeGraphQL itself does not look at them where its simple resolvers are on. */
function authorizedFields(role: string): { granted: ReadonlySet<string>; denied: ReadonlySet<string> } {
  const { objectTypes, fields, fieldResolvers } = getMetadataStorage();
  const granted = new Set<string>();
  const denied = new Set<string>();
  const names = new Map<unknown, string>(objectTypes.map(({ target, name }) => [target, name]));
  const note = (type: string | undefined, field: string, roles: readonly unknown[] | undefined) => {
    if (type === undefined || roles === undefined) return;
    (isAuthorized(roles, role) ? granted : denied).add(`${type}.${field}`);
  };
  for (const { target, schemaName, roles } of fields) note(names.get(target), schemaName, roles);
  for (const { getObjectType, schemaName, roles } of fieldResolvers) {
    note(names.get(getObjectType?.()), schemaName, roles);
  }
  return { granted, denied };
}
