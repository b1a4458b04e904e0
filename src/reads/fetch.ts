import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import type { TandemError } from '../errors/tandem-error.ts';
import { unreadableValue } from '../errors/unreadable-value.ts';
import type { SourceName } from '../source-name.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { type Times, takeRows, timesByKey } from './answer-size.ts';
import type { Budget } from './budget.ts';
import { globalId } from './global-id.ts';
import { filledUp, inLists } from './lists.ts';
import type { Order } from './order.ts';
import { isToOne, propertyOf } from './properties.ts';
import { type MakeRow, type Row, rowMaker, toBoolean } from './row.ts';
import { isKeyAlone, type Selection } from './selection.ts';
import {
  type BoundStatement,
  type BoundValues,
  createValues,
  type Join,
  type SelectSpec,
} from './statement.ts';
import type { Filter } from './where.ts';

/** Where rows come from: one source, and how its statements are made and run. */
export interface QueryRunner {
  readonly source: SourceName;
  /** What is left for the operation. */
  readonly budget: Budget;
  readonly statement: (spec: SelectSpec, values: readonly unknown[]) => BoundStatement;
  /** Rows as objects, under the names that the statement gives. */
  readonly rows: <R extends object>(statement: BoundStatement) => Promise<R[]>;
  /** Rows as arrays, in the order of the statement. */
  readonly arrays: (statement: BoundStatement) => Promise<unknown[][]>;
}

/** Which rows of a table, in which order. */
export interface Range {
  readonly filter: Filter;
  readonly order: Order;
  readonly values: BoundValues;
  readonly limit?: number;
  /** Whether it may read a whole table; absent: an index leads to the rows. */
  readonly isScan?: boolean;
  /** Columns that the caller needs besides those that the selection names. */
  readonly needed?: readonly string[];
}

/**
 * Reads rows and all that hangs on them. One statement reads the rows and, joined to them, those of their first
 * to-many relation; each further relation costs one more, whatever the number of rows.
 *
 * @param times how often the rows stand in the answer
 * @throws TandemError OPERATION_TOO_COMPLEX where the answer would hold more than the operation's budget has left
 */
export async function fetchRows(
  runner: QueryRunner,
  selection: Selection,
  range: Range,
  times: Times | null = null,
): Promise<Row[]> {
  const { filter, limit, values, needed, ...which } = range;
  if (filter === false || limit === 0) return [];
  const columns = needed === undefined ? selection.columns : withNeeded(selection, needed);
  const spec = {
    meta: selection.meta,
    columns,
    parents: selection.parents,
    filter,
    ...which,
    ...(limit === undefined ? {} : { limit }),
  };
  if (selection.joined !== null)
    return fetchJoined(runner, selection, selection.joined, { spec, values, times });
  const results = await runner.arrays(runner.statement(spec, values.list));
  const makeRow = makerOf(selection, columns);
  const rows = results.map((result) => complete(makeRow(result, 0), runner.source, selection));
  takeRows(runner.budget, selection, rows, times);
  if (selection.relations.size > 0) await attachAll(runner, rows, selection, timesByKey(rows, times));
  return rows;
}

/** A selection's columns and more, by the names of those. */
const largerOf = memoizeWeak((_: Selection) => new Map<string, readonly string[]>());

function withNeeded(selection: Selection, needed: readonly string[]): readonly string[] {
  const known = largerOf(selection);
  const name = needed.join();
  const columns = known.get(name) ?? [...new Set([...selection.columns, ...needed])];
  if (!known.has(name)) known.set(name, columns);
  return columns;
}

async function fetchJoined(
  runner: QueryRunner,
  selection: Selection,
  { name, mappedBy }: EntityProperty,
  { spec, values, times }: { spec: SelectSpec; values: BoundValues; times: Times | null },
): Promise<Row[]> {
  const { budget } = runner;
  const child = selection.relations.get(name) as Selection;
  // Each row that is read has a child, or an owner who has none.
  const join = { ...joinOf(selection), limit: budget.rowsOf(Math.min(selection.values, child.values)) };
  const results = await runner.arrays(runner.statement({ ...spec, join }, values.list));

  const width = spec.columns.length;
  const makeRow = makerOf(selection, spec.columns);
  const makeChild = makerOf(child, join.columns);
  const rows = new Map<unknown, Row>();
  const children: Row[] = [];
  /** How often each child stands in the answer, by its key: as often as its owner. */
  const owners = new Map<unknown, number>();
  for (const result of results) {
    let row = rows.get(result[0]);
    if (row === undefined) {
      row = complete(makeRow(result, 0), runner.source, selection);
      row[name] = [];
      rows.set(row.key, row);
    }
    if (result[width] === null) continue;
    const one = complete(makeChild(result, width), runner.source, child);
    if (child.relations.has(mappedBy)) one[mappedBy] = row.key;
    (row[name] as Row[]).push(one);
    children.push(one);
    if (times !== null) owners.set(one.key, times.of.get(row[times.by]) as number);
  }
  const list = [...rows.values()];
  const timesOfChildren = times && { by: 'key', of: owners };
  takeRows(budget, selection, list, times);
  takeRows(budget, child, children, timesOfChildren);
  if (selection.relations.size > 1 || child.relations.size > 0) {
    await Promise.all([
      attachAll(runner, list, selection, timesByKey(list, times), name),
      attachAll(runner, children, child, timesOfChildren),
    ]);
  }
  return list;
}

/** How the rows of the relation that is joined come with their owners'. */
const joinOf = memoizeWeak((selection: Selection): Omit<Join, 'limit'> => {
  const { name, mappedBy, orderBy } = selection.joined as EntityProperty;
  const { meta, columns, parents } = selection.relations.get(name) as Selection;
  // What a child is attached by is its owner's key: no need to read it.
  const read = columns.filter((column) => column !== mappedBy);
  return {
    property: name,
    meta,
    columns: read,
    parents: parents.filter((parent) => parent !== mappedBy),
    order: entityOrder(orderBy),
  };
});

/** Makers of rows, for each selection by its columns: a page may need more of them than it was asked for. */
const makersOf = memoizeWeak((_: Selection) => new Map<readonly string[], MakeRow>());

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
  runner: QueryRunner,
  rows: readonly Row[],
  { meta, relations }: Selection,
  times: Times | null,
  joined?: string,
): Promise<void> {
  if (rows.length === 0) return;
  await Promise.all(
    [...relations]
      .filter(([name]) => name !== joined)
      .map(([name, child]) => attach(runner, { meta, rows, times }, propertyOf(meta, name), child)),
  );
}

/** Rows that something is hung into, and how often each stands in the answer, by its key. */
interface Owners {
  readonly meta: EntityMetadata;
  readonly rows: readonly Row[];
  readonly times: Times | null;
}

/** Hangs a relation's rows into the rows that have it. */
function attach(runner: QueryRunner, owners: Owners, property: EntityProperty, child: Selection) {
  return isToOne(property)
    ? attachParents(runner, owners, property, child)
    : attachChildren(runner, owners, property, child);
}

/** To-one: a row holds its parent's key under the relation's name; the parent's row takes its place. */
async function attachParents(
  runner: QueryRunner,
  { meta, rows, times }: Owners,
  { name, nullable }: EntityProperty,
  selection: Selection,
): Promise<void> {
  const of = new Map<number, number>();
  for (const row of rows) {
    const key = row[name] as number | null;
    if (key !== null)
      of.set(key, (of.get(key) ?? 0) + (times === null ? 1 : (times.of.get(row.key) as number)));
  }
  const keys = [...of.keys()];
  const parents =
    keys.length === 0
      ? []
      : isKeyAlone(selection)
        ? keysAlone(runner, keys, selection, { by: 'key', of })
        : await fetchAmong(runner, selection, { property: 'key', keys }, { by: 'key', of });
  const byKey = new Map(parents.map((parent) => [parent.key, parent]));
  for (const row of rows) {
    row[name] =
      byKey.get(row[name] as number) ?? (nullable === true ? null : orphan(runner.source, meta, row, name));
  }
}

/** A foreign key leads nowhere where rows were written without foreign_key_checks. To GraphQL, it is the field's error. */
function orphan(source: SourceName, { className }: EntityMetadata, { key }: Row, field: string): TandemError {
  const row = `${className} ${key} (id ${globalId(source, className, key)})`;
  return unreadableValue(`The ${field} of ${row} is not there, which it must be.`, source);
}

function keysAlone(runner: QueryRunner, keys: readonly number[], selection: Selection, times: Times): Row[] {
  const rows = keys.map((key) => complete({ key } as Row, runner.source, selection));
  takeRows(runner.budget, selection, rows, times);
  return rows;
}

/** To-many: the children of all rows at once, in the order that the entity gives, put under each row. */
async function attachChildren(
  runner: QueryRunner,
  { rows, times }: Owners,
  { name, mappedBy, orderBy }: EntityProperty,
  selection: Selection,
): Promise<void> {
  const keys = rows.map(({ key }) => key);
  const which = {
    property: mappedBy,
    keys,
    order: entityOrder(orderBy),
    // Joined, it would count owners.
    ...(selection.joined === null && { limit: () => runner.budget.rowsOf(selection.values) }),
  };
  const children = await fetchAmong(runner, selection, which, times && { by: mappedBy, of: times.of });
  const lists = new Map<unknown, Row[]>();
  for (const row of rows) {
    const list: Row[] = [];
    lists.set(row.key, list);
    row[name] = list;
  }
  for (const child of children) lists.get(ownerKey(child[mappedBy]))?.push(child);
}

/** Rows of which a column has one of these values. */
interface Among {
  readonly property: string;
  readonly keys: readonly number[];
  /** Of the rows of one key. */
  readonly order?: Order;
  /** How many rows a statement may still read. */
  readonly limit?: () => number;
}

/** Reads them with one statement, but for very many keys; the rows of one key stand together. */
export async function fetchAmong(
  runner: QueryRunner,
  selection: Selection,
  { property, keys, order = [], limit }: Among,
  times: Times | null,
): Promise<Row[]> {
  const some = (list: readonly number[]) => {
    const values = createValues();
    const filter = { [property]: { $in: filledUp(list).map(values.bind) } };
    const range = { filter, order, values, ...(limit !== undefined && { limit: limit() }) };
    return fetchRows(runner, selection, range, times);
  };
  const lists = inLists(keys);
  if (lists.length === 1) return some(keys);
  const rows: Row[] = [];
  // One after another: a list that long is no reason to take several connections.
  for (const list of lists) for (const row of await some(list)) rows.push(row);
  return rows;
}

function entityOrder(orderBy: EntityProperty['orderBy']): Order {
  return Object.entries(orderBy as Record<string, 'asc' | 'desc'>).map(([property, direction]) => ({
    property,
    direction,
  }));
}

/** Makes what MySQL returned what the API returns. */
function complete(row: Row, source: SourceName, selection: Selection): Row {
  row.source = source;
  for (const name of selection.booleans) row[name] = toBoolean(row[name]);
  if (selection.id) row.id = globalId(source, selection.meta.className, row.key);
  return row;
}

/** The owner's key: itself, or inside the owner's row where that was asked for and attached already. */
function ownerKey(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? (value as Row).key : value;
}
