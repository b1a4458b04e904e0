import type { EntityMetadata } from '@mikro-orm/core';
import type { Work } from './errors.ts';
import { noSuchRow } from './no-such-row.ts';

/** @throws TandemError NOT_FOUND where the row is not there */
export async function deleteRow({ em, source }: Work, meta: EntityMetadata, key: number): Promise<void> {
  const count = await em.nativeDelete(meta.class, { key });
  if (count === 0) throw noSuchRow(source, meta, key);
}
