import type { MetadataStorage } from '@mikro-orm/core';

/**
 * MikroORM wants a primary key of every entity, and would make an index of it. Of a table without one, the key is no column (`persist: false`,
 * KeylessRow): for all that MikroORM writes of the schema, the table has none.
 */
export function dropMadeKeys(storage: MetadataStorage): void {
  for (const { props } of storage.getAll().values()) {
    for (const prop of props) if (prop.primary && prop.persist === false) prop.primary = false;
  }
}
