import { type EntityMetadata, type EntityProperty, raw } from '@mikro-orm/core';
import { mysqlTypeOf } from '../column-types/mysql-type.ts';
import { type SoftDelete, softDeleteOf } from '../reads/hidden-rows.ts';
import { propertyOf } from '../reads/properties.ts';
import { deleteSql, updateSql } from './change-sql.ts';
import { automaticData } from './input.ts';
import { noSuchRow } from './no-such-row.ts';
import type { Transaction } from './transaction.ts';

/** @throws TandemError NOT_FOUND where the row is not there, or not for the caller */
export async function deleteRow(transaction: Transaction, meta: EntityMetadata, key: number): Promise<void> {
  const soft = softDeleteOf(meta);
  if (soft !== null) return hide(transaction, meta, soft, key);
  const { change, source, guard, written } = transaction;
  const condition = guard?.condition(meta, 'delete', [key]);
  const { affectedRows } = await change(deleteSql(meta, key, condition ? [condition] : []));
  if (affectedRows === 0) throw noSuchRow(source, meta, key);
  written?.push({ operation: 'delete', table: meta.tableName, keys: [key], columns: [], meta: null });
}

/** Soft delete: the row stays, and every read and write passes it over from now on. */
async function hide(
  { change, source, guard, written }: Transaction,
  meta: EntityMetadata,
  { property, isFlag }: SoftDelete,
  key: number,
): Promise<void> {
  const data = {
    ...automaticData(meta, 'onUpdate', {}),
    [property]: raw(isFlag ? 'true' : nowFor(propertyOf(meta, property))),
  };
  const condition = guard?.condition(meta, 'delete', [key]);
  const { affectedRows } = await change(updateSql(meta, key, data, condition ? [condition] : []));
  if (affectedRows === 0) throw noSuchRow(source, meta, key);
  const columns = Object.keys(data).flatMap((name) => propertyOf(meta, name).fieldNames);
  written?.push({ operation: 'delete', table: meta.tableName, keys: [key], columns, meta: null });
}

/** Each session of Tandem has UTC for its time zone. */
function nowFor(property: EntityProperty): string {
  const [digits = 0] = mysqlTypeOf(property)?.numbers ?? [];
  return `utc_timestamp(${digits})`;
}
