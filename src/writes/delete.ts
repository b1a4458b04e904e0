import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { columnNamed, primaryKeyOf } from '../column-types/column-types.ts';
import { mysqlTypeOf } from '../column-types/mysql-type.ts';
import { keyForApi, type RowKey } from '../column-types/table-key.ts';
import { propertyOf } from '../reads/entity-properties.ts';
import { type SoftDelete, softDeleteOf } from '../reads/soft-delete.ts';
import { quoteName } from '../sql/quote.ts';
import { takenByDelete } from './cascaded-rows.ts';
import { assignments, automaticColumns, type ColumnValue, conjunction, hasKey } from './column-values.ts';
import { among, ownKey } from './key-columns.ts';
import { noSuchRow } from './no-such-row.ts';
import type { Transaction } from './transaction.ts';

/** @throws TandemError NOT_FOUND where the row is not there, or not for the caller */
export async function deleteRow(transaction: Transaction, meta: EntityMetadata, key: RowKey): Promise<void> {
  if ((await deleteRows(transaction, meta, [key])) === 0) throw noSuchRow(transaction.source, meta, key);
}

/**
 * Deletes rows by their keys, with one statement: those that are there, and that the caller may delete.
 *
 * @returns how many
 */
export async function deleteRows(
  transaction: Transaction,
  meta: EntityMetadata,
  keys: readonly [RowKey, ...RowKey[]],
): Promise<number> {
  const { change, guard, written } = transaction;
  const [key, ...more] = keys;
  const ofKeys = more.length === 0 ? hasKey(meta, key) : among(ownKey(meta), keys);
  const where = conjunction([ofKeys, guard?.condition(meta, 'delete', keys)]);
  const table = quoteName(meta.tableName);
  const soft = softDeleteOf(meta);
  const hidden = soft === null ? [] : hiddenBy(meta, soft);
  const taken = soft === null ? await takenByDelete(transaction, meta, where) : [];
  const set = assignments(hidden);
  const { affectedRows } = await change({
    sql: `${soft === null ? `delete from ${table}` : `update ${table} set ${set.sql}`} where ${where.sql}`,
    params: [...set.params, ...where.params],
  });
  if (affectedRows === 0) return 0;
  written?.push(
    {
      operation: 'delete',
      table: meta.tableName,
      keys: keys.map((each) => keyForApi(primaryKeyOf(meta), each)),
      columns: hidden.map(({ column }) => column),
      meta: null,
    },
    ...taken,
  );
  return affectedRows;
}

/** The columns that soft delete sets: the row stays, and every read and write passes it over from then on. */
function hiddenBy(meta: EntityMetadata, { property, isFlag }: SoftDelete): ColumnValue[] {
  const { column, codec } = columnNamed(meta, property);
  const sql = isFlag ? 'true' : nowFor(propertyOf(meta, property));
  const hidden = { column, codec, value: { sql, params: [] } };
  return [...automaticColumns(meta, 'onUpdate', new Map([[column, hidden]])), hidden];
}

/** Each session of Tandem has UTC for its time zone. */
function nowFor(property: EntityProperty): string {
  const [digits = 0] = mysqlTypeOf(property)?.numbers ?? [];
  return `utc_timestamp(${digits})`;
}
