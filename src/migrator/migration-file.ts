import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Migration } from '@mikro-orm/migrations';
import type { MikroORM } from '@mikro-orm/mysql';
import type { Explanation } from '../errors/explanation.ts';
import { isMigration, nameOf } from '../information-schema/migration-files.ts';
import { statementSplitter } from '../sql/split-statements.ts';
import { checksumOf } from './checksum.ts';

export type Direction = 'up' | 'down';

/** One migration of this build. */
export interface MigrationFile {
  /** As MikroORM's history has it: without the ending. */
  readonly name: string;
  readonly path: string;
  /** SHA-256 of the texts and numbers in the file, which are the same in the .ts and in the .js built of it. */
  readonly checksum: string;
}

/** Names that look like a migration to a person, and are none to MikroORM. */
const looksLikeOne = (file: string) =>
  /^[^.].*\.(?:sql|mjs|mts|cts|jsx|tsx)$/i.test(file) && !/\.d\.[mc]ts$/.test(file);

/** A file in a folder of migrations cannot be run. */
export class UnfitFile extends Error {
  override readonly name = 'UnfitFile';

  readonly explanation: Explanation;

  constructor(path: string, why: string, remedy: string) {
    const cause = `${path}: ${why}`;
    super(`${cause} ${remedy}`);
    this.explanation = { cause, remedy };
  }
}

/**
 * The migrations of a folder, in the order in which they run.
 *
 * @throws UnfitFile for a file that MikroORM would ignore in silence, and for a second one of the same name
 */
export async function filesOf(folder: string): Promise<MigrationFile[]> {
  const all = (await readdir(folder)).sort();
  const files = all.filter(isMigration);
  const other = all.find(looksLikeOne);
  if (other !== undefined) {
    const next =
      'Put its SQL into a migration by `tandem migrate create NAME --blank`, or take the file out of the folder.';
    throw new UnfitFile(
      join(folder, other),
      'Only .ts, .js and .cjs files are migrations, and this one would be passed by.',
      next,
    );
  }
  const twin = files.find((file, index) =>
    files.some((one, at) => at < index && nameOf(one) === nameOf(file)),
  );
  if (twin !== undefined) {
    throw new UnfitFile(
      join(folder, twin),
      `Another file has the name ${nameOf(twin)} too.`,
      'Keep one of them.',
    );
  }
  return Promise.all(
    files.map(async (file) => {
      const name = nameOf(file);
      const path = join(folder, file);
      return { name, path, checksum: checksumOf(name, await readFile(path, 'utf8')) };
    }),
  );
}

/**
 * The statements that a migration would run, as MikroORM would run it. It may ask the database meanwhile, unless `prepare` puts
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
  const inParts = statementSplitter();
  const statements = migration.getQueries().flatMap((query) => {
    const sql = queryText(query, orm);
    const parts = inParts(sql);
    // MySQL takes one at a time. A text of a single one stays as it stands in the file.
    return parts.length === 1 ? [sql.trim()] : parts;
  });
  return [...checks(0), ...statements, ...checks(1)];
}

/** Whether a migration has a `down` of its own: MikroORM's throws. */
export async function hasDown(file: MigrationFile): Promise<boolean> {
  return Object.hasOwn((await classOf(file)).prototype, 'down');
}

type MigrationClass = new (...args: ConstructorParameters<typeof Migration>) => Migration;

/** @throws UnfitFile where it exports no migration: MikroORM takes the first class or function of a file for one */
async function classOf({ path }: Pick<MigrationFile, 'path'>): Promise<MigrationClass> {
  const module: Record<string, unknown> = await import(/* @vite-ignore */ pathToFileURL(path).href);
  const found = Object.values(module).find((value) => typeof value === 'function');
  if (typeof found?.prototype?.up === 'function') return found as MigrationClass;
  const next = 'Take it out of the folder: what migrations share belongs into a folder beside it.';
  throw new UnfitFile(path, 'It exports no migration.', next);
}

/**
 * Sees that files whose names are not those that `create` gives are migrations all the same: `status` tells, not the run.
 *
 * @throws UnfitFile
 */
export async function checkFiles(files: readonly MigrationFile[]): Promise<void> {
  for (const file of files) if (!/^Migration\d{14}/.test(file.name)) await classOf(file);
}

type Query = ReturnType<Migration['getQueries']>[number];

/** A statement with its values put in. */
export function queryText(query: Query, orm: MikroORM): string {
  if (typeof query === 'string') return query;
  const { sql, params } = 'compile' in query ? query.compile() : query;
  return orm.em.getPlatform().formatQuery(sql, params as unknown[]);
}
