import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderOf } from '../../src/information-schema/migration-files.ts';
import { journalTable } from '../../src/information-schema/own-tables.ts';
import { readSchema } from '../../src/information-schema/read-schema.ts';
import { filesOf } from '../../src/migrator/migration-file.ts';
import { offlineScript } from '../../src/migrator/migration-script.ts';
import { migrate } from '../../src/migrator/run-migrations.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { openDatabase } from '../../src/sources/database.ts';
import { splitStatements } from '../../src/sql/split-statements.ts';
import { createDatabases, environmentOf, pool, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { migrationFolder } from '../helpers/migration-folder.ts';
import { type MikroOrm, startMikroOrm, tandem } from '../helpers/run-command-line.ts';

let replayed: TestDatabases;
let migrated: TestDatabases;
let settings: Record<string, string>;
let cli: MikroOrm;
let sql: string;
let names: readonly string[];

beforeAll(async () => {
  [replayed, migrated] = await Promise.all([
    createDatabases({ migrated: false }),
    createDatabases({ migrated: 'by migrations' }),
  ]);
  settings = environmentOf(replayed.config);
  cli = startMikroOrm(settings);
  names = (await filesOf(folderOf('AZURE'))).map(({ name }) => name);
  // Without a setting there is no database that could be asked.
  const outcome = await tandem(['migrate', '--sql'], { AZURE_DB_HOST: '' });
  expect(outcome).toMatchObject({ code: 0, stderr: `${names.length} migrations.\n` });
  sql = outcome.stdout;
});
afterAll(async () => {
  cli?.[Symbol.dispose]();
  await replayed?.[Symbol.asyncDispose]();
  await migrated?.[Symbol.asyncDispose]();
});

async function replay(name: SourceName, statements: readonly string[], of = replayed): Promise<void> {
  const database = of.config.databases[name];
  const connection = await connect(database, database.migrator, { multipleStatements: true });
  try {
    for (const statement of statements) await connection.query(statement);
  } finally {
    await connection.end();
  }
}

async function catalogue(name: SourceName, of: TestDatabases) {
  const database = of.config.databases[name];
  const { orm, close } = await openDatabase(name, database, database.migrator, pool, { silent: true });
  try {
    const model = await readSchema(orm.em);
    return { ...model, tables: model.tables.filter((table) => table.name !== journalTable) };
  } finally {
    await close();
  }
}

it('prints nothing but SQL, a statement a line', () => {
  for (const line of sql.split('\n'))
    expect(line).toMatch(/^$|^-- Migration\d+_\w+$|^(set|create|alter|insert) .*;$/);
  expect(splitStatements(sql).length).toBe(sql.split('\n').filter((line) => line.endsWith(';')).length);
});

describe.each(sourceNames)('replayed on an empty database of %s', (name) => {
  const context = ['--contextName', name.toLowerCase()];

  it('makes the database that the migrations make, and the history of it', async () => {
    // As one text, and one by one.
    await replay(name, name === 'AZURE' ? [sql] : sql.split(/(?<=;)\n/).filter((part) => part.trim() !== ''));
    expect(await catalogue(name, replayed)).toEqual(await catalogue(name, migrated));
    const dump = await cli.run(['schema:update', '--dump', ...context]);
    expect(dump.stdout.trim()).toBe('Schema is up-to-date');
    const list = await cli.run(['migration:list', ...context]);
    for (const migration of names) expect(list.stdout).toContain(migration);
    const status = await tandem(['migrate', 'status', '--json', '--source', name.toLowerCase()], settings);
    expect(status.code).toBe(0);
    const { migrations } = JSON.parse(status.stdout).sources[0];
    expect(migrations.map((line: { state: string }) => line.state)).toEqual(names.map(() => 'APPLIED'));
    const drift = await tandem(['drift', '--source', name.toLowerCase()], settings);
    expect(drift.code, drift.stdout + drift.stderr).toBe(0);
  });
});

it('writes the file that it is given, and leaves stdout empty', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-sql-'));
  try {
    const out = join(folder, 'all.sql');
    const outcome = await tandem(['migrate', 'sql', '--out', out]);
    expect(outcome).toMatchObject({ code: 0, stdout: '' });
    expect(await readFile(out, 'utf8')).toBe(sql);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('has the migrations after one and up to another, and says so where there is no such', async () => {
  const [first, second] = names;
  const some = await tandem(['migrate', 'sql', '--from', `${first}`, '--to', `${second}`]);
  expect(some.stdout.match(/^-- .*/gm)).toEqual([`-- ${second}`]);
  expect(await tandem(['migrate', 'sql', '--to', 'Nobody'])).toMatchObject({ code: 1, stdout: '' });
});

it('takes no database that has rows for an empty one', async () => {
  const add = names.find((name) => name.endsWith('add_doctors'));
  const outcome = await tandem(['migrate', 'sql', '--from', `${add}`]);
  expect(outcome).toMatchObject({ code: 1, stdout: '' });
  expect(outcome.stderr).toContain('--live');
});

it('reads a filled database with --pending, so that its rows are backfilled', async () => {
  await using filled = await createDatabases({ migrated: false });
  const { GCP } = filled.config.databases;
  const add = names.find((name) => name.endsWith('add_doctors'));
  await migrate([{ source: 'GCP', database: GCP, pool }], { direction: 'up', to: `${add}`, lockTimeout: 10 });
  await replay(
    'GCP',
    [
      "insert into patients (id, first_name, last_name, date_of_birth, gender) values (1, 'A', 'B', '2000-01-01', 'OTHER')",
      "insert into medical_records (id, patient_id, diagnosis, admission_date) values (25000, 1, 'C', '2020-01-01')",
    ],
    filled,
  );
  const args = ['migrate', 'sql', '--pending', '--source', 'gcp'];
  const pending = await tandem(args, environmentOf(filled.config));
  expect(pending.stdout).toContain('between 20000 and 29999');
  expect(pending.stdout).not.toContain('create table `patients`');
  await replay('GCP', [pending.stdout], filled);
  expect(await catalogue('GCP', filled)).toEqual(await catalogue('GCP', migrated));
  const connection = await connect(GCP);
  const [rows] = await connection.query('select doctor_id is not null as named from medical_records');
  await connection.end();
  expect(rows).toEqual([{ named: 1 }]);
  expect((await tandem(args, environmentOf(filled.config))).stderr).toBe('0 migrations.\n');
});

it('keeps semicolons, quotes and letters of any kind in strings', async () => {
  const text = "a;b\n-- 'é' \\ ☃ \"";
  await using folder = await migrationFolder({
    M1: {
      up: [
        'create table odd (id int primary key, text varchar(50) not null) character set utf8mb4;',
        `insert into odd values (1, 'a;b\\n-- ''é'' \\\\ ☃ "')`,
      ],
    },
  });
  const script = await offlineScript('AZURE', {}, folder.path);
  if (!('sql' in script)) throw new Error('no such migration');
  await using empty = await createDatabases({ migrated: false });
  await replay('AZURE', [script.sql], empty);
  const connection = await connect(empty.config.databases.AZURE);
  const [rows] = await connection.query('select text from odd');
  await connection.end();
  expect(rows).toEqual([{ text }]);
});

it('emits what takes migrations back, from the last one on, which undoes what it emits without --down', async () => {
  const offline = { AZURE_DB_HOST: '' };
  const span = ['--from', names[0] as string];
  const refused = await tandem(['migrate', 'sql', '--down', ...span], offline);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--live')]);
  const { stdout, code } = await tandem(
    ['migrate', 'sql', '--down', '--live', '--source', 'azure', ...span],
    environmentOf(migrated.config),
  );
  expect(code).toBe(0);
  expect(stdout.match(/^-- (.*)$/gm)).toEqual(
    names
      .slice(1)
      .toReversed()
      .map((name) => `-- ${name}`),
  );
  const before = await catalogue('AZURE', migrated);
  await replay('AZURE', splitStatements(stdout), migrated);
  const database = migrated.config.databases.AZURE;
  const connection = await connect(database, database.migrator);
  const [history] = await connection.query('select name from mikro_orm_migrations order by id');
  await connection.end();
  expect(history).toEqual([{ name: names[0] }]);
  const [result] = await migrate([{ source: 'AZURE', database, pool }], { direction: 'up', lockTimeout: 10 });
  expect(result).toMatchObject({ ok: true, steps: names.slice(1).map((name) => ({ name })) });
  expect((await catalogue('AZURE', migrated)).tables.map(({ name }) => name)).toEqual(
    before.tables.map(({ name }) => name),
  );
  expect((await tandem(['migrate', 'sql', '--down', '--pending'], offline)).code).toBe(1);
});
