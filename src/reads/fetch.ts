import type { EntityProperty } from '@mikro-orm/core';
import type { SourceName } from '../source-name.ts';
import { globalId } from './global-id.ts';
import type { Order } from './order.ts';
import { isToOne, propertyOf } from './properties.ts';
import type { Selection } from './selection.ts';
import { createValues, type Question, type Statement, type Values } from './statement.ts';
import type { Filter } from './where.ts';

/** A plain row: properties by their names in the API, relations as nested rows. */
export type Row = Record<string, unknown> & { key: number; source: SourceName };

/** Where rows come from: one source, and how its statements are made and run. */
export interface Connection {
  readonly source: SourceName;
  readonly statement: (question: Question, values: readonly unknown[]) => Statement;
  readonly run: <R extends object>(statement: Statement) => Promise<R[]>;
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

/** Reads rows with one statement, then each relation asked for with one more, whatever the number of rows. */
export async function fetchRows(connection: Connection, selection: Selection, range: Range): Promise<Row[]> {
  const { meta, relations } = selection;
  const { values, needed, ...which } = range;
  if (which.filter === false || which.limit === 0) return [];
  const columns = needed === undefined ? selection.columns : [...new Set([...selection.columns, ...needed])];
  const statement = connection.statement({ meta, columns, ...which }, values.list);
  const rows = await connection.run<Row>(statement);
  for (const row of rows) complete(row, connection.source, selection);
  if (rows.length > 0 && relations.size > 0) {
    await Promise.all(
      [...relations].map(([name, child]) => attach(connection, rows, propertyOf(meta, name), child)),
    );
  }
  return rows;
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
  const length = 2 ** Math.ceil(Math.log2(keys.length));
  const list = Array.from({ length }, (_, at) => values.bind(keys[Math.min(at, keys.length - 1)]));
  return { filter: { [property]: { $in: list } }, order, values };
}

function entityOrder(orderBy: EntityProperty['orderBy']): Order {
  return Object.entries(orderBy as Record<string, 'asc' | 'desc'>).map(([property, direction]) => ({
    property,
    direction,
    nullable: false,
  }));
}

/** Adds what is no column. */
function complete(row: Row, source: SourceName, { id, meta }: Selection): Row {
  row.source = source;
  if (id) row.id = globalId(source, meta.className, row.key);
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
