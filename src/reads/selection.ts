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
import { codecOf } from '../column-types/column-types.ts';
import { isToMany, isToOne, propertyOf } from './properties.ts';

/** What an operation asks of one table, and of the tables that hang on it. */
export interface Selection {
  readonly meta: EntityMetadata;
  /** Properties to read: the key, what was asked for, and what relations are attached by. */
  readonly columns: readonly string[];
  /** To-one relations of whose rows no more than the key is asked: it comes with this row, joined, so that it is there. */
  readonly parents: readonly string[];
  /** Whether `id`, which is made from source, type and key, was asked for. */
  readonly id: boolean;
  /** Relations by property. */
  readonly relations: ReadonlyMap<string, Selection>;
  /** Values that each row gives the answer: the row itself, and its fields under all their names. */
  readonly values: number;
  /** Texts among the columns, and in how many places of the answer each stands. */
  readonly texts: readonly (readonly [name: string, places: number])[];
  /** The to-many relation whose rows come in the same statement; null where none is asked for. */
  readonly joined: EntityProperty | null;
}

/** Field nodes that select from one object type and stand under one name in the answer. */
export interface SelectionNode {
  readonly type: GraphQLObjectType;
  readonly nodes: readonly FieldNode[];
}

/** The field that is being resolved. */
export function selectionNodesOf(info: GraphQLResolveInfo): readonly SelectionNode[] {
  return [{ type: objectType(info.returnType), nodes: info.fieldNodes }];
}

/** The selection nodes of a field below some selection nodes, by the names that lead to it: one for each alias; none where it is not asked for. */
export function below(
  info: GraphQLResolveInfo,
  selectionNodes: readonly SelectionNode[],
  path: readonly string[],
): readonly SelectionNode[] {
  return path.reduce(
    (all, wanted) =>
      all.flatMap((selectionNode) =>
        subfields(info, selectionNode).flatMap(
          ({ name, selectionNode: child }) => (name === wanted && child) || [],
        ),
      ),
    selectionNodes,
  );
}

/** The names of the fields that are asked for at some selection nodes. */
export function namesAt(
  info: GraphQLResolveInfo,
  selectionNodes: readonly SelectionNode[],
): ReadonlySet<string> {
  return new Set(
    selectionNodes.flatMap((selectionNode) => subfields(info, selectionNode).map(({ name }) => name)),
  );
}

/** How many fields stand at some selection nodes, under all their names, and below them. */
export function fieldsAt(info: GraphQLResolveInfo, selectionNodes: readonly SelectionNode[]): number {
  return selectionNodes.reduce(
    (sum, selectionNode) =>
      subfields(info, selectionNode).reduce(
        (count, { selectionNode: child }) => count + 1 + (child ? fieldsAt(info, [child]) : 0),
        sum,
      ),
    0,
  );
}

/**
 * What is asked of `meta`'s table at some selection nodes, which all return its rows.
 * @param owner what its rows are attached by, where they belong to rows of another table
 */
export function selectionAt(
  info: GraphQLResolveInfo,
  meta: EntityMetadata,
  selectionNodes: readonly SelectionNode[],
  owner: readonly string[] = [],
): Selection {
  const columns = new Set(['key', ...owner]);
  const children = new Map<string, SelectionNode[]>();
  const texts = new Map<string, number>();
  let id = false;
  let values = 1;
  for (const selectionNode of selectionNodes) {
    for (const { name, selectionNode: child } of subfields(info, selectionNode)) {
      values += 1;
      if (name === 'id') id = true;
      if (meta.properties[name] === undefined) continue;
      if (child === null && codecOf(meta, name).isLong) texts.set(name, (texts.get(name) ?? 0) + 1);
      if (child === null) columns.add(name);
      else children.set(name, [...(children.get(name) ?? []), child]);
    }
  }
  const relations = new Map<string, Selection>();
  let joined: EntityProperty | null = null;
  for (const [name, nodesBelow] of children) {
    const property = propertyOf(meta, name);
    const target = property.targetMeta as EntityMetadata;
    if (isToOne(property)) columns.add(name);
    if (isToMany(property)) joined ??= property;
    const foreignKey = isToMany(property) ? [property.mappedBy as string] : [];
    relations.set(name, selectionAt(info, target, nodesBelow, foreignKey));
  }
  const parents = [...relations].flatMap(([name, child]) =>
    isToOne(propertyOf(meta, name)) && isKeyAlone(child) ? [name] : [],
  );
  return { meta, columns: [...columns], parents, id, values, texts: [...texts], relations, joined };
}

/** Whether nothing but the key is selected. */
export function isKeyAlone({ columns, relations }: Selection): boolean {
  return relations.size === 0 && columns.length === 1;
}

interface Subfield {
  /** The field's own name. */
  readonly name: string;
  /** Where it selects from; null for a field without fields of its own. */
  readonly selectionNode: SelectionNode | null;
}

/** The fields at a selection node, one for each name in the answer. */
function subfields(info: GraphQLResolveInfo, { type, nodes }: SelectionNode): readonly Subfield[] {
  const collected = collectSubfields(info.schema, info.fragments, info.variableValues, type, nodes);
  return [...collected.values()].map((group) => {
    const name = group[0]?.name.value as string;
    const field = type.getFields()[name]; // None for __typename.
    const named = field && getNamedType(field.type);
    return { name, selectionNode: isObjectType(named) ? { type: named, nodes: group } : null };
  });
}

function objectType(type: GraphQLResolveInfo['returnType']): GraphQLObjectType {
  const named = getNamedType(type);
  if (!isObjectType(named)) throw new TypeError(`${named.name} is not an object type`);
  return named;
}
