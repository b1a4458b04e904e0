import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { SourceName } from '../source-name.ts';

/** Where this build has a source's migrations. */
export function folderOf(name: SourceName): string {
  return fileURLToPath(new URL(`../../migrations/${name.toLowerCase()}`, import.meta.url));
}

/** A migration's name in MikroORM's history, which leaves the ending out; older versions did not. */
export function nameOf(file: string): string {
  return file.replace(/\.[jt]s$/, '');
}

/**
 * The files of a folder's migrations, in the order in which they run: the same that MikroORM's CLI finds by its default
 * pattern, `!(*.d).{js,ts,cjs}`.
 */
export async function fileNamesOf(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter(isMigration).sort();
}

// The build has .d.ts and map files beside them.
/** Whether a file's name is one of a migration, to MikroORM's CLI too. */
export const isMigration = (file: string) =>
  /^[^.].*\.(?:js|ts|cjs)$/.test(file) && !/\.d\.(?:js|ts|cjs)$/.test(file);
