import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
} from 'graphql';
// graphql-js's own CollectFields: fragments, type conditions, @skip and @include as the executor sees them.
// https://spec.graphql.org/October2021/#CollectFields()
import { collectSubfields } from 'graphql/execution/collectFields.js';
import { isToMany, isToOne, propertyOf } from './properties.ts';

/** What an operation asks of one table, and of the tables that hang on it. */
export interface Selection {
  readonly meta: EntityMetadata;
  /** Properties to read: the key, what was asked for, and what relations are attached by. */
  readonly columns: readonly string[];
  /** Whether `id`, which is made from source, type and key, was asked for. */
  readonly id: boolean;
  /** Columns among them that MySQL holds as 0 and 1. */
  readonly booleans: readonly string[];
  /** Relations by property. */
  readonly relations: ReadonlyMap<string, Selection>;
  /** The to-many relation whose rows come in the same statement; null where none is asked for. */
  readonly joined: EntityProperty | null;
}

/** Field nodes that select from one object type: several, where aliases or fragments repeat a field. */
export interface Spot {
  readonly type: GraphQLObjectType;
  readonly nodes: readonly FieldNode[];
}

/** The field that is being resolved. */
export function spotOf(info: GraphQLResolveInfo): Spot {
  return { type: objectType(info.returnType), nodes: info.fieldNodes };
}

/** A field below a spot, by the names that lead to it; null where the operation does not ask for it. */
export function below(info: GraphQLResolveInfo, spot: Spot, path: readonly string[]): Spot | null {
  return path.reduce<Spot | null>((at, name) => at && (subfields(info, at).get(name) ?? null), spot);
}

/** The names of the fields that are asked for at a spot. */
export function namesAt(info: GraphQLResolveInfo, spot: Spot): ReadonlySet<string> {
  return new Set(subfields(info, spot).keys());
}

/**
 * What is asked of `meta`'s table at some spots, which all return its rows.
 * @param owner what its rows are attached by, where they belong to rows of another table
 */
export function selectionAt(
  info: GraphQLResolveInfo,
  meta: EntityMetadata,
  spots: readonly (Spot | null)[],
  owner: readonly string[] = [],
): Selection {
  const columns = new Set(['key', ...owner]);
  const children = new Map<string, Spot[]>();
  let id = false;
  for (const spot of spots) {
    if (spot === null) continue;
    for (const [name, child] of subfields(info, spot)) {
      if (name === 'id') id = true;
      if (meta.properties[name] === undefined) continue;
      if (child === null) columns.add(name);
      else children.set(name, [...(children.get(name) ?? []), child]);
    }
  }
  const relations = new Map<string, Selection>();
  let joined: EntityProperty | null = null;
  for (const [name, spotsBelow] of children) {
    const property = propertyOf(meta, name);
    const target = property.targetMeta as EntityMetadata;
    if (isToOne(property)) columns.add(name);
    if (isToMany(property)) joined ??= property;
    const foreignKey = isToMany(property) ? [property.mappedBy as string] : [];
    relations.set(name, selectionAt(info, target, spotsBelow, foreignKey));
  }
  const booleans = [...columns].filter((name) => propertyOf(meta, name).runtimeType === 'boolean');
  return { meta, columns: [...columns], booleans, id, relations, joined };
}

/** The fields at a spot, by name, those of all aliases together; null for a field without fields of its own. */
function subfields(info: GraphQLResolveInfo, { type, nodes }: Spot): Map<string, Spot | null> {
  const collected = collectSubfields(info.schema, info.fragments, info.variableValues, type, nodes);
  const byName = new Map<string, Spot | null>();
  for (const group of collected.values()) {
    const name = group[0]?.name.value as string;
    const field = type.getFields()[name];
    if (field === undefined) continue; // __typename
    const named = getNamedType(field.type);
    const known = byName.get(name)?.nodes ?? [];
    byName.set(name, isObjectType(named) ? { type: named, nodes: [...known, ...group] } : null);
  }
  return byName;
}

function objectType(type: GraphQLResolveInfo['returnType']): GraphQLObjectType {
  const named = getNamedType(type);
  if (!isObjectType(named)) throw new TypeError(`${named.name} is not an object type`);
  return named;
}
