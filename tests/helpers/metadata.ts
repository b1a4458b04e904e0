import type { MetadataStorage } from '@mikro-orm/core';
import { defineConfig, MikroORM } from '@mikro-orm/mysql';
import { entities } from '../../src/entities/index.ts';

/** What MikroORM knows of the tables, without a database. */
export async function entityMetadata(): Promise<MetadataStorage> {
  const orm = await MikroORM.init(
    defineConfig({ entities: [...entities], dbName: 'none', host: 'none.invalid' }),
  );
  return orm.getMetadata();
}
