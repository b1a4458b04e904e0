import type { MikroORM } from '@mikro-orm/mysql';
import { isTableOrColumnMissing } from '../errors/missing-table.ts';
import { NeedsDatabase } from './empty-database.ts';
import type { Direction, MigrationFile } from './migration-file.ts';
import { offlineStatements, recordStatements } from './offline.ts';

/**
 * The statements that a migration would run, found before those in front of it have run: where it reads their results, as on
 * an empty database.
 *
 * @returns null where that cannot be found either
 */
export async function previewStatements(
  file: MigrationFile,
  direction: Direction,
  orm: MikroORM,
): Promise<string[] | null> {
  try {
    // Its writes are not done: nothing is changed here.
    const answer = (sql: string) => orm.em.execute<Record<string, unknown>[]>(sql);
    return await recordStatements(file, direction, orm, answer, { entities: false });
  } catch (error) {
    if (!isTableOrColumnMissing(error) && !(error instanceof NeedsDatabase)) throw error;
  }
  try {
    return await offlineStatements(file, direction, orm);
  } catch (error) {
    if (error instanceof NeedsDatabase) return null;
    throw error;
  }
}
