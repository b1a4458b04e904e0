import type { EntityMetadata } from '@mikro-orm/core';
import type { TandemError } from '../errors/tandem-error.ts';
import { unreadableValue } from '../errors/unreadable-value.ts';
import type { SourceName } from '../source-name.ts';
import { type Times, takeRows, timesByKey } from './answer-size.ts';
import type { Budget } from './budget.ts';
import type { Filter } from './filter-to-condition.ts';
import { globalId } from './global-id.ts';
import { filledUp, inLists } from './lists.ts';
import type { Order } from './order.ts';
import { isToOne } from './properties.ts';
import type { JoinedRelation, ReadPlan, ReadRelation } from './read-plan.ts';
import type { Row } from './row.ts';
import type { Selection } from './selection.ts';
import { type BoundStatement, type BoundValues, createValues, type SelectSpec } from './statement.ts';

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
  fieldPlan: ReadPlan,
  range: Range,
  times: Times | null = null,
): Promise<Row[]> {
  const { filter, order, limit, values, needed, isScan = false } = range;
  if (filter === false || limit === 0) return [];
  const plan = needed === undefined ? fieldPlan : fieldPlan.including(needed);
  const { projection } = plan;
  const spec = { projection, filter, order, isScan, ...(limit === undefined ? {} : { limit }) };
  if (plan.joined !== null) return fetchJoined(runner, plan, plan.joined, { spec, values, times });
  const results = await runner.arrays(runner.statement(spec, values.list));
  const { makeRow, selection } = plan;
  const rows = results.map((result) => complete(makeRow(result, 0), runner.source, selection));
  takeRows(runner.budget, plan, rows, times);
  if (plan.attached.length > 0) await attachAll(runner, rows, plan, plan.attached, timesByKey(rows, times));
  return rows;
}

async function fetchJoined(
  runner: QueryRunner,
  plan: ReadPlan,
  { property: { name, mappedBy }, plan: childPlan, makeRow: makeChild }: JoinedRelation,
  { spec, values, times }: { spec: SelectSpec; values: BoundValues; times: Times | null },
): Promise<Row[]> {
  const { budget } = runner;
  const { makeRow, selection } = plan;
  const child = childPlan.selection;
  // Each row that is read has a child, or a parent without one.
  const joinLimit = budget.rowsOf(Math.min(selection.values, child.values));
  const results = await runner.arrays(runner.statement({ ...spec, joinLimit }, values.list));

  const width = selection.columns.length;
  const rows = new Map<unknown, Row>();
  const children: Row[] = [];
  /** How often each child stands in the answer, by its key: as often as its parent. */
  const timesOfParents = new Map<unknown, number>();
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
    if (times !== null) timesOfParents.set(one.key, times.of.get(row[times.by]) as number);
  }
  const list = [...rows.values()];
  const timesOfChildren = times && { by: 'key', of: timesOfParents };
  takeRows(budget, plan, list, times);
  takeRows(budget, childPlan, children, timesOfChildren);
  if (plan.attached.length > 0 || childPlan.relations.length > 0) {
    await Promise.all([
      attachAll(runner, list, plan, plan.attached, timesByKey(list, times)),
      attachAll(runner, children, childPlan, childPlan.relations, timesOfChildren),
    ]);
  }
  return list;
}

/** Hangs the rows of relations into the rows that have them. */
async function attachAll(
  runner: QueryRunner,
  rows: readonly Row[],
  { selection: { meta } }: ReadPlan,
  relations: readonly ReadRelation[],
  times: Times | null,
): Promise<void> {
  if (rows.length === 0) return;
  await Promise.all(relations.map((relation) => attach(runner, { meta, rows, times }, relation)));
}

/** Rows that get the rows of a relation, and how often each stands in the answer, by its key. */
interface Parents {
  readonly meta: EntityMetadata;
  readonly rows: readonly Row[];
  readonly times: Times | null;
}

/** Hangs a relation's rows into the rows that have it. */
function attach(runner: QueryRunner, parents: Parents, relation: ReadRelation) {
  return isToOne(relation.property)
    ? attachParents(runner, parents, relation)
    : attachChildren(runner, parents, relation);
}

/** To-one: a row holds its parent's key under the relation's name; the parent's row takes its place. */
async function attachParents(
  runner: QueryRunner,
  { meta, rows, times }: Parents,
  { property: { name, nullable }, plan }: ReadRelation,
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
      : plan.isKeyAlone
        ? keysAlone(runner, keys, plan, { by: 'key', of })
        : await fetchAmong(runner, plan, { property: 'key', keys }, { by: 'key', of });
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

function keysAlone(runner: QueryRunner, keys: readonly number[], plan: ReadPlan, times: Times): Row[] {
  const rows = keys.map((key) => complete({ key } as Row, runner.source, plan.selection));
  takeRows(runner.budget, plan, rows, times);
  return rows;
}

/** To-many: the children of all rows at once, in the order that the entity gives, put under each row. */
async function attachChildren(
  runner: QueryRunner,
  { rows, times }: Parents,
  { property: { name, mappedBy }, plan, order }: ReadRelation,
): Promise<void> {
  const keys = rows.map(({ key }) => key);
  const which = {
    property: mappedBy,
    keys,
    order,
    // Joined, it would count parents.
    ...(plan.joined === null && { limit: () => runner.budget.rowsOf(plan.selection.values) }),
  };
  const children = await fetchAmong(runner, plan, which, times && { by: mappedBy, of: times.of });
  const lists = new Map<unknown, Row[]>();
  for (const row of rows) {
    const list: Row[] = [];
    lists.set(row.key, list);
    row[name] = list;
  }
  for (const child of children) lists.get(parentKey(child[mappedBy]))?.push(child);
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
  plan: ReadPlan,
  { property, keys, order = [], limit }: Among,
  times: Times | null,
): Promise<Row[]> {
  const some = (list: readonly number[]) => {
    const values = createValues();
    const filter = { [property]: { $in: filledUp(list).map(values.bind) } };
    const range = { filter, order, values, ...(limit !== undefined && { limit: limit() }) };
    return fetchRows(runner, plan, range, times);
  };
  const lists = inLists(keys);
  if (lists.length === 1) return some(keys);
  const rows: Row[] = [];
  // One after another: a list that long is no reason to take several connections.
  for (const list of lists) for (const row of await some(list)) rows.push(row);
  return rows;
}

/** Makes what MySQL returned what the API returns. */
function complete(row: Row, source: SourceName, selection: Selection): Row {
  row.source = source;
  if (selection.id) row.id = globalId(source, selection.meta.className, row.key);
  return row;
}

/** The parent's key: itself, or inside the parent's row where that was selected and attached already. */
function parentKey(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? (value as Row).key : value;
}
