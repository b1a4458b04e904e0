import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { reasonOf } from '../../src/errors/reason-of.ts';
import type { Target } from '../../src/migrator/open-target.ts';
import { repair } from '../../src/migrator/repair.ts';
import { migrate } from '../../src/migrator/run-migrations.ts';
import { migrationStatusOf } from '../../src/migrator/status.ts';
import { preflight } from '../../src/preflight/preflight.ts';
import { createDatabases, pool, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { migrationFolder } from '../helpers/migration-folder.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';

// What stands against migrating is told before the first statement, of both clouds.

let databases: TestDatabases;
let server: OwnServer;
let azure: Awaited<ReturnType<typeof connect>>;

beforeAll(async () => {
  [databases, server] = await Promise.all([createDatabases({ migrated: false }), startOwnServer()]);
  const { AZURE } = databases.config.databases;
  azure = await connect(AZURE, AZURE.migrator);
}, 120_000);
afterAll(async () => {
  await azure?.end();
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});
const tables = async () =>
  ((await azure.query('show tables'))[0] as object[]).map((row) => Object.values(row)[0] as string);
beforeEach(async () => {
  for (const table of await tables()) await azure.query(`drop table \`${table}\``);
  await server.sql('drop database tandem');
  await server.sql('create database tandem character set utf8mb4');
});

const targets = (folder: string): Target[] => [
  { source: 'AZURE', database: databases.config.databases.AZURE, pool, folder },
  { source: 'GCP', database: server.config, pool, folder },
];
const request = { direction: 'up', lockTimeout: 10 } as const;
const one = { up: ['create table one (id int primary key)'], down: ['drop table one'] };

describe.each([
  [
    'super_read_only',
    'set global super_read_only = 1',
    'set global super_read_only = 0, global read_only = 0',
  ],
  ['read_only', 'set global read_only = 1', 'set global read_only = 0'],
  ['READ ONLY', 'alter database tandem read only = 1', 'alter database tandem read only = 0'],
])('where one cloud is %s', (what, on, off) => {
  it('changes neither', async () => {
    await using folder = await migrationFolder({ M1: one });
    await server.sql(on);
    try {
      for (const dryRun of [true, false]) {
        const [left, right] = await migrate(targets(folder.path), { ...request, dryRun });
        expect(left?.problem?.kind).toBe('NOT_TRIED');
        expect(right?.problem).toMatchObject({ kind: 'READ_ONLY', cause: expect.stringContaining(what) });
        expect(await tables()).toEqual([]);
      }
      if (what === 'READ ONLY') return;
      const [report] = await preflight(
        { databases: { ...databases.config.databases, GCP: server.config }, pool },
        { names: ['GCP'], onStep: () => {} },
      );
      expect(report?.steps.find(({ step }) => step === 'limits')).toMatchObject({
        status: 'failed',
        problems: [expect.objectContaining({ kind: 'SERVER_READ_ONLY' })],
      });
    } finally {
      await server.sql(off);
    }
    const both = await migrate(targets(folder.path), request);
    expect(both).toMatchObject([{ ok: true }, { ok: true }]);
  });
});

it('changes neither where InnoDB of one cloud is read-only (innodb_read_only), and the API says so too', async () => {
  await using folder = await migrationFolder({ M1: one });
  await server.sql('create table tandem.t (a int primary key)');
  await server.restart(['--innodb-read-only=ON']);
  try {
    const [left, right] = await migrate(targets(folder.path), request);
    expect(left?.problem?.kind).toBe('NOT_TRIED');
    expect(right?.problem).toMatchObject({
      kind: 'READ_ONLY',
      cause: expect.stringContaining('innodb_read_only'),
    });
    expect(await tables()).toEqual([]);
    const [report] = await preflight(
      { databases: { ...databases.config.databases, GCP: server.config }, pool },
      { names: ['GCP'], onStep: () => {} },
    );
    expect(report?.steps.find(({ step }) => step === 'limits')).toMatchObject({
      problems: [expect.objectContaining({ kind: 'SERVER_READ_ONLY' })],
    });
    for (const sql of [
      'insert into tandem.t values (1)',
      'update tandem.t set a = 2',
      'delete from tandem.t',
      'alter table tandem.t add b int',
      'create table tandem.u (a int)',
      'truncate table tandem.t',
      'rename table tandem.t to tandem.u',
      'create temporary table tandem.u (a int)',
    ]) {
      const error = await server.sql(sql).then(
        () => null,
        (refusal: unknown) => refusal,
      );
      expect({ sql, reason: reasonOf(error) }).toEqual({ sql, reason: 'SERVER_READ_ONLY' });
    }
  } finally {
    await server.restart();
  }
  expect(await migrate(targets(folder.path), request)).toMatchObject([{ ok: true }, { ok: true }]);
});

it('names `baseline` where a database without a history has the tables already, and changes neither', async () => {
  await using folder = await migrationFolder({
    M1: one,
    M2: { up: ['create table if not exists two (id int)'] },
  });
  await server.sql('create table tandem.one (id int primary key)');
  const [left, right] = await migrate(targets(folder.path), request);
  expect(left?.problem?.kind).toBe('NOT_TRIED');
  expect(right?.problem).toMatchObject({
    kind: 'NEEDS_BASELINE',
    cause: expect.stringContaining('already: one.'),
    remedy: expect.stringContaining('`tandem migrate baseline --source gcp`'),
  });
  await server.sql('rename table tandem.one to tandem.two');
  expect(await migrate(targets(folder.path), request)).toMatchObject([{ ok: true }, { ok: true }]);
});

it('says which migrations came later than their time stamps, runs them, and takes back who ran last', async () => {
  await using before = await migrationFolder({
    Migration20260101000000_a: one,
    Migration20260301000000_c: { up: ['do 1'], down: ['do 1'] },
  });
  await using folder = await migrationFolder({
    Migration20260101000000_a: one,
    Migration20260201000000_b: { up: ['create table two (id int primary key)'], down: ['drop table two'] },
    Migration20260301000000_c: { up: ['do 1'], down: ['do 1'] },
  });
  const [azureOnly] = targets(folder.path);
  await migrate(targets(before.path), request);
  expect(
    (await migrationStatusOf(azureOnly as Target)).migrations.map(({ state, late }) => [state, late]),
  ).toEqual([
    ['APPLIED', false],
    ['PENDING', true],
    ['APPLIED', false],
  ]);
  const told: string[] = [];
  const results = await migrate(targets(folder.path), request, {
    late: (source, names) => told.push(`${source} ${names}`),
  });
  expect(results).toMatchObject([{ ok: true }, { ok: true }]);
  expect(told.toSorted()).toEqual(['AZURE Migration20260201000000_b', 'GCP Migration20260201000000_b']);
  const [taken] = await migrate([azureOnly as Target], { direction: 'down', lockTimeout: 10 });
  expect(taken?.steps).toMatchObject([{ name: 'Migration20260201000000_b' }]);
  expect((await migrationStatusOf(azureOnly as Target)).migrations[1]).toMatchObject({
    state: 'PENDING',
    journal: { action: 'DOWN', account: expect.stringContaining('migrator') },
  });
});

it('knows a file that was renamed, and takes the new name for applied', async () => {
  await using before = await migrationFolder({ M1: one });
  await using renamed = await migrationFolder({
    M1_better: one,
    M2: { up: ['create table two (id int primary key)'] },
  });
  const [old] = targets(before.path);
  const [target] = targets(renamed.path);
  await migrate([old as Target], request);
  const [refused] = await migrate([target as Target], request);
  expect(refused?.problem).toMatchObject({
    kind: 'MISSING',
    remedy: expect.stringContaining('`tandem migrate repair --source azure --forget M1 --applied M1_better`'),
  });
  expect(
    await repair(target as Target, { forget: 'M1', applied: 'M1_better', lockTimeout: 5 }),
  ).toMatchObject({ ok: true });
  expect((await migrate([target as Target], request))[0]?.steps).toMatchObject([{ name: 'M2' }]);
  expect(await repair(target as Target, { applied: 'M2', lockTimeout: 5 })).toMatchObject({
    ok: false,
    problem: { kind: 'NO_SUCH' },
  });
});

it('stops at the first trigger of a server that logs changes and trusts no creator, names the setting, and goes on once it is set', async () => {
  await using logging = await startOwnServer({ more: ['--log-bin=changes', '--server-id=1'] });
  const target: Target = { source: 'GCP', database: logging.config, pool, folder: '' };
  await using folder = await migrationFolder({
    M1: {
      up: [
        'create table one (id int primary key)',
        'create trigger later before insert on one for each row set new.id = new.id + 1',
      ],
      down: ['drop table one'],
    },
  });
  const [failed] = await migrate([{ ...target, folder: folder.path }], request);
  expect(failed?.problem).toMatchObject({
    kind: 'FAILED',
    cause: expect.stringContaining('1419'),
    remedy: expect.stringContaining('log_bin_trust_function_creators'),
  });
  await logging.sql('set global log_bin_trust_function_creators = ON');
  const [resumed] = await migrate([{ ...target, folder: folder.path }], request);
  expect(resumed).toMatchObject({ ok: true });
  expect(await logging.sql('show triggers from tandem')).toHaveLength(1);
});

describe('on a server in trouble, which is told from a lost connection', () => {
  let own: OwnServer;
  const on = (folder: string): Target => ({ source: 'GCP', database: own.config, pool, folder });

  beforeAll(async () => {
    own = await startOwnServer();
  });
  afterAll(() => own?.[Symbol.asyncDispose]());

  it('a full table is a failed statement that names the lack of room', async () => {
    await using folder = await migrationFolder({
      M1: {
        up: [
          'create table full_one (a char(255)) engine = memory max_rows = 1',
          'set max_heap_table_size = 16384',
          'alter table full_one engine = memory',
          `insert into full_one with recursive n (i) as (select 1 union all select i + 1 from n where i < 900) select repeat('x', 200) from n`,
        ],
        down: ['drop table full_one'],
      },
    });
    const [failed] = await migrate([on(folder.path)], request);
    expect(failed?.problem).toMatchObject({
      kind: 'FAILED',
      failure: { statement: 4, error: 'ER_RECORD_FILE_FULL, 1114' },
      remedy: expect.stringContaining('Give the server more storage'),
    });
    await own.sql('drop database tandem');
    await own.sql('create database tandem character set utf8mb4');
  });

  it('offline_mode is a server that cannot be reached', async () => {
    await using folder = await migrationFolder({ M1: one });
    await own.sql('set global offline_mode = ON');
    try {
      const [refused] = await migrate([on(folder.path)], request);
      expect(refused?.problem).toMatchObject({
        kind: 'UNREACHABLE',
        cause: expect.stringMatching(/offline|maintenance/),
      });
    } finally {
      await own.sql('set global offline_mode = OFF');
    }
    expect((await migrate([on(folder.path)], request))[0]).toMatchObject({ ok: true });
  });
});
