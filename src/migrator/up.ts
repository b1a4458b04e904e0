import type { DatabaseConfig } from '../config/groups/database.ts';
import type { PoolConfig } from '../config/groups/pool.ts';
import type { SourceName } from '../source-name.ts';
import { openTarget } from './open-target.ts';
import { MigrationError } from './result.ts';
import { migrate } from './run-migrations.ts';

/** Seconds for another runner to finish: processes that start together migrate one after another. */
const lockTimeout = 60;

/**
 * Applies a source's pending migrations with the migrator account, as `tandem migrate up` does.
 *
 * @returns the names of those that were applied, in their order
 * @throws TandemError where the database is out of reach, MigrationError where a migration cannot run
 */
export async function migrateUp(
  source: SourceName,
  database: DatabaseConfig,
  pool: PoolConfig,
): Promise<string[]> {
  const target = { source, database, pool };
  const [result] = await migrate([target], { direction: 'up', lockTimeout });
  if (result === undefined) return [];
  if (result.problem?.kind === 'UNREACHABLE') {
    // Says why as all others do who reach for a database.
    await using _ = await openTarget(target);
  }
  if (result.problem !== null) throw new MigrationError(source, result.problem);
  return result.steps.map(({ name }) => name);
}
