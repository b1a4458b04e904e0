import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { columnNamed, primaryKeyOf } from '../column-types/column-types.ts';
import { mysqlTypeOf } from '../column-types/mysql-type.ts';
import { keyForApi, type RowKey } from '../column-types/table-key.ts';
import { type SoftDelete, softDeleteOf } from '../reads/hidden-rows.ts';
import { propertyOf } from '../reads/properties.ts';
import { quoteName } from '../sql/quote.ts';
import { assignments, automaticColumns, conjunction, hasKey } from './columns.ts';
import { noSuchRow } from './no-such-row.ts';
import { takenByDelete } from './taken-rows.ts';
import type { Transaction } from './transaction.ts';

/** @throws TandemError NOT_FOUND where the row is not there, or not for the caller */
export async function deleteRow(transaction: Transaction, meta: EntityMetadata, key: RowKey): Promise<void> {
  const soft = softDeleteOf(meta);
  if (soft !== null) return hide(transaction, meta, soft, key);
  const { change, source, guard, written } = transaction;
  const where = conjunction([hasKey(meta, key), guard?.condition(meta, 'delete', [key])]);
  const taken = await takenByDelete(transaction, meta, where);
  const { affectedRows } = await change({
    sql: `delete from ${quoteName(meta.tableName)} where ${where.sql}`,
    params: where.params,
  });
  if (affectedRows === 0) throw noSuchRow(source, meta, key);
  const keys = [keyForApi(primaryKeyOf(meta), key)];
  written?.push({ operation: 'delete', table: meta.tableName, keys, columns: [], meta: null }, ...taken);
}

/** Soft delete: the row stays, and every read and write passes it over from now on. */
async function hide(
  transaction: Transaction,
  meta: EntityMetadata,
  { property, isFlag }: SoftDelete,
  key: RowKey,
): Promise<void> {
  const { change, source, guard, written } = transaction;
  const { column, codec } = columnNamed(meta, property);
  const sql = isFlag ? 'true' : nowFor(propertyOf(meta, property));
  const hidden = { column, codec, value: { sql, params: [] } };
  const changed = [...automaticColumns(meta, 'onUpdate', new Map([[column, hidden]])), hidden];
  const set = assignments(changed);
  const where = conjunction([hasKey(meta, key), guard?.condition(meta, 'delete', [key])]);
  const { affectedRows } = await change({
    sql: `update ${quoteName(meta.tableName)} set ${set.sql} where ${where.sql}`,
    params: [...set.params, ...where.params],
  });
  if (affectedRows === 0) throw noSuchRow(source, meta, key);
  const columns = changed.map((each) => each.column);
  const keys = [keyForApi(primaryKeyOf(meta), key)];
  written?.push({ operation: 'delete', table: meta.tableName, keys, columns, meta: null });
}

/** Each session of Tandem has UTC for its time zone. */
function nowFor(property: EntityProperty): string {
  const [digits = 0] = mysqlTypeOf(property)?.numbers ?? [];
  return `utc_timestamp(${digits})`;
}
