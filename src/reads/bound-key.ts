import type { EntityMetadata } from '@mikro-orm/core';
import { codecOf, primaryKeyOf } from '../column-types/column-types.ts';
import { type RowKey, toRowKey, valuesOfKey } from '../column-types/table-key.ts';
import type { Value } from '../sql/literal.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { type BoundValues, createValues } from './bound-values.ts';
import { lasting } from './filter-cache.ts';
import type { Bind, Filter } from './filter-to-condition.ts';
import { filledUp } from './in-lists.ts';

/** A key with the one text that the table has for each of its values. */
export function storedKey(meta: EntityMetadata, key: RowKey): RowKey {
  const codecs = storingCodecs(meta);
  if (codecs === null) return key;
  const table = primaryKeyOf(meta);
  const values = valuesOfKey(table, key);
  return toRowKey(
    table,
    values.map((value, at) => codecs[at]?.stored?.(value as never) ?? value),
  );
}

/** The codecs of a key's columns; null where the table has all values as they come. */
const storingCodecs = memoizeWeak((meta: EntityMetadata) => {
  const codecs = primaryKeyOf(meta).columns.map(({ name }) => codecOf(meta, name));
  return codecs.every(({ stored }) => stored === undefined) ? null : codecs;
});

/** The condition for rows to have one of some keys. */
export function amongKeys(
  meta: EntityMetadata,
  keys: readonly RowKey[],
  { bind, list }: BoundValues,
): Exclude<Filter, boolean> {
  const [only] = keys;
  if (keys.length === 1 && list.length === 0) {
    boundKey(meta, only as RowKey, bind);
    return ofFirstValues(meta);
  }
  const { numbered } = primaryKeyOf(meta);
  if (numbered !== null && areNumbersInARow(keys)) {
    return { [numbered]: { $gte: bind(keys[0]), $lte: bind(keys.at(-1)) } };
  }
  return { $keys: filledUp(keys).map((key) => boundKey(meta, key, bind)) };
}

/** The condition for one key whose values are the first ones of a statement: many requests have no other. */
const ofFirstValues = memoizeWeak((meta: EntityMetadata) => {
  const { bind } = createValues();
  return lasting({ $keys: [primaryKeyOf(meta).columns.map(bind)] });
});

/** Keys below which a list is as good. */
const fewKeys = 32;

/** Whether keys are integers without a gap, as those of rows that one INSERT has made: of a thousand, a range has two values. */
function areNumbersInARow(keys: readonly RowKey[]): boolean {
  const [first] = keys;
  if (keys.length < fewKeys || !Number.isSafeInteger(first)) return false;
  return keys.every((key, at) => key === (first as number) + at);
}

/** The values of a key, put aside. */
export function boundKey(meta: EntityMetadata, key: RowKey, bind: Bind): unknown[] {
  return parametersOfKey(meta, key).map(bind);
}

/** The values of a key's columns as parameters. */
export function parametersOfKey(meta: EntityMetadata, key: RowKey): Value[] {
  const { columns } = primaryKeyOf(meta);
  return valuesOfKey(primaryKeyOf(meta), key).map((value, at) => {
    const { bind } = codecOf(meta, columns[at]?.name as string);
    return bind === undefined ? (value as Value) : bind(value as never);
  });
}
