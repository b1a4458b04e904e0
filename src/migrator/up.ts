import { MikroORM } from '@mikro-orm/mysql';
import type { DatabaseConfig, PoolConfig } from '../config.ts';
import { fromMysql } from '../errors/from-mysql.ts';
import type { SourceName } from '../source-name.ts';
import { namesIn } from '../sources/names.ts';
import { ormOptions } from '../sources/orm-options.ts';

/**
 * Applies a source's pending migrations, as `npx mikro-orm migration:up --contextName …` does, with the
 * migrator account.
 *
 * @returns the names of those that were applied, in their order
 * @throws TandemError where the database is out of reach
 */
export async function migrateUp(
  name: SourceName,
  database: DatabaseConfig,
  pool: PoolConfig,
): Promise<string[]> {
  const options = ormOptions(name, database, database.migrator, pool);
  const orm = await MikroORM.init({ ...options, migrations: { ...options.migrations, silent: true } });
  try {
    // The migrator takes an unreachable database for an empty one, so ask first.
    await orm.em.execute('select 1');
    return (await orm.migrator.up()).map((migration) => migration.name);
  } catch (error) {
    throw fromMysql(error, name, namesIn(orm.getMetadata())) ?? error;
  } finally {
    await orm.close(true);
  }
}
