import { rm, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Target } from '../../src/migrator/open-target.ts';
import { migrate } from '../../src/migrator/run-migrations.ts';
import { migrationStatusOf } from '../../src/migrator/status.ts';
import { createDatabases, pool, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { migrationFolder } from '../helpers/migration-folder.ts';

// Which files of a folder are migrations, and what stands in them.

let databases: TestDatabases;
let connection: Awaited<ReturnType<typeof connect>>;
let folder: Awaited<ReturnType<typeof migrationFolder>>;

beforeAll(async () => {
  databases = await createDatabases({ migrated: false });
  const { AZURE } = databases.config.databases;
  connection = await connect(AZURE, AZURE.migrator);
});
afterAll(async () => {
  await connection?.end();
  await databases?.[Symbol.asyncDispose]();
});
afterEach(async () => {
  const [rows] = await connection.query('show full tables');
  for (const row of rows as Record<string, string>[]) {
    const [name, type] = Object.values(row);
    await connection.query(`drop ${type === 'VIEW' ? 'view' : 'table'} \`${name}\``);
  }
  await folder?.[Symbol.asyncDispose]();
});

const target = (): Target => ({
  source: 'AZURE',
  database: databases.config.databases.AZURE,
  pool,
  folder: folder.path,
});
const up = (more = {}) =>
  migrate([target()], { direction: 'up', lockTimeout: 10, ...more }).then(([result]) => result);
const tables = async () =>
  ((await connection.query('show tables'))[0] as object[]).map((row) => Object.values(row)[0]);

it('runs the files that MikroORM’s CLI takes for migrations, in its order', async () => {
  folder = await migrationFolder({
    'Migration1.add_x': { up: ['create table dotted (id int)'] },
    Migration3: { up: ['create table third (id int)'] },
  });
  await writeFile(
    `${folder.path}/Migration2.cjs`,
    "const { Migration } = require('@mikro-orm/migrations');\nexports.M = class extends Migration { up() { this.addSql('create table required (id int)'); } };\n",
  );
  for (const other of [
    'Migration1.d.ts',
    'Migration3.js.map',
    '.hidden.ts',
    'README.md',
    'notes.txt',
    '.snapshot.json',
  ]) {
    await writeFile(`${folder.path}/${other}`, '{}');
  }
  expect((await up())?.steps.map(({ name }) => name)).toEqual([
    'Migration1.add_x',
    'Migration2.cjs',
    'Migration3',
  ]);
  expect(await tables()).toEqual(expect.arrayContaining(['dotted', 'required', 'third']));
  const [rows] = await connection.query('select name from mikro_orm_migrations order by id');
  expect(rows).toEqual(['Migration1.add_x', 'Migration2.cjs', 'Migration3'].map((name) => ({ name })));
});

it.each([
  ['helpers.js', 'export function helper() {}\nexport const other = 1;\n', 'It exports no migration.'],
  ['helpers.js', 'export const quoted = (name) => name;\n', 'It exports no migration.'],
  ['helpers.js', 'export class Helper { help() {} }\n', 'It exports no migration.'],
  ['empty.js', '', 'It exports no migration.'],
  ['Migration2.sql', 'create table x (id int);\n', 'would be passed by'],
  ['Migration2.mjs', '', 'would be passed by'],
  ['Migration1.cts', '', 'would be passed by'],
  ['M1.ts', 'export class M1 { up() {} }\n', 'Another file has the name M1 too.'],
])('refuses %s in a folder of migrations by its name, and changes nothing', async (name, text, why) => {
  folder = await migrationFolder({ M1: { up: ['create table one (id int)'] } });
  await writeFile(`${folder.path}/${name}`, text);
  const problem = { kind: 'UNFIT_FILE', cause: `${folder.path}/${name}: ${why}` };
  for (const { problem: found } of [await up(), await migrationStatusOf(target())].map(
    (it) => it ?? { problem: null },
  )) {
    expect(found).toMatchObject({
      ...problem,
      cause: expect.stringContaining(why),
      remedy: expect.any(String),
    });
    expect(found?.cause).toContain(`${folder.path}/${name}: `);
  }
  expect(await tables()).toEqual([]);
  await rm(`${folder.path}/${name}`);
  expect(await up()).toMatchObject({ ok: true });
});

it('runs several statements of one addSql one after another, journals each, and goes on between them', async () => {
  const texts = [
    'create table one (id int primary key); insert into one values (1);\n-- done\n',
    "insert into one values (2); insert into one values ('x'); insert into one values (3)",
  ];
  folder = await migrationFolder({
    M1: { up: texts, down: ['delete from one where id = 1; drop table one'] },
  });
  const dry = await up({ dryRun: true });
  expect(dry?.steps).toMatchObject([{ statements: 5, resumedAfter: 0 }]);
  expect((await up())?.problem).toMatchObject({ kind: 'FAILED', failure: { statement: 4, of: 5 } });
  await folder[Symbol.asyncDispose]();
  folder = await migrationFolder({
    M1: {
      up: [texts[0] as string, (texts[1] as string).replace("'x'", '7')],
      down: ['delete from one where id = 1; drop table one'],
    },
  });
  expect(await up()).toMatchObject({ ok: true, steps: [{ statements: 5, resumedAfter: 3 }] });
  const [rows] = await connection.query('select id from one order by id');
  expect(rows).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }, { id: 7 }]);
  const down = await migrate([target()], {
    direction: 'down',
    lockTimeout: 1,
    dryRun: true,
    allowDestructive: true,
  });
  expect(down[0]?.steps).toMatchObject([{ name: 'M1', statements: 2, resumedAfter: 0 }]);
});

it.each([
  ['create procedure p() select 1', 'CREATE ROUTINE'],
  ["create definer = 'root'@'localhost' view v as select 1 as x", 'SET_ANY_DEFINER'],
  ['create event e on schedule every 1 day do select 1', 'EVENT'],
  ['drop procedure nobodys', 'ALTER ROUTINE'],
  ['call nobodys()', 'EXECUTE'],
  ['create temporary table t (a int)', 'CREATE TEMPORARY TABLES'],
])('fails at %s, and names the privilege %s', async (sql, privilege) => {
  folder = await migrationFolder({ M1: { up: ['create table one (id int)', sql] } });
  const { problem } = (await up({ allowDestructive: true })) ?? {};
  expect(problem).toMatchObject({ kind: 'FAILED', failure: { statement: 2 } });
  expect(`${problem?.cause} ${problem?.remedy}`).toContain(privilege);
  expect(problem?.remedy).toContain('goes on with statement 2');
});
