import type { DatabaseConfig, PoolConfig } from '../config.ts';
import { fromMysql } from '../errors/from-mysql.ts';
import type { SourceName } from '../source-name.ts';
import { openDatabase } from '../sources/database.ts';
import { namesIn } from '../sources/names.ts';

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
  // Changing a large table takes its time.
  const limits = { ...pool, statementTimeoutMs: 0, transactionTimeoutMs: 0 };
  const { orm, close } = await openDatabase(name, database, database.migrator, limits, { silent: true });
  try {
    // The migrator takes an unreachable database for an empty one, so ask first.
    await orm.em.execute('select 1');
    return (await orm.migrator.up()).map((migration) => migration.name);
  } catch (error) {
    throw fromMysql(error, name, namesIn(orm.getMetadata())) ?? error;
  } finally {
    await close();
  }
}
