import { type EntityMetadata, ReferenceKind } from '@mikro-orm/core';
import { codecOf, primaryKeyOf } from '../column-types/column-types.ts';
import type { RowKey } from '../column-types/table-key.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { amongKeys, boundKey } from './bound-key.ts';
import type { BoundList, BoundPlan } from './bound-plan.ts';
import { type BoundValues, createValues } from './bound-values.ts';
import { completeRow } from './complete-row.ts';
import { inLists } from './in-lists.ts';
import { linkOf } from './link.ts';
import { noOrder } from './order.ts';
import type { QueryRunner } from './query-runner.ts';
import type { ReadPlan } from './read-plan.ts';
import type { Row } from './row.ts';
import { createProjection, type ListSpec, type SelectSpec } from './select-spec.ts';

/** The rows of lists by the keys of their owners. */
export type RowLists = ReadonlyMap<RowKey, Row[]>;

interface WithList {
  readonly rows: Row[];
  readonly lists: RowLists;
}

/** Reads rows, and with them those of one of their lists. */
export function fetchWithList(
  runner: QueryRunner,
  { plan }: BoundPlan,
  list: BoundList,
  { spec, values }: { readonly spec: SelectSpec; readonly values: BoundValues },
): Promise<WithList> {
  return runner
    .arrays(runner.statement({ ...spec, list: listSpec(list) }, values.list))
    .then((results) => splitUp(runner, plan, list, results));
}

/** The rows of a join, each with those of its list. */
function splitUp(
  runner: QueryRunner,
  plan: ReadPlan,
  list: BoundList,
  results: readonly unknown[][],
): WithList {
  const { makeRow, selection } = plan;
  const width = selection.columns.length;
  const makeChild = childMaker(runner, list);
  const keyOfResult = resultKeyOf(selection.meta);
  const rows: Row[] = [];
  const lists = new Map<RowKey, Row[]>();
  for (const result of results) {
    const key = keyOfResult === null ? (result[0] as RowKey) : keyOfResult(result);
    let children = lists.get(key);
    if (children === undefined) {
      rows.push(completeRow(makeRow(result, 0), runner.source, selection));
      children = [];
      lists.set(key, children);
    }
    if (result[width] !== null) children.push(makeChild(result, width, key));
  }
  return { rows, lists };
}

/**
 * Reads the lists of some owners, each up to its own limit. Of one owner, the key is a value of the statement, so that MySQL enters the
 * index of the foreign key at a cursor; of several, it enters it at the first row of each.
 */
export async function fetchLists(
  runner: QueryRunner,
  meta: EntityMetadata,
  list: BoundList,
  keys: readonly RowKey[],
): Promise<RowLists> {
  const { page, limit, isScan } = list;
  const { filter, order, values: given } = page.range;
  const lists = new Map<RowKey, Row[]>();
  if (filter === false || limit === 0) return lists;
  const makeChild = childMaker(runner, list);
  const { projection } = list.bound.plan;
  const [only, ...others] = keys as [RowKey, ...RowKey[]];
  if (others.length === 0) {
    const values = createValues(given.list);
    const owners = { link: linkOf(list.list.property), keys: [boundKey(meta, only, values.bind)] };
    const spec = { projection, filter, order, owners, limit, isScan: isScan.rows };
    const results = await runner.arrays(runner.statement(spec, values.list));
    return lists.set(
      only,
      results.map((result) => makeChild(result, 0, only)),
    );
  }
  const owners = keysOf(meta);
  const keyOfResult = resultKeyOf(meta);
  const width = owners.columns.length;
  for (const some of inLists(keys)) {
    const values = createValues();
    const spec = {
      projection: owners,
      filter: amongKeys(meta, some, values),
      order: noOrder,
      list: listSpec(list),
      isScan: isScan.rows,
    };
    for (const result of await runner.arrays(runner.statement(spec, values.list))) {
      if (result[width] === null) continue;
      const key = keyOfResult === null ? (result[0] as RowKey) : keyOfResult(result);
      const child = makeChild(result, width, key);
      const rows = lists.get(key);
      if (rows === undefined) lists.set(key, [child]);
      else rows.push(child);
    }
  }
  return lists;
}

/** The keys of a table's rows, and no more. */
const keysOf = memoizeWeak((meta: EntityMetadata) =>
  createProjection({ meta, columns: primaryKeyOf(meta).columns.map(({ name }) => name) }),
);

/** Most lists are the same for each request, and so is what their statements are made of. */
const listSpec = memoizeWeak(({ list, page, limit, bound }: BoundList): ListSpec => {
  const { filter, order, values } = page.range;
  const link = linkOf(list.property);
  return { projection: bound.plan.projection, link, filter, order, limit, values: values.list };
});

/** The key of a row in a result that begins with its columns; null where it is the first value itself. */
const resultKeyOf = memoizeWeak((meta: EntityMetadata): ((result: readonly unknown[]) => RowKey) | null => {
  const { columns } = primaryKeyOf(meta);
  const reads = columns.map(({ name }) => codecOf(meta, name).read);
  if (columns.length === 1 && reads[0] === undefined) return null;
  const value = (result: readonly unknown[], at: number) => reads[at]?.(result[at]) ?? result[at];
  if (columns.length === 1) return (result) => value(result, 0) as RowKey;
  return (result) => JSON.stringify(columns.map((_, at) => value(result, at)));
});

/** Makes a row of a list, whose owner has a key. */
function childMaker(runner: QueryRunner, { list, bound }: BoundList) {
  const { makeRow, selection } = bound.plan;
  const { mappedBy, kind } = list.property;
  const refersBack = kind === ReferenceKind.ONE_TO_MANY && selection.relations.has(mappedBy);
  return (result: readonly unknown[], from: number, owner: RowKey): Row => {
    const row = completeRow(makeRow(result, from), runner.source, selection);
    if (refersBack) row[mappedBy] = owner;
    return row;
  };
}
