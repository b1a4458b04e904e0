import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MikroORM } from '@mikro-orm/mysql';
import type { Explanation } from '../errors/explanation.ts';
import { folderOf } from '../information-schema/migration-files.ts';
import { type SourceName, sourceNames } from '../source-name.ts';
import { lintMigrations, type MigrationFindings } from './lint/migrations.ts';
import { filesOf, type MigrationFile } from './migration-file.ts';
import { offlineMigrations, offlineOptions, openOffline } from './offline.ts';

/** Where the two clouds' migrations are. */
export type Folders = Readonly<Record<SourceName, string>>;

export type Created =
  | {
      readonly name: string;
      readonly files: readonly string[];
      /** The findings of the lint about it. */
      readonly findings: MigrationFindings['findings'];
      /** False where Biome is not installed. */
      readonly formatted: boolean;
    }
  /** Why nothing was written. */
  | Explanation;

/**
 * Writes the same migration for both clouds, from the difference between the entities and the snapshot that both
 * folders have; a blank one is for rows alone. Needs no database. A refusal writes nothing.
 */
export async function createMigration(
  name: string,
  {
    blank = false,
    folders = { AZURE: folderOf('AZURE'), GCP: folderOf('GCP') },
  }: { readonly blank?: boolean; readonly folders?: Folders } = {},
): Promise<Created> {
  const unfit = unfitName(name) ?? (await unfitFolders(name, folders));
  if (unfit !== null) return unfit;
  // MikroORM writes into a folder of its own first: one time stamp, one text, and nothing half-written.
  const draft = await mkdtemp(join(tmpdir(), 'tandem-migration-'));
  try {
    // Without one it is the first migration, and MikroORM would ask a database.
    const before = (await contentsOf(folders.AZURE)).get(snapshot) ?? emptySnapshot;
    await writeFile(join(draft, snapshot), before);
    const options = offlineOptions('AZURE');
    const orm = await MikroORM.init({ ...options, migrations: { ...options.migrations, path: draft } });
    try {
      const { fileName, code, diff } = await orm.migrator.create(undefined, blank, false, name);
      if (diff.up.length === 0) {
        return nothingToMigrate(await filesOf(folders.AZURE));
      }
      const formatted = format(code);
      const texts: [string, string | Buffer][] = [
        [fileName, formatted ?? code],
        // A blank one leaves what the entities have changed to the next one.
        ...(blank ? [] : [[snapshot, await readFile(join(draft, snapshot))] as [string, Buffer]]),
      ];
      for (const source of sourceNames) {
        await mkdir(folders[source], { recursive: true });
        for (const [file, text] of texts) await writeFile(join(folders[source], file), text);
      }
      const migration = fileName.replace(/\.ts$/, '');
      return {
        name: migration,
        files: sourceNames.map((source) => join(folders[source], fileName)),
        findings: await judge(migration, folders.AZURE, diff),
        formatted: formatted !== null,
      };
    } finally {
      await orm.close(true);
    }
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

const snapshot = '.snapshot.json';

/** As MikroORM writes that of a database without tables. */
const emptySnapshot = JSON.stringify({ namespaces: [], tables: [], views: [], nativeEnums: {} });

function nothingToMigrate(files: readonly MigrationFile[]): Created {
  const cause = 'The entities are as the snapshot has them: there is nothing to migrate.';
  const remedy =
    files.length > 0
      ? 'Change an entity first, or give --blank for a migration of rows alone.'
      : `There are no migrations beside it: for the first one of an empty database, delete ${snapshot} in both folders.`;
  return { cause, remedy };
}

function unfitName(name: string): Created | null {
  if (/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name) && name.length <= 100) return null;
  return {
    cause: `${JSON.stringify(name)} cannot be a migration’s name.`,
    remedy: 'Take small letters, digits and single underscores, such as add_doctors.',
  };
}

async function unfitFolders(name: string, { AZURE, GCP }: Folders): Promise<Created | null> {
  const [azure, gcp] = [await contentsOf(AZURE), await contentsOf(GCP)];
  const differs = [...new Set([...azure.keys(), ...gcp.keys()])].filter(
    (file) => azure.get(file) !== gcp.get(file),
  );
  if (differs.length > 0) {
    return {
      cause: `The folders of the two clouds differ in ${differs.join(', ')}: one migration cannot follow on both.`,
      remedy: 'Make them equal, from version control or by copying the right file over the other.',
    };
  }
  const migrations = [...azure.keys()].filter((file) => file !== snapshot);
  if (!azure.has(snapshot) && migrations.length > 0) {
    return {
      cause: `The folders have migrations and no ${snapshot}, so what these make is not known.`,
      remedy: 'Bring it back from version control.',
    };
  }
  const taken = [...azure.keys()].find(
    (file) => file.replace(/^Migration\d+_/, '').replace(/\.\w+$/, '') === name,
  );
  if (taken === undefined) return null;
  return { cause: `There is a migration of that name: ${taken}.`, remedy: 'Take another name.' };
}

async function contentsOf(folder: string): Promise<Map<string, string>> {
  const all = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = all.filter((file) => /\.(ts|js|cjs|json)$/.test(file) && !file.endsWith('.d.ts'));
  return new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(join(folder, file), 'utf8')] as const)),
  );
}

async function judge(
  name: string,
  folder: string,
  { up, down }: { readonly up: readonly string[]; readonly down: readonly string[] },
): Promise<MigrationFindings['findings']> {
  const files = (await filesOf(folder)).filter((file) => file.name !== name);
  const orm = await openOffline('AZURE');
  try {
    const statements = (list: readonly string[]) => list.filter((sql) => sql.trim() !== '');
    const own = { name, up: statements(up), down: statements(down) };
    return lintMigrations([...(await offlineMigrations(files, orm)), own]).at(-1)?.findings ?? [];
  } finally {
    await orm.close(true);
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** As the project’s check wants it; null where its formatter is not installed. */
function format(code: string): string | null {
  const { status, stdout } = spawnSync(
    join(root, 'node_modules/.bin/biome'),
    ['format', '--stdin-file-path=migrations/new.ts'],
    { cwd: root, input: code, encoding: 'utf8' },
  );
  return status === 0 ? stdout : null;
}
