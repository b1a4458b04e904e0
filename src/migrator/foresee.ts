import type { MikroORM } from '@mikro-orm/mysql';
import { NeedsDatabase } from './empty-answer.ts';
import { type Direction, type MigrationFile, statementsOf } from './files.ts';
import { offlineStatements } from './offline.ts';

/**
 * What a migration would run, told before those in front of it have run: where it reads what they are yet to make, as on
 * an empty database.
 *
 * @returns null where that cannot be told either
 */
export async function foreseen(
  file: MigrationFile,
  direction: Direction,
  orm: MikroORM,
): Promise<string[] | null> {
  try {
    return await statementsOf(file, direction, orm);
  } catch (error) {
    if (!isNotThere(error)) throw error;
  }
  try {
    return await offlineStatements(file, direction, orm);
  } catch (error) {
    if (error instanceof NeedsDatabase) return null;
    throw error;
  }
}

/** ER_NO_SUCH_TABLE, ER_BAD_FIELD_ERROR */
function isNotThere(error: unknown): boolean {
  const { errno } = error as { errno?: number };
  return errno === 1146 || errno === 1054;
}
