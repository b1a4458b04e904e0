import type { EntityProperty } from '@mikro-orm/core';
import { perObject } from '../per-object.ts';
import type { SourceName } from '../source-name.ts';
import type { Budget } from './budget.ts';
import { globalId } from './global-id.ts';
import type { Order } from './order.ts';
import { isToOne, propertyOf } from './properties.ts';
import { type MakeRow, type Row, rowMaker, toBoolean } from './row.ts';
import type { Selection } from './selection.ts';
import { createValues, type Join, type Question, type Statement, type Values } from './statement.ts';
import type { Filter } from './where.ts';

/** Where rows come from: one source, and how its statements are made and run. */
export interface Connection {
  readonly source: SourceName;
  /** What is left for the operation. */
  readonly budget: Budget;
  readonly statement: (question: Question, values: readonly unknown[]) => Statement;
  /** Rows as objects, under the names that the statement gives. */
  readonly rows: <R extends object>(statement: Statement) => Promise<R[]>;
  /** Rows as arrays, in the order of the statement. */
  readonly arrays: (statement: Statement) => Promise<unknown[][]>;
}

/** Which rows of a table, in which order. */
export interface Range {
  readonly filter: Filter;
  readonly order: Order;
  readonly values: Values;
  readonly limit?: number;
  /** Columns that the caller needs besides those that the selection names. */
  readonly needed?: readonly string[];
}

/**
 * Reads rows and all that hangs on them. One statement reads the rows and, joined to them, those of their first
 * to-many relation; each further relation costs one more, whatever the number of rows.
 */
export async function fetchRows(connection: Connection, selection: Selection, range: Range): Promise<Row[]> {
  const { filter, limit, values, needed, ...which } = range;
  if (filter === false || limit === 0) return [];
  const columns = needed === undefined ? selection.columns : withNeeded(selection, needed);
  const question = {
    meta: selection.meta,
    columns,
    filter,
    ...which,
    ...(limit === undefined ? {} : { limit }),
  };
  if (selection.joined !== null)
    return fetchJoined(connection, selection, selection.joined, question, values);
  const results = await connection.arrays(connection.statement(question, values.list));
  const makeRow = makerOf(selection, columns);
  const rows = results.map((result) => complete(makeRow(result, 0), connection.source, selection));
  if (selection.relations.size > 0) await attachAll(connection, rows, selection);
  return rows;
}

/** A selection's columns and more, by the names of those. */
const largerOf = perObject((_: Selection) => new Map<string, readonly string[]>());

function withNeeded(selection: Selection, needed: readonly string[]): readonly string[] {
  const known = largerOf(selection);
  const name = needed.join();
  const columns = known.get(name) ?? [...new Set([...selection.columns, ...needed])];
  if (!known.has(name)) known.set(name, columns);
  return columns;
}

async function fetchJoined(
  connection: Connection,
  selection: Selection,
  property: EntityProperty,
  question: Question,
  values: Values,
): Promise<Row[]> {
  const { name, mappedBy } = property;
  const child = selection.relations.get(name) as Selection;
  const join = joinOf(selection);
  const results = await connection.arrays(connection.statement({ ...question, join }, values.list));

  const width = question.columns.length;
  const makeRow = makerOf(selection, question.columns);
  const makeChild = makerOf(child, join.columns);
  const rows = new Map<unknown, Row>();
  const children: Row[] = [];
  for (const result of results) {
    let row = rows.get(result[0]);
    if (row === undefined) {
      row = complete(makeRow(result, 0), connection.source, selection);
      row[name] = [];
      rows.set(row.key, row);
    }
    if (result[width] === null) continue;
    const one = complete(makeChild(result, width), connection.source, child);
    if (child.relations.has(mappedBy)) one[mappedBy] = row.key;
    (row[name] as Row[]).push(one);
    if (child.relations.size > 0) children.push(one);
  }
  const list = [...rows.values()];
  if (selection.relations.size > 1 || children.length > 0)
    await Promise.all([attachAll(connection, list, selection, name), attachAll(connection, children, child)]);
  return list;
}

/** How the rows of the relation that is joined come with their owners'. */
const joinOf = perObject((selection: Selection): Join => {
  const { name, mappedBy, orderBy } = selection.joined as EntityProperty;
  const { meta, columns } = selection.relations.get(name) as Selection;
  // What a child is attached by is its owner's key: no need to read it.
  const read = columns.filter((column) => column !== mappedBy);
  return { property: name, meta, columns: read, order: entityOrder(orderBy) };
});

/** Makers of rows, for each selection by its columns: a page may need more of them than it was asked for. */
const makersOf = perObject((_: Selection) => new Map<readonly string[], MakeRow>());

function makerOf(selection: Selection, columns: readonly string[]): MakeRow {
  const known = makersOf(selection);
  const maker = known.get(columns) ?? rowMaker(columns, placesOf(selection));
  if (!known.has(columns)) known.set(columns, maker);
  return maker;
}

/** What is put into a row besides its columns. */
function placesOf({ id, relations }: Selection): string[] {
  return ['source', ...(id ? ['id'] : []), ...relations.keys()];
}

/** Hangs each relation's rows into the rows that have it; those of `joined` came with them. */
async function attachAll(
  connection: Connection,
  rows: readonly Row[],
  { meta, relations }: Selection,
  joined?: string,
): Promise<void> {
  if (rows.length === 0) return;
  await Promise.all(
    [...relations]
      .filter(([name]) => name !== joined)
      .map(([name, child]) => attach(connection, rows, propertyOf(meta, name), child)),
  );
}

/** Hangs a relation's rows into the rows that have it. */
function attach(connection: Connection, rows: readonly Row[], property: EntityProperty, child: Selection) {
  return isToOne(property)
    ? attachParents(connection, rows, property.name, child)
    : attachChildren(connection, rows, property, child);
}

/** To-one: a row holds its parent's key under the relation's name; the parent's row takes its place. */
async function attachParents(
  connection: Connection,
  rows: readonly Row[],
  name: string,
  selection: Selection,
): Promise<void> {
  const keys = [...new Set(rows.map((row) => row[name] as number | null))].filter((key) => key !== null);
  if (keys.length === 0) return;
  const parents = isKeyAlone(selection)
    ? keys.map((key) => complete({ key } as Row, connection.source, selection))
    : await fetchRows(connection, selection, among('key', keys));
  const byKey = new Map(parents.map((parent) => [parent.key, parent]));
  for (const row of rows) row[name] = byKey.get(row[name] as number) ?? null;
}

/** To-many: the children of all rows at once, in the order that the entity gives, put under each row. */
async function attachChildren(
  connection: Connection,
  rows: readonly Row[],
  { name, mappedBy, orderBy }: EntityProperty,
  selection: Selection,
): Promise<void> {
  const keys = rows.map(({ key }) => key);
  const children = await fetchRows(connection, selection, among(mappedBy, keys, entityOrder(orderBy)));
  const lists = new Map<unknown, Row[]>();
  for (const row of rows) {
    const list: Row[] = [];
    lists.set(row.key, list);
    row[name] = list;
  }
  for (const child of children) lists.get(ownerKey(child[mappedBy]))?.push(child);
}

/** Rows whose column is one of the keys; the list is filled up so that few lengths exist, hence few statements. */
export function among(property: string, keys: readonly number[], order: Order = []): Range {
  const values = createValues();
  const list = keys.map((key) => values.bind(key));
  const length = 2 ** Math.ceil(Math.log2(keys.length));
  while (list.length < length) list.push(values.bind(keys.at(-1)));
  return { filter: { [property]: { $in: list } }, order, values };
}

function entityOrder(orderBy: EntityProperty['orderBy']): Order {
  return Object.entries(orderBy as Record<string, 'asc' | 'desc'>).map(([property, direction]) => ({
    property,
    direction,
    nullable: false,
  }));
}

/** Makes what MySQL returned what the API returns. */
function complete(row: Row, source: SourceName, selection: Selection): Row {
  row.source = source;
  for (const name of selection.booleans) row[name] = toBoolean(row[name]);
  if (selection.id) row.id = globalId(source, selection.meta.className, row.key);
  return row;
}

/** Whether the foreign key tells all that is asked of the row it points to. */
function isKeyAlone({ columns, relations }: Selection): boolean {
  return relations.size === 0 && columns.length === 1;
}

/** The owner's key: itself, or inside the owner's row where that was asked for and attached already. */
function ownerKey(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? (value as Row).key : value;
}
