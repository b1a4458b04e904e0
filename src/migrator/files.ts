import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Migration } from '@mikro-orm/migrations';
import type { MikroORM } from '@mikro-orm/mysql';
import type { SourceName } from '../source-name.ts';
import { textsOf } from './texts.ts';

export type Direction = 'up' | 'down';

/** One migration of this build. */
export interface MigrationFile {
  /** As MikroORM's history has it: without the ending. */
  readonly name: string;
  readonly path: string;
  /** SHA-256 of the texts and numbers in the file, which are the same in the .ts and in the .js built of it. */
  readonly checksum: string;
}

/** Where this build has a source's migrations. */
export function folderOf(name: SourceName): string {
  return fileURLToPath(new URL(`../../migrations/${name.toLowerCase()}`, import.meta.url));
}

/** A migration's name in MikroORM's history, which leaves the ending out; older versions did not. */
export function nameOf(file: string): string {
  return file.replace(/\.[jt]s$/, '');
}

/** The files of a folder's migrations, in the order in which they run. */
export async function fileNamesOf(folder: string): Promise<string[]> {
  // The build has .d.ts or map files beside them.
  return (await readdir(folder)).filter((file) => /^[^.]+\.(ts|js)$/.test(file)).sort();
}

/** The migrations of a folder, in the order in which they run. */
export async function filesOf(folder: string): Promise<MigrationFile[]> {
  const files = await fileNamesOf(folder);
  return Promise.all(
    files.map(async (file) => {
      const name = nameOf(file);
      const path = join(folder, file);
      return { name, path, checksum: checksumOf(name, await readFile(path, 'utf8')) };
    }),
  );
}

/** A compiler moves `name = '…'` into the constructor, so the name itself does not count. */
export function checksumOf(name: string, source: string): string {
  const texts = textsOf(source).filter((text) => text !== name);
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex');
}

/**
 * What a migration would run, as MikroORM would run it. It may ask the database meanwhile, unless `prepare` puts
 * something else in the place of the methods that do.
 */
export async function statementsOf(
  file: MigrationFile,
  direction: Direction,
  orm: MikroORM,
  prepare: (migration: Migration) => void = () => {},
): Promise<string[]> {
  const MigrationClass = await classOf(file);
  const migration = new MigrationClass(orm.em.getDriver(), orm.config);
  prepare(migration);
  await migration[direction]();
  const { disableForeignKeys = false } = orm.config.get('migrations');
  const checks = (on: 0 | 1) => (disableForeignKeys ? [`set foreign_key_checks = ${on}`] : []);
  const statements = migration.getQueries().map((query) => textOf(query, orm));
  return [...checks(0), ...statements.map((sql) => sql.trim()).filter(Boolean), ...checks(1)];
}

/** Whether a migration has a `down` of its own: MikroORM's throws. */
export async function hasDown(file: MigrationFile): Promise<boolean> {
  return Object.hasOwn((await classOf(file)).prototype, 'down');
}

type MigrationClass = new (...args: ConstructorParameters<typeof Migration>) => Migration;

async function classOf({ path }: MigrationFile): Promise<MigrationClass> {
  const module: Record<string, unknown> = await import(/* @vite-ignore */ pathToFileURL(path).href);
  const found = Object.values(module).find((value) => typeof value === 'function');
  if (found === undefined) throw new Error(`${path} exports no migration.`);
  return found as MigrationClass;
}

type Query = ReturnType<Migration['getQueries']>[number];

/** A statement with its values put in. */
export function textOf(query: Query, orm: MikroORM): string {
  if (typeof query === 'string') return query;
  const { sql, params } = 'compile' in query ? query.compile() : query;
  return orm.em.getPlatform().formatQuery(sql, params as unknown[]);
}
