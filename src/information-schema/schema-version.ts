import { isTableMissing } from '../errors/missing-table.ts';
import type { SourceName } from '../source-name.ts';
import { fileNamesOf, folderOf, nameOf } from './migration-files.ts';
import { historyTable } from './own-tables.ts';

/** How a database's migrations compare with those of this build. */
export interface SchemaLevel {
  /** OUTDATED also where it lacks some and has others that are not known. */
  readonly level: 'CURRENT' | 'OUTDATED' | 'NEWER';
  /** Files of this build that have not run there, in their order. */
  readonly missing: readonly string[];
  /** Migrations that have run there and have no file in this build: of a newer one, or renamed, or deleted. */
  readonly unknown: readonly string[];
}

/** Compares what ran, as the history table names it, with the files of this build. */
export function levelOf(applied: readonly string[], known: readonly string[]): SchemaLevel {
  const missing = known.filter((name) => !applied.includes(name));
  const unknown = applied.filter((name) => !known.includes(name));
  const level = missing.length > 0 ? 'OUTDATED' : unknown.length > 0 ? 'NEWER' : 'CURRENT';
  return { level, missing, unknown };
}

/** The names of this build's migrations for a source, in the order in which they run. */
export async function migrationsOf(name: SourceName): Promise<string[]> {
  return (await fileNamesOf(folderOf(name))).map(nameOf);
}

/** The history of a database, oldest first. A database that was never migrated has none. */
export async function historyOf(
  query: (sql: string) => Promise<readonly { readonly name: string }[]>,
): Promise<string[]> {
  try {
    return (await query(`select name from ${historyTable} order by id`)).map(({ name }) => nameOf(name));
  } catch (error) {
    if (isTableMissing(error)) return [];
    throw error;
  }
}
