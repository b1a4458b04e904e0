import { readdirSync, readFileSync } from 'node:fs';
import { MikroORM } from '@mikro-orm/mysql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { historyTable, journalTable } from '../../src/information-schema/own-tables.ts';
import { readSchema } from '../../src/information-schema/read-schema.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { ormOptions } from '../../src/sources/orm-options.ts';
import {
  createDatabases,
  environmentOf,
  pool,
  serverPair,
  type TestDatabases,
} from '../helpers/databases.ts';
import { type MikroOrm, mikroOrm, npxMikroOrm, startMikroOrm } from '../helpers/run-command-line.ts';

let databases: TestDatabases;
let settings: Record<string, string>;
let cli: MikroOrm;

beforeAll(async () => {
  databases = await createDatabases({ migrated: false });
  settings = environmentOf(databases.config);
  cli = startMikroOrm(settings);
});
afterAll(async () => {
  cli?.[Symbol.dispose]();
  await databases?.[Symbol.asyncDispose]();
});

it('has the same migrations under the same names for both clouds', () => {
  const files = (folder: string) => readdirSync(`migrations/${folder}`).toSorted();
  expect(files('azure')).toEqual(files('gcp'));
  expect(files('azure').length).toBeGreaterThan(1);
  for (const file of files('azure')) {
    expect(readFileSync(`migrations/azure/${file}`, 'utf8')).toBe(
      readFileSync(`migrations/gcp/${file}`, 'utf8'),
    );
  }
});

describe.each(sourceNames)('the official CLI on %s', (name) => {
  const context = ['--contextName', name.toLowerCase()];

  async function tables() {
    const database = databases.config.databases[name];
    const orm = await MikroORM.init(ormOptions(name, database, database.migrator, pool));
    const model = await readSchema(orm.em);
    await orm.close(true);
    return model;
  }

  it('goes up, down and up again, from an empty database', async () => {
    expect((await tables()).tables).toEqual([]);

    expect(await cli.run(['migration:up', ...context])).toMatchObject({ code: 0 });
    const first = await tables();
    expect(first.tables.map((table) => table.name)).toEqual([
      'doctors',
      'medical_records',
      'mikro_orm_migrations',
      'patients',
    ]);

    expect(await cli.run(['migration:down', '--to', '0', ...context])).toMatchObject({ code: 0 });
    expect((await tables()).tables.map((table) => table.name)).toEqual(['mikro_orm_migrations']);

    expect(await cli.run(['migration:up', ...context])).toMatchObject({ code: 0 });
    expect(await tables()).toEqual(first);
  });

  it('finds no difference between the migrated database and the entities', async () => {
    const { code, stdout } = await cli.run(['schema:update', '--dump', ...context]);
    expect(code).toBe(0);
    expect(stdout.trim()).toBe('Schema is up-to-date');
  });

  it('finds no difference between the snapshot and the entities', async () => {
    const check = ['migration:check', ...context];
    // One by the files in TypeScript, the other by what is compiled of them.
    const checked = await (name === 'AZURE' ? npxMikroOrm(check, settings) : cli.run(check));
    expect(checked).toMatchObject({ code: 0 });
  });

  it('lists what was applied', async () => {
    const { code, stdout } = await cli.run(['migration:list', ...context]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Migration\d{14}_initial/);
  });
});

it('refuses to guess a cloud where no --contextName is given', async () => {
  const { code, stderr, stdout } = await mikroOrm(['migration:up'], settings);
  expect(code).not.toBe(0);
  expect(stderr + stdout).toContain("MikroORM config 'default' was not found");
});

it('leave what the template of these tests leaves: the same tables, history and journal', async () => {
  await using copied = await createDatabases();
  await using migrated = await createDatabases({ migrated: 'by migrations' });
  for (const name of sourceNames) {
    const [copy, original] = await Promise.all([contentOf(name, copied), contentOf(name, migrated)]);
    expect(copy).toEqual(original);
    expect(copy.journal.length).toBeGreaterThan(0);
  }
});

async function contentOf(name: SourceName, { config }: TestDatabases) {
  const database = config.databases[name];
  const orm = await MikroORM.init(ormOptions(name, database, database.migrator, pool));
  try {
    const history = await orm.em.execute(`select id, name from ${historyTable}`);
    const journal = await orm.em.execute(
      `select name, action, state, checksum, statements, done, chain, fingerprint, error, account from ${journalTable}`,
    );
    return { model: await readSchema(orm.em), history, journal };
  } finally {
    await orm.close(true);
  }
}

it('lets the runtime account neither create nor drop a table', async () => {
  const database = serverPair().databases.AZURE;
  const own = databases.config.databases.AZURE;
  const orm = await MikroORM.init(ormOptions('AZURE', { ...own, name: own.name }, database.runtime, pool));
  try {
    await expect(orm.em.execute('create table planted (id int)')).rejects.toMatchObject({ errno: 1142 });
    await expect(orm.em.execute('drop table patients')).rejects.toMatchObject({ errno: 1142 });
  } finally {
    await orm.close(true);
  }
});
