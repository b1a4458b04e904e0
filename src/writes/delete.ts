import type { EntityMetadata } from '@mikro-orm/core';
import { noSuchRow } from './no-such-row.ts';
import type { Transaction } from './transaction.ts';

/** @throws TandemError NOT_FOUND where the row is not there, or not for the caller */
export async function deleteRow(
  { em, source, guard, written }: Transaction,
  meta: EntityMetadata,
  key: number,
): Promise<void> {
  const builder = em.createQueryBuilder(meta.class).delete().where({ key });
  const condition = guard?.condition(meta, 'delete', [key]);
  if (condition) builder.andWhere(condition.sql, [...condition.params]);
  const { affectedRows } = await builder.execute('run');
  if (affectedRows === 0) throw noSuchRow(source, meta, key);
  written?.push({ operation: 'delete', table: meta.tableName, keys: [key], columns: [], meta: null });
}
