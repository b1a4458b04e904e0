import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { SourceName } from '../source-name.ts';

/** How a database's migrations compare with those of this build. */
export interface SchemaLevel {
  /** OUTDATED also where it lacks some and has others that are not known. */
  readonly level: 'CURRENT' | 'OUTDATED' | 'NEWER';
  /** Files of this build that have not run there, in their order. */
  readonly missing: readonly string[];
  /** What has run there and has no file in this build: of a newer one, or renamed, or deleted. */
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
  const folder = fileURLToPath(new URL(`../../migrations/${name.toLowerCase()}`, import.meta.url));
  // The build has .js, .d.ts or map files beside them; MikroORM's history leaves the ending out.
  const files = (await readdir(folder)).filter((file) => /^[^.]+\.(ts|js)$/.test(file));
  return files.map((file) => file.replace(/\.\w+$/, '')).sort();
}

/** The history of a database, oldest first. A database that was never migrated has none. */
export async function historyOf(
  query: (sql: string) => Promise<readonly { readonly name: string }[]>,
): Promise<string[]> {
  try {
    return (await query('select name from mikro_orm_migrations order by id')).map(({ name }) => name);
  } catch (error) {
    // ER_NO_SUCH_TABLE
    if ((error as { errno?: number }).errno === 1146) return [];
    throw error;
  }
}
