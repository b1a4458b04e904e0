import type { EntityMetadata } from '@mikro-orm/core';
import { primaryKeyOf } from '../column-types/column-types.ts';
import type { RowKey } from '../column-types/table-key.ts';
import type { Times } from './answer-size.ts';
import type { RowLists } from './fetch-lists.ts';
import type { Row } from './row.ts';

/** Rows that something is hung into, and how often each stands in the answer. */
export interface Owners {
  readonly meta: EntityMetadata;
  readonly rows: readonly Row[];
  readonly times: Times | null;
}

/** How often the rows of lists stand in the answer: as often as all rows that they belong to; null: once each. */
export function timesOfLists({ meta, rows, times }: Owners, keys: number, lists: RowLists): Times | null {
  if (times === null && keys === rows.length) return null;
  const of = new Map<RowKey, number>();
  const { place } = primaryKeyOf(meta);
  for (const owner of rows) {
    const key = owner[place] as RowKey;
    of.set(key, (of.get(key) ?? 0) + (times?.(owner) ?? 1));
  }
  const ofRow = new Map<Row, number>();
  for (const [key, list] of lists) for (const row of list) ofRow.set(row, of.get(key) ?? 0);
  return (row) => ofRow.get(row) as number;
}
