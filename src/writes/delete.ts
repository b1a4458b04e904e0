import type { EntityMetadata } from '@mikro-orm/core';
import { noSuchRow } from './no-such-row.ts';
import type { Transaction } from './transaction.ts';

/** @throws TandemError NOT_FOUND where the row is not there */
export async function deleteRow(
  { em, source }: Transaction,
  meta: EntityMetadata,
  key: number,
): Promise<void> {
  const count = await em.nativeDelete(meta.class, { key });
  if (count === 0) throw noSuchRow(source, meta, key);
}
