import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { type GraphQLField, type GraphQLResolveInfo, getArgumentValues, visit } from 'graphql';
import { codecOf, foreignColumnsOf, primaryKeyOf } from '../column-types/column-types.ts';
import { storageKeyOf } from '../util/storage-key.ts';
import type { AskedOfAggregate } from './aggregate-form.ts';
import { aggregateFunctions } from './aggregate-maker.ts';
import { computedField, type Getter } from './computed-fields.ts';
import { isInverse, isToOne, propertyOf } from './entity-properties.ts';
import { type OrderPath, orderPath } from './order-path.ts';
import { below, fieldsAt, namesAt, type SelectionNode, type Subfield, subfields } from './selection-nodes.ts';

/** The parts of one table that an operation asks for, and of the tables that hang on it. */
export interface Selection {
  readonly meta: EntityMetadata;
  /** Columns to read: those of the key first, what was asked for, and what relations are attached by. */
  readonly columns: readonly OrderPath[];
  /** Columns that a row keeps, whatever else is made of them. */
  readonly kept?: readonly OrderPath[];
  /** The columns that the key of each to-one relation's row is made of. */
  readonly references: ReadonlyMap<string, readonly string[]>;
  /** Whether `id`, which is made from source, type and key, was asked for. */
  readonly id: boolean;
  /** Under which a row holds its `RowKey`. */
  readonly place: string;
  /** Whether `key` was asked for. */
  readonly key: boolean;
  /** To-one relations by property. */
  readonly relations: ReadonlyMap<string, Selection>;
  /** Pages of to-many relations. */
  readonly lists: readonly (BelowRow & { readonly page: PageSelection })[];
  /** Functions of the rows of to-many relations. */
  readonly aggregates: readonly (BelowRow & { readonly asked: AskedOfAggregate })[];
  /** Values that each row gives the answer: the row itself, and its fields under all their names. */
  readonly values: number;
  /** Names among `columns` that are no properties, and the SQL that each stands for; in it, the table's alias is `row`. */
  readonly computed?: ReadonlyMap<string, string>;
  /** Texts among the columns, and in how many places of the answer each stands. */
  readonly texts: readonly (readonly [name: string, places: number])[];
  /** Fields whose values are made of the row's columns (computed-fields.ts). */
  readonly getters: readonly Getter[];
}

/** A field of a row that has arguments, and whose value comes of the rows of a to-many relation. */
export interface BelowRow {
  /** Under which a row holds its value. */
  readonly storageKey: string;
  readonly property: EntityProperty;
  readonly argumentsOf: ArgumentsOf;
}

/** A field's arguments, by the coerced variables of a request. */
export interface ArgumentsOf {
  (variables: GraphQLResolveInfo['variableValues']): Readonly<Record<string, unknown>>;
  /** Whether they depend on none. */
  readonly isConstant: boolean;
  /** Whether the document gives a cursor, or a variable that may hold one. */
  readonly hasCursor: boolean;
}

/** The parts of a connection that an operation asks for. */
export interface PageSelection {
  /** Of its rows. */
  readonly selection: Selection;
  readonly rows: boolean;
  readonly cursors: boolean;
  readonly pageInfo: boolean;
  readonly total: boolean;
}

/** The selection of a connection of `meta`'s rows at some selection nodes. */
export function pageSelectionAt(
  info: GraphQLResolveInfo,
  meta: EntityMetadata,
  selectionNodes: readonly SelectionNode[],
): PageSelection {
  const names = namesAt(info, selectionNodes);
  const edges = below(info, selectionNodes, ['edges']);
  const pageInfo = names.has('pageInfo');
  const selection = selectionAt(info, meta, [
    ...below(info, selectionNodes, ['nodes']),
    ...below(info, edges, ['node']),
  ]);
  const ofEdges = edges.reduce((sum, edge) => sum + 1 + namesAt(info, [edge]).size, 0);
  return {
    selection: { ...selection, values: selection.values + ofEdges },
    rows: names.has('nodes') || edges.length > 0 || pageInfo,
    pageInfo,
    cursors: pageInfo || namesAt(info, edges).has('cursor'),
    total: names.has('totalCount'),
  };
}

/** The selection of an aggregate at some selection nodes: the properties of each function, and the values of each group. */
export function aggregateSelectionAt(
  info: GraphQLResolveInfo,
  selectionNodes: readonly SelectionNode[],
): AskedOfAggregate {
  const functions = Object.entries(aggregateFunctions).map(
    ([field, name]) => [name, [...namesAt(info, below(info, selectionNodes, [field]))]] as const,
  );
  return { functions: new Map(functions), values: 1 + fieldsAt(info, selectionNodes) };
}

/** The selection of `meta`'s table at some selection nodes, which all return its rows. */
export function selectionAt(
  info: GraphQLResolveInfo,
  meta: EntityMetadata,
  selectionNodes: readonly SelectionNode[],
): Selection {
  const key = primaryKeyOf(meta);
  const columns = new Set(key.columns.map(({ name }) => name));
  const toOne = new Map<string, SelectionNode[]>();
  const toMany = new Map<string, FieldBelowRow>();
  const texts = new Map<string, number>();
  const getters = new Map<string, Getter>();
  let id = false;
  let keyAsked = false;
  let values = 1;
  for (const selectionNode of selectionNodes) {
    for (const subfield of subfields(info, selectionNode)) {
      const { name, selectionNode: child } = subfield;
      values += 1;
      if (name === 'id') id = true;
      if (name === 'key') {
        keyAsked = true;
        if (child !== null) values += fieldsAt(info, [child]);
      }
      const property = propertyBelow(meta, name);
      if (property === undefined) {
        const computed = computedField(meta, name);
        for (const column of computed?.needs ?? []) columns.add(column);
        if (computed?.getter != null) getters.set(name, computed.getter);
        continue;
      }
      if (child === null) {
        if (codecOf(meta, name).isLong) texts.set(name, (texts.get(name) ?? 0) + 1);
        columns.add(name);
      } else if (isToOne(property)) {
        toOne.set(name, [...(toOne.get(name) ?? []), child]);
      } else {
        const storageKey = storageKeyOf(subfield.node);
        const known = toMany.get(storageKey);
        if (known === undefined) toMany.set(storageKey, { property, subfield, nodes: [child] });
        else known.nodes.push(child);
      }
    }
  }
  const relations = new Map(
    [...toOne].map(([name, nodes]) => [
      name,
      ofField(selectionAt(info, propertyOf(meta, name).targetMeta as EntityMetadata, nodes)),
    ]),
  );
  const references = new Map([...relations].map(([name, child]) => [name, referenceOf(meta, name, child)]));
  for (const names of references.values()) for (const name of names) columns.add(name);
  return {
    meta,
    columns: [...columns],
    references,
    id,
    place: key.place,
    key: keyAsked,
    values,
    texts: [...texts],
    getters: [...getters.values()],
    relations,
    ...belowRows(info, toMany),
  };
}

/**
 * The columns that a relation's row is found by. They are those of the foreign key, or the row's own, joined: where no more than its key is
 * asked, so that it is there; where the foreign key is in the other table; and where the foreign key can have another text for the key.
 */
function referenceOf(meta: EntityMetadata, name: string, child: Selection): readonly string[] {
  const property = propertyOf(meta, name);
  const target = primaryKeyOf(child.meta);
  if (!isKeyAlone(child) && !isInverse(property) && target.isExact) return foreignColumnsOf(property);
  return target.columns.map((column) => orderPath([name, column.name]));
}

/** As the value of a field, a row has been counted with the fields of another. */
function ofField(selection: Selection): Selection {
  return { ...selection, values: selection.values - 1 };
}

/** Whether nothing but the key is selected. */
export function isKeyAlone({ meta, columns, relations, lists, aggregates, getters }: Selection): boolean {
  const { length } = primaryKeyOf(meta).columns;
  return (
    getters.length === 0 &&
    columns.length === length &&
    relations.size === 0 &&
    lists.length === 0 &&
    aggregates.length === 0
  );
}

interface FieldBelowRow {
  readonly property: EntityProperty;
  readonly subfield: Subfield;
  readonly nodes: SelectionNode[];
}

/** How the field of a to-many relation's aggregates is named: `recordsAggregate`. */
export const aggregateSuffix = 'Aggregate';

/** The property that a field has its value from. */
function propertyBelow({ properties }: EntityMetadata, name: string): EntityProperty | undefined {
  const isAggregate = properties[name] === undefined && name.endsWith(aggregateSuffix);
  const property = properties[isAggregate ? name.slice(0, -aggregateSuffix.length) : name];
  return property as unknown as EntityProperty | undefined;
}

function belowRows(info: GraphQLResolveInfo, fields: ReadonlyMap<string, FieldBelowRow>) {
  const lists: Selection['lists'][number][] = [];
  const aggregates: Selection['aggregates'][number][] = [];
  for (const [storageKey, { property, subfield, nodes }] of fields) {
    const of = { storageKey, property, argumentsOf: argumentsOf(subfield) };
    const isList = subfield.name === property.name;
    if (isList)
      lists.push({ ...of, page: pageSelectionAt(info, property.targetMeta as EntityMetadata, nodes) });
    else aggregates.push({ ...of, asked: aggregateSelectionAt(info, nodes) });
  }
  return { lists, aggregates };
}

const cursors: ReadonlySet<string> = new Set(['after', 'before']);

function argumentsOf({ field, node }: Subfield): ArgumentsOf {
  let isConstant = true;
  visit(node, {
    SelectionSet: () => false,
    Variable() {
      isConstant = false;
    },
  });
  const definition = field as GraphQLField<unknown, unknown>;
  const constant = isConstant ? getArgumentValues(definition, node) : undefined;
  return Object.assign(
    (variables: GraphQLResolveInfo['variableValues']) =>
      constant ?? getArgumentValues(definition, node, variables),
    { isConstant, hasCursor: (node.arguments ?? []).some(({ name }) => cursors.has(name.value)) },
  );
}
