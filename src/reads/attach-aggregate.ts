import { primaryKeyOf } from '../column-types/column-types.ts';
import type { RowKey } from '../column-types/table-key.ts';
import { aggregateLists } from './aggregate-lists.ts';
import type { BoundAggregate } from './bound-plan.ts';
import { linkOf } from './link.ts';
import type { Owners } from './owners.ts';
import type { QueryRunner } from './query-runner.ts';

/** Functions of the rows that belong to each row, put under it. */
export async function attachAggregate(
  runner: QueryRunner,
  owners: Owners,
  { below: { property, storageKey }, plan }: BoundAggregate,
): Promise<void> {
  const { place } = primaryKeyOf(owners.meta);
  const keys = [...new Set(owners.rows.map((row) => row[place] as RowKey))];
  const lists = await aggregateLists(runner, plan, { link: linkOf(property), meta: owners.meta, keys });
  for (const row of owners.rows) {
    const list = lists.get(row[place] as RowKey) ?? [];
    runner.budget.takeValues(list.length * plan.each * (owners.times?.(row) ?? 1));
    row[storageKey] = list;
  }
}
