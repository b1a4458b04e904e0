import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { primaryKeyOf } from '../column-types/column-types.ts';
import type { RowKey } from '../column-types/table-key.ts';
import { countLists } from './aggregate-lists.ts';
import { type Times, takeRows } from './answer-size.ts';
import { attachAggregate } from './attach-aggregate.ts';
import { amongKeys } from './bound-key.ts';
import type { BoundList, BoundPlan } from './bound-plan.ts';
import { type BoundValues, createValues } from './bound-values.ts';
import { completeRow, orphan } from './complete-row.ts';
import { isInverse } from './entity-properties.ts';
import { fetchLists, fetchWithList, type RowLists } from './fetch-lists.ts';
import { inLists } from './in-lists.ts';
import { linkOf } from './link.ts';
import { noOrder } from './order.ts';
import { type Owners, timesOfLists } from './owners.ts';
import type { QueryRunner, Range } from './query-runner.ts';
import type { Row } from './row.ts';
import type { SelectSpec } from './select-spec.ts';

/** Rows, and whether there are more of them than the range has use for. */
export interface Fetched {
  readonly rows: Row[];
  readonly more: boolean;
}

/**
 * Reads rows and all that hangs on them. One statement reads the rows and, joined to them, those of their first
 * list; each further list, and each to-one relation, costs one more, whatever the number of rows.
 *
 * @param times how often the rows stand in the answer
 * @throws TandemError OPERATION_TOO_COMPLEX where the answer would hold more than the operation's budget has left
 */
export async function fetchRows(
  runner: QueryRunner,
  bound: BoundPlan,
  range: Range,
  times: Times | null = null,
): Promise<Fetched> {
  const { filter, order, limit, values, size } = range;
  if (filter === false || limit === 0) return { rows: [], more: false };
  const { plan, joined } = bound;
  const isScan = range.isScan === true || joined?.isScan.rows === true;
  const spec = { projection: plan.projection, filter, order, isScan, ...(limit !== undefined && { limit }) };
  const { rows, lists } =
    joined === null
      ? { rows: await fetchAlone(runner, bound, spec, values), lists: null }
      : await fetchWithList(runner, bound, joined, { spec, values });
  const more = rows.length > (size ?? Number.POSITIVE_INFINITY);
  if (more) rows.length = size as number;
  takeRows(runner.budget, plan, rows, times);
  const attached = attachAll(runner, rows, bound, times, lists);
  if (attached !== undefined) await attached;
  return { rows, more };
}

function fetchAlone(
  runner: QueryRunner,
  { plan }: BoundPlan,
  spec: SelectSpec,
  values: BoundValues,
): Promise<Row[]> {
  const { makeRow, selection } = plan;
  return runner
    .arrays(runner.statement(spec, values.list))
    .then((results) => results.map((result) => completeRow(makeRow(result, 0), runner.source, selection)));
}

/**
 * Hangs into rows what belongs to them.
 *
 * @param lists rows of the joined list, which came with them
 * @returns undefined where nothing is waited for
 */
function attachAll(
  runner: QueryRunner,
  rows: readonly Row[],
  { plan: { selection }, relations, lists, joined, aggregates }: BoundPlan,
  times: Times | null,
  joinedLists: RowLists | null,
): Promise<unknown> | undefined {
  if (rows.length === 0 || relations.length + lists.length + aggregates.length === 0) return undefined;
  const owners = { meta: selection.meta, rows, times };
  if (joined !== null && joinedLists !== null && relations.length + lists.length + aggregates.length === 1) {
    if (isWhole(joined)) {
      putPages(runner, owners, joined, joinedLists);
      return undefined;
    }
  }
  return Promise.all([
    ...relations.map(({ property, bound }) => attachParents(runner, owners, property, bound)),
    ...lists.map((list) => attachList(runner, owners, list, list === joined ? joinedLists : null)),
    ...aggregates.map((aggregate) => attachAggregate(runner, owners, aggregate)),
  ]);
}

/** To-one: a row holds its parent's key under the relation's name; the parent's row takes its place. */
async function attachParents(
  runner: QueryRunner,
  { meta, rows, times }: Owners,
  property: EntityProperty,
  bound: BoundPlan,
): Promise<void> {
  const { name } = property;
  // One that the caller may not read is answered as one that is not there.
  const mayBeAbsent =
    property.nullable === true ||
    isInverse(property) ||
    runner.guard?.hidesRows(bound.plan.selection.meta) === true;
  const of = new Map<RowKey, number>();
  const { place } = bound.plan.selection;
  for (const row of rows) {
    const key = row[name] as RowKey | null;
    if (key !== null) of.set(key, (of.get(key) ?? 0) + (times?.(row) ?? 1));
  }
  const keys = [...of.keys()];
  const timesOf: Times = (row) => of.get(row[place] as RowKey) as number;
  const parents =
    keys.length === 0
      ? []
      : bound.plan.isKeyAlone
        ? keysAlone(runner, keys, bound, timesOf)
        : await fetchByKeys(runner, bound, keys, timesOf);
  const byKey = new Map(parents.map((parent) => [parent[place] as RowKey, parent]));
  for (const row of rows) {
    row[name] =
      byKey.get(row[name] as RowKey) ?? (mayBeAbsent ? null : orphan(runner.source, meta, row, name));
  }
}

function keysAlone(runner: QueryRunner, keys: readonly RowKey[], { plan }: BoundPlan, times: Times): Row[] {
  const rows = keys.map((key) => completeRow(plan.rowOfKey(key), runner.source, plan.selection));
  takeRows(runner.budget, plan, rows, times);
  return rows;
}

/** Reads rows by their keys, with one statement, but for very many. */
export function fetchByKeys(
  runner: QueryRunner,
  bound: BoundPlan,
  keys: readonly RowKey[],
  times: Times | null,
): Promise<Row[]> {
  const lists = inLists(keys);
  return lists.length === 1
    ? fetchAmong(runner, bound, keys, times)
    : fetchOneAfterAnother(runner, bound, lists, times);
}

function fetchAmong(
  runner: QueryRunner,
  bound: BoundPlan,
  keys: readonly RowKey[],
  times: Times | null,
): Promise<Row[]> {
  const values = createValues();
  const filter = amongKeys(bound.plan.selection.meta, keys, values);
  return fetchRows(runner, bound, { filter, order: noOrder, values }, times).then(rowsOf);
}

const rowsOf = ({ rows }: Fetched) => rows;

/** A list that long is no reason to take several connections. */
async function fetchOneAfterAnother(
  runner: QueryRunner,
  bound: BoundPlan,
  lists: readonly (readonly RowKey[])[],
  times: Times | null,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const list of lists) for (const row of await fetchAmong(runner, bound, list, times)) rows.push(row);
  return rows;
}

/** To-many: a page of the rows that belong to each row, put under it. */
async function attachList(
  runner: QueryRunner,
  owners: Owners,
  list: BoundList,
  joinedLists: RowLists | null,
): Promise<void> {
  const { page, bound } = list;
  const { size } = page.range;
  const { storageKey, property, page: asked } = list.list;
  const meta = property.targetMeta as EntityMetadata;
  const { place } = primaryKeyOf(owners.meta);
  const keys = [...new Set(owners.rows.map((row) => row[place] as RowKey))];
  const [lists, totals] = await Promise.all([
    joinedLists ?? (asked.rows ? fetchLists(runner, owners.meta, list, keys) : null),
    asked.total
      ? countLists(
          runner,
          meta,
          { ...page.whole, isScan: list.isScan.total },
          { link: linkOf(property), meta: owners.meta, keys },
        )
      : null,
  ]);
  const children: Row[] = [];
  const withMore = new Set<RowKey>();
  for (const key of lists === null ? [] : keys) {
    const rows = lists?.get(key);
    if (rows === undefined) continue;
    if (rows.length > size) {
      rows.length = size;
      withMore.add(key);
    }
    for (const row of rows) children.push(row);
  }
  const times = lists && timesOfLists(owners, keys.length, lists);
  takeRows(runner.budget, bound.plan, children, times);
  await attachAll(runner, children, bound, times, null);
  const pages = new Map(
    keys.map((key) => [
      key,
      page.toPage(
        lists?.get(key) ?? [],
        withMore.has(key),
        totals === null ? undefined : (totals.get(key) ?? 0),
      ),
    ]),
  );
  for (const row of owners.rows) row[storageKey] = pages.get(row[place] as RowKey);
}

/** Whether all that is asked of a list has come with the rows that it belongs to. */
function isWhole({ list: { page }, bound: { relations, lists, aggregates } }: BoundList): boolean {
  return !page.total && relations.length + lists.length + aggregates.length === 0;
}

/** Puts the pages of such a list under its rows, of which no two have one key. Nothing is waited for. */
function putPages(
  runner: QueryRunner,
  { meta, rows, times }: Owners,
  { list: { storageKey }, page, bound: { plan } }: BoundList,
  lists: RowLists,
): void {
  const { place } = primaryKeyOf(meta);
  const { size } = page.range;
  for (const owner of rows) {
    const children = lists.get(owner[place] as RowKey) as Row[];
    const more = children.length > size;
    if (more) children.length = size;
    const often = times?.(owner);
    takeRows(runner.budget, plan, children, often === undefined ? null : () => often);
    owner[storageKey] = page.toPage(children, more);
  }
}
