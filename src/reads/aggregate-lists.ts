import type { EntityMetadata } from '@mikro-orm/core';
import { codecOf, primaryKeyOf } from '../column-types/column-types.ts';
import { type RowKey, toRowKey } from '../column-types/table-key.ts';
import { type AggregatePlan, aggregateOfNone, fetchGroups, maxGroups, tooManyGroups } from './aggregate.ts';
import { type AggregateForm, countForm } from './aggregate-form.ts';
import type { Aggregate } from './aggregate-maker.ts';
import { boundKey } from './bound-key.ts';
import { type BoundValues, createValues } from './bound-values.ts';
import type { Filter } from './filter-to-condition.ts';
import { filledUp, inLists } from './in-lists.ts';
import type { Link } from './link.ts';
import type { QueryRunner } from './query-runner.ts';

/** Owners of lists: their keys, and how the rows of the lists belong to them. */
export interface ListOwners {
  readonly link: Link;
  readonly meta: EntityMetadata;
  readonly keys: readonly RowKey[];
}

/** How many rows the list of each owner has, in one statement; none of an owner without any. */
export async function countLists(
  runner: QueryRunner,
  meta: EntityMetadata,
  {
    filter,
    values,
    isScan,
  }: { readonly filter: Filter; readonly values: BoundValues; readonly isScan: boolean },
  owners: ListOwners,
): Promise<ReadonlyMap<RowKey, number>> {
  const plan = { meta, filter, values, form: countForm(meta), each: 1, scanCost: Number(isScan) };
  const rows = await groupsOf(runner, plan, owners);
  return new Map(rows.map((row) => [ownerOf(owners.meta, plan.form, row), Number(row[0])]));
}

/**
 * Functions of the rows of each owner's list, in one statement.
 *
 * @throws TandemError BAD_USER_INPUT for more than 1000 groups of one list
 */
export async function aggregateLists(
  runner: QueryRunner,
  plan: AggregatePlan,
  owners: ListOwners,
): Promise<ReadonlyMap<RowKey, readonly Aggregate[]>> {
  const { groups, make } = plan.form;
  const lists = new Map<RowKey, Aggregate[]>();
  for (const row of await groupsOf(runner, plan, owners)) {
    const key = ownerOf(owners.meta, plan.form, row);
    const list = lists.get(key);
    const aggregate = make(row, runner.source);
    if (list === undefined) lists.set(key, [aggregate]);
    else if (list.push(aggregate) > maxGroups) throw tooManyGroups();
  }
  if (groups.length > 0) return lists;
  const none = [aggregateOfNone(runner, plan)];
  return new Map(owners.keys.map((key) => [key, lists.get(key) ?? none]));
}

async function groupsOf(
  runner: QueryRunner,
  plan: AggregatePlan,
  { link, meta, keys }: ListOwners,
): Promise<unknown[][]> {
  if (plan.filter === false) return [];
  const rows: unknown[][] = [];
  for (const some of inLists(keys)) {
    const values = createValues(plan.values.list);
    const owners = { link, keys: filledUp(some).map((key) => boundKey(meta, key, values.bind)) };
    const limit = runner.budget.rowsOf(plan.each);
    for (const row of await fetchGroups(runner, plan, { filter: plan.filter, owners, limit, values }))
      rows.push(row);
  }
  return rows;
}

/** The key of the owner that a group is of, which comes last. */
function ownerOf(meta: EntityMetadata, { groups, calls }: AggregateForm, row: readonly unknown[]): RowKey {
  const key = primaryKeyOf(meta);
  const values = key.columns.map(({ name }, at) => {
    const value = row[groups.length + calls.length + at];
    return codecOf(meta, name).read?.(value) ?? value;
  });
  return toRowKey(key, values);
}
