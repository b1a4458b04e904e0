import type { EntityMetadata } from '@mikro-orm/core';
import type { RowKey } from '../column-types/table-key.ts';
import type { Times } from './answer-size.ts';
import { keyOfRow } from './row.ts';

/** Whether keys are numbers of which each is higher than the one before, as those of new rows are: none repeats another. */
function isAscending(keys: readonly RowKey[]): boolean {
  for (let at = 1; at < keys.length; at++) {
    const [before, key] = [keys[at - 1], keys[at]];
    if (typeof before !== 'number' || typeof key !== 'number' || before >= key) return false;
  }
  return true;
}

/** Keys without those that repeat an earlier one, and how often each stands there; null: once. */
export function counted(
  meta: EntityMetadata,
  keys: readonly RowKey[],
): { distinct: readonly RowKey[]; times: Times | null } {
  if (isAscending(keys)) return { distinct: keys, times: null };
  const distinct = new Set(keys);
  if (distinct.size === keys.length) return { distinct: keys, times: null };
  const of = new Map<RowKey, number>();
  for (const key of keys) of.set(key, (of.get(key) ?? 0) + 1);
  return { distinct: [...distinct], times: (row) => of.get(keyOfRow(meta, row)) ?? 0 };
}
