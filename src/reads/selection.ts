import { type EntityMetadata, ReferenceKind } from '@mikro-orm/core';
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

/** What an operation asks of one table, and of the tables that hang on it. */
export interface Selection {
  readonly meta: EntityMetadata;
  /** Properties with a column to be read. */
  readonly columns: ReadonlySet<string>;
  /** Whether `id`, which is made from source, type and key, was asked for. */
  readonly id: boolean;
  /** Relations by property. */
  readonly relations: ReadonlyMap<string, Selection>;
}

/**
 * The selection of `meta`'s table below the field that is being resolved.
 *
 * @param paths where that table's fields stand below the field: `[[]]` for a field that returns a row,
 *   `[['nodes'], ['edges', 'node']]` for a connection
 */
export function selectionOf(
  info: GraphQLResolveInfo,
  meta: EntityMetadata,
  paths: readonly (readonly string[])[] = [[]],
): Selection {
  const start = { type: objectType(info.returnType), nodes: info.fieldNodes };
  const spots = paths.map((path) =>
    path.reduce<Spot | null>((spot, name) => spot && (subfields(info, spot).get(name) ?? null), start),
  );
  return select(
    info,
    meta,
    spots.filter((spot) => spot !== null),
  );
}

/** Field nodes that select from one object type: several, where aliases or fragments repeat a field. */
interface Spot {
  readonly type: GraphQLObjectType;
  readonly nodes: readonly FieldNode[];
}

function select(info: GraphQLResolveInfo, meta: EntityMetadata, spots: readonly Spot[]): Selection {
  const columns = new Set<string>();
  const below = new Map<string, Spot[]>();
  let id = false;
  for (const spot of spots) {
    for (const [name, child] of subfields(info, spot)) {
      const property = meta.properties[name];
      if (name === 'id') id = true;
      else if (property === undefined) continue;
      else if (property.kind === ReferenceKind.SCALAR) columns.add(name);
      else if (child !== null) below.set(name, [...(below.get(name) ?? []), child]);
    }
  }
  const relations = new Map<string, Selection>();
  for (const [name, children] of below) {
    const target = meta.properties[name]?.targetMeta;
    if (target !== undefined) relations.set(name, select(info, target, children));
  }
  return { meta, columns, id, relations };
}

/** The fields below, by name, those of all aliases together; null for a field without fields of its own. */
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
