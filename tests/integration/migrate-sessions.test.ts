import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Blockers } from '../../src/migrator/blockers.ts';
import type { Target } from '../../src/migrator/open-target.ts';
import { repair } from '../../src/migrator/repair.ts';
import { migrate } from '../../src/migrator/run-migrations.ts';
import { migrationStatusOf, statusExitCode } from '../../src/migrator/status.ts';
import { pool } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { migrationFolder, type Written } from '../helpers/migration-folder.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';
import { built } from '../helpers/run-command-line.ts';

// What a runner's sessions wait for, what they leave, and what they must not pass on.

let server: OwnServer;
let connection: Awaited<ReturnType<typeof connect>>;

beforeAll(async () => {
  server = await startOwnServer({ more: ['--performance-schema=ON'] });
  await server.sql('create database other');
  await server.sql("grant all on other.* to 'tandem_migrator'@'%'");
  connection = await connect(server.config, server.admin);
}, 120_000);
afterAll(async () => {
  await connection?.end();
  await server?.[Symbol.asyncDispose]();
});
beforeEach(anew);

async function anew(): Promise<void> {
  await connection.query('rollback');
  await server.sql('drop database tandem');
  await server.sql('create database tandem character set utf8mb4');
  await connection.query('use tandem');
}

const rows = async (sql: string) => (await connection.query(sql))[0] as Record<string, unknown>[];
const target = (folder: string): Target => ({ source: 'AZURE', database: server.config, pool, folder });
const up = (folder: string, more = {}, progress = {}) =>
  migrate([target(folder)], { direction: 'up', lockTimeout: 20, ...more }, progress).then(
    ([result]) => result,
  );
const until = async (holds: () => Promise<boolean>) => {
  for (const late = performance.now() + 30_000; !(await holds()); await delay(20)) {
    if (performance.now() > late) throw new Error('it never came to that');
  }
};
const one: Written = { up: ['create table one (id int primary key)'], down: ['drop table one'] };

it.each([
  [['set foreign_key_checks = 0'], '@@foreign_key_checks', 1],
  [["set sql_mode = ''"], "@@sql_mode <> ''", 1],
  [['set @mine = 5'], '@mine', null],
  [['set names latin1'], '@@character_set_client', 'utf8mb4'],
  [['set autocommit = 0'], '@@autocommit', 1],
  [['use other'], 'database()', 'tandem'],
  [
    ['create temporary table left_over (id int)'],
    '(select count(*) from information_schema.innodb_temp_table_info)',
    0,
  ],
  [['set time_zone = "+05:00"'], '@@time_zone', '+00:00'],
  [['set unique_checks = 0, sql_safe_updates = 1'], '@@unique_checks + @@sql_safe_updates', 1],
  [['set session transaction isolation level serializable'], '@@transaction_isolation', 'REPEATABLE-READ'],
  [
    ['prepare s from "select 1"'],
    // Those of the connection's own have no name.
    "(select count(*) from performance_schema.prepared_statements_instances where statement_name = 's')",
    0,
  ],
  [['set lock_wait_timeout = 77'], '@@lock_wait_timeout', 5],
])('does not pass %j on to the next migration', async (first, what, expected) => {
  await server.sql("grant process, select on *.* to 'tandem_migrator'@'%'");
  await using folder = await migrationFolder({
    M1: { up: [...one.up, ...first] },
    // CREATE … SELECT has settings of its own.
    M2: { up: ['create table tandem.seen (it varchar(100))', `insert into tandem.seen select ${what}`] },
  });
  expect(await up(folder.path)).toMatchObject({ ok: true, steps: [{ name: 'M1' }, { name: 'M2' }] });
  expect(await rows('select it from tandem.seen')).toEqual([
    { it: expected === null ? null : String(expected) },
  ]);
  expect(await rows('select name from tandem.mikro_orm_migrations')).toHaveLength(2);
  await server.sql("revoke process, select on *.* from 'tandem_migrator'@'%'");
});

it('journals what runs behind USE, SET autocommit and LOCK TABLES in the right database', async () => {
  await using folder = await migrationFolder({
    M1: {
      up: [
        ...one.up,
        'use other',
        'set autocommit = 0',
        'insert into tandem.one values (1)',
        'use tandem',
        'insert into one values (2)',
      ],
    },
    M2: { up: ['lock tables one write', 'insert into one values (3)', 'unlock tables'] },
  });
  expect(await up(folder.path)).toMatchObject({ ok: true, steps: [{ statements: 6 }, { statements: 3 }] });
  expect(await rows('select id from one order by id')).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  expect(await rows('select done from tandem_migration_journal order by id')).toEqual([
    { done: 6 },
    { done: 3 },
  ]);
});

it.each([
  [
    'performance_schema, where it may be read',
    "grant select on performance_schema.* to 'tandem_migrator'@'%'",
    "revoke select on performance_schema.* from 'tandem_migrator'@'%'",
    true,
  ],
  [
    'the open transactions, with PROCESS',
    "grant process on *.* to 'tandem_migrator'@'%'",
    "revoke process on *.* from 'tandem_migrator'@'%'",
    false,
  ],
])('names the session in the way by %s, and readers pass meanwhile', async (_, grant, revoke, certain) => {
  await using before = await migrationFolder({ M0: one });
  await using folder = await migrationFolder({
    M0: one,
    M1: { up: ['do 1', 'alter table one add column more int'] },
  });
  await up(before.path);
  await server.sql(grant);
  await connection.query('begin');
  await connection.query('select * from one');
  const told: Blockers[] = [];
  const waiting = up(
    folder.path,
    { tableLockTimeout: 8 },
    { blocked: (_source: string, _name: string, found: Blockers) => told.push(found) },
  );
  await until(async () => told.length > 0);
  // Between two attempts a reader has its turn.
  expect(await server.sql('select count(*) as c from tandem.one')).toEqual([{ c: 0 }]);
  const result = await waiting;
  await connection.query('rollback');
  await server.sql(revoke);
  expect(told[0]).toMatchObject({ certain });
  expect(result?.problem).toMatchObject({
    kind: 'BLOCKED',
    failure: { statement: 2, error: 'ER_LOCK_WAIT_TIMEOUT, 1205' },
    blockers: [expect.objectContaining({ connection: connection.threadId, account: 'admin' })],
  });
  expect(result?.problem?.cause).toContain(`connection ${connection.threadId}, admin from`);
  expect(await up(folder.path)).toMatchObject({ ok: true, steps: [{ name: 'M1', resumedAfter: 1 }] });
});

it('goes on by itself once the session in the way has ended, and says what it may see of it', async () => {
  await using before = await migrationFolder({ M0: one });
  await using folder = await migrationFolder({
    M0: one,
    M1: { up: ['alter table one add column more int'] },
  });
  await up(before.path);
  const own = await connect(server.config, server.config.migrator);
  await own.query('begin');
  await own.query('select * from one');
  const told: Blockers[] = [];
  const waiting = up(
    folder.path,
    {},
    { blocked: (_source: string, _name: string, found: Blockers) => told.push(found) },
  );
  await until(async () => told.length > 0);
  await own.query('rollback');
  expect(await waiting).toMatchObject({ ok: true });
  expect(told[0]?.sessions).toContainEqual(expect.objectContaining({ connection: own.threadId }));
  await own.end();
});

it('tries a change of rows again that waits for another transaction, and journals it once', async () => {
  await using before = await migrationFolder({ M0: { up: [...one.up, 'insert into one values (1)'] } });
  await using folder = await migrationFolder({
    M0: { up: [...one.up, 'insert into one values (1)'] },
    M1: { up: ['update one set id = id + 1'] },
  });
  await up(before.path);
  await connection.query('begin');
  await connection.query('select * from one for update');
  const told: Blockers[] = [];
  const waiting = up(
    folder.path,
    {},
    { blocked: (_source: string, _name: string, found: Blockers) => told.push(found) },
  );
  await until(async () => told.length > 0);
  await connection.query('rollback');
  expect(await waiting).toMatchObject({ ok: true });
  expect(await rows('select id from one')).toEqual([{ id: 2 }]);
});

const start = (folder: string) =>
  spawn(process.execPath, [built('tests/helpers/migrate-process.ts')], {
    env: {
      ...process.env,
      MIGRATE_REQUEST: JSON.stringify({
        target: target(folder),
        request: { direction: 'up', lockTimeout: 30 },
      }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
const sent = (begins: string) =>
  rows(`select id, state from information_schema.processlist where db = 'tandem' and info like '${begins}%'`);
const isCopying = ({ state }: Record<string, unknown>) => /copy/i.test(String(state));

it('says of a runner that lives that it is at it, and of one that is gone that it died', async () => {
  await using folder = await migrationFolder({ M1: { up: [...one.up, 'do sleep(60)'] } });
  const child = start(folder.path);
  try {
    await until(async () => (await sent('do sleep')).length > 0);
    const alive = await migrationStatusOf(target(folder.path));
    expect(alive).toMatchObject({
      left: null,
      migrations: [{ name: 'M1', state: 'RUNNING', journal: { done: 1 } }],
    });
    expect(statusExitCode([alive])).toBe(31);
    expect((await up(folder.path, { lockTimeout: 0 }))?.problem).toMatchObject({
      kind: 'LOCKED',
      holder: { account: 'tandem_migrator', since: expect.any(String) },
    });
  } finally {
    child.kill('SIGKILL');
  }
  await until(
    async () => (await migrationStatusOf(target(folder.path))).migrations[0]?.state === 'INTERRUPTED',
  );
  await using mended = await migrationFolder({ M1: { up: [...one.up, 'do 2'] } });
  expect(await up(mended.path)).toMatchObject({ ok: true, steps: [{ resumedAfter: 1 }] });
});

it.each([
  ['a table’s lock', 'alter table one add column more int', 'select * from one'],
  ['rows', 'update one set id = id + 1', 'select * from one for update'],
])('ends what a killed runner left waiting for %s on the server', async (_, statement, block) => {
  const filled = {
    up: [
      'create table one (id int primary key)',
      'insert into one values (1)',
      'set lock_wait_timeout = 600, innodb_lock_wait_timeout = 600',
      statement,
    ],
  };
  await using before = await migrationFolder({ M1: { up: filled.up.slice(0, 2) } });
  await using folder = await migrationFolder({
    M1: { up: filled.up.slice(0, 2) },
    M2: { up: filled.up.slice(2) },
  });
  await up(before.path);
  await connection.query('begin');
  await connection.query(block);
  const child = start(folder.path);
  await until(async () => (await sent(statement)).length > 0);
  const [{ id } = {}] = await sent(statement);
  child.kill('SIGKILL');
  // MySQL itself may notice that nobody listens any more; where it does not, the next runner ends it.
  const next = up(folder.path, { tableLockTimeout: 30 });
  await until(
    async () => (await rows(`select 1 from information_schema.processlist where id = ${id}`)).length === 0,
  );
  await connection.query('rollback');
  expect(await next).toMatchObject({ ok: true, steps: [{ name: 'M2' }] });
  expect(await rows('select * from one')).toEqual([
    statement.startsWith('update') ? { id: 2 } : { id: 1, more: null },
  ]);
});

it('lets a DDL statement finish that a killed runner left at work', async () => {
  // How long the statement must be at work depends on the machine: until a look behind the runner's end finds it there.
  for (let count = 128; ; count *= 2) {
    const filled = [
      'create table one (id int primary key auto_increment, n int)',
      `insert into one (n) values ${Array(count).fill('(1)')}`,
    ];
    // Some milliseconds a row.
    const alter =
      'alter table one add column more char(128) as (sha2(repeat(n, 800000), 512)) stored, algorithm = copy';
    await using before = await migrationFolder({ M1: { up: filled } });
    await using folder = await migrationFolder({ M1: { up: filled }, M2: { up: [alter, 'do 1'] } });
    await up(before.path);
    const child = start(folder.path);
    const ended = once(child, 'close');
    await until(async () => child.exitCode !== null || (await sent('alter table one')).some(isCopying));
    child.kill('SIGKILL');
    await ended;
    const { left } = await migrationStatusOf(target(folder.path));
    if (left === null && count < 16_384) {
      await anew();
      continue;
    }
    expect(left).toEqual(expect.any(Number));
    const again = await up(folder.path, { lockTimeout: 100 });
    expect(again).toMatchObject({ ok: true, steps: [{ name: 'M2', resumedAfter: 1 }] });
    return;
  }
}, 120_000);

it.each([
  [
    'a temporary table',
    [
      'create temporary table tmp as select 1 as id',
      "insert into one values ('x')",
      'insert into one select id from tmp',
    ],
    'the temporary table tmp',
  ],
  [
    'a variable read from rows',
    [
      'set @n = (select coalesce(max(id), 0) from one)',
      "insert into one values ('x')",
      'insert into one values (@n + 5)',
    ],
    'the variable @n',
  ],
])('asks where what follows needs %s of the session that is gone', async (_, statements, what) => {
  await using folder = await migrationFolder({ M1: { up: [...one.up, ...statements] } });
  expect((await up(folder.path))?.problem?.kind).toBe('FAILED');
  await using mended = await migrationFolder({
    M1: { up: [...one.up, ...statements.map((sql) => sql.replace("'x'", '3'))] },
  });
  const asked = await up(mended.path);
  expect(asked?.problem).toMatchObject({ kind: 'UNCERTAIN', cause: expect.stringContaining(what) });
  expect(await rows('select id from one')).toEqual([]);
  await connection.query('insert into one values (3), (8)');
  expect(await repair(target(mended.path), { applied: 'M1', lockTimeout: 5 })).toMatchObject({ ok: true });
  expect((await migrationStatusOf(target(mended.path))).migrations).toMatchObject([{ state: 'APPLIED' }]);
  expect(await up(mended.path)).toMatchObject({ ok: true, steps: [] });
});

it('says SET again where a migration goes on', async () => {
  const statements = [
    'set @old = @@foreign_key_checks, foreign_key_checks = 0',
    'create table c (id int primary key, p int, constraint f foreign key (p) references one (id))',
    "insert into c values (1, 'x')",
    'set foreign_key_checks = @old',
  ];
  await using folder = await migrationFolder({ M1: { up: [...one.up, ...statements] } });
  expect((await up(folder.path))?.problem?.kind).toBe('FAILED');
  await using mended = await migrationFolder({
    M1: { up: [...one.up, ...statements.map((sql) => sql.replace("'x'", '99'))] },
  });
  expect(await up(mended.path)).toMatchObject({ ok: true, steps: [{ resumedAfter: 3 }] });
});
