import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyMigration } from '../../src/migrator/apply-migration.ts';
import { ensureJournal } from '../../src/migrator/journal.ts';
import { statementsOf } from '../../src/migrator/migration-file.ts';
import type { MigratorSession } from '../../src/migrator/migrator-session.ts';
import { openTarget, type Target } from '../../src/migrator/open-target.ts';
import { repair } from '../../src/migrator/repair.ts';
import { migrate } from '../../src/migrator/run-migrations.ts';
import { pool } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { migrationFolder } from '../helpers/migration-folder.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';

// Each kind of statement × its runner killed before, during and after it × the next run: as if it had run once, or a
// question, and never twice.

interface Case {
  readonly name: string;
  /** Made beforehand, by hand. */
  readonly setup?: readonly string[];
  readonly sql: string;
  /** What another session holds, so that the statement waits until it is killed. */
  readonly block?: string;
  /** What others change between the kill and the next run. */
  readonly meanwhile?: readonly string[];
  /** Shows once, twice or not at all. */
  readonly probe: string;
  /** Where the next run asks; elsewhere it must know. With PROCESS it may know more. */
  readonly asks?: readonly ('before' | 'during' | 'after')[];
  readonly asksWithProcess?: readonly ('before' | 'during' | 'after')[];
  /** Not in the short run. */
  readonly long?: boolean;
}

const t = 'create table t (id int primary key, n int not null default 0)';
const u = 'create table u (id int primary key, n int not null default 0)';
const reads = 'select * from t';
const partitioned =
  'create table p (id int primary key) partition by range (id) (partition p0 values less than (10), partition p1 values less than (20))';
const plain = 'create table q (id int primary key)';
const columns =
  "select column_name as c from information_schema.columns where table_schema = database() and table_name = 't' order by 1";
const tables =
  "select table_name as c from information_schema.tables where table_schema = database() and table_name not like '%migration%' order by 1";
const partitions =
  "select partition_name as c, (select group_concat(id order by id) from p) as ids from information_schema.partitions where table_schema = database() and table_name = 'p' order by 1";

const cases: readonly Case[] = [
  { name: 'create table', sql: t, probe: tables },
  {
    name: 'create table as select',
    setup: [t, 'insert into t values (1, 1)'],
    sql: 'create table w as select * from t',
    probe: 'select * from w',
    long: true,
  },
  { name: 'add column', setup: [t], sql: 'alter table t add column more int', block: reads, probe: columns },
  { name: 'drop column', setup: [t], sql: 'alter table t drop column n', block: reads, probe: columns },
  { name: 'drop table', setup: [t, u], sql: 'drop table t', block: reads, probe: tables },
  { name: 'rename table', setup: [t], sql: 'rename table t to v', block: reads, probe: tables, long: true },
  {
    name: 'swap of two tables that look alike',
    setup: [t, u, 'insert into t values (1, 1)'],
    sql: 'rename table t to x, u to t, x to u',
    block: reads,
    probe: 'select (select count(*) from t) as t, (select count(*) from u) as u',
    asks: ['before', 'during', 'after'],
    asksWithProcess: [],
  },
  {
    name: 'truncate, with newer rows afterwards',
    setup: [t, 'insert into t values (1, 1)'],
    sql: 'truncate table t',
    block: reads,
    meanwhile: ['insert into t values (7, 7)'],
    probe: 'select id from t order by id',
    asks: ['before', 'during', 'after'],
    asksWithProcess: [],
  },
  {
    name: 'exchange partition',
    setup: [partitioned, plain, 'insert into p values (1), (11)', 'insert into q values (2)'],
    sql: 'alter table p exchange partition p0 with table q',
    block: 'select * from p',
    probe: 'select group_concat(p.id order by id) as p, (select group_concat(id) from q) as q from p',
    asks: ['before', 'during', 'after'],
    asksWithProcess: [],
  },
  {
    name: 'add partition',
    setup: [partitioned],
    sql: 'alter table p add partition (partition p2 values less than (30))',
    block: 'select * from p',
    probe: partitions,
  },
  {
    name: 'drop partition',
    setup: [partitioned, 'insert into p values (1), (11)'],
    sql: 'alter table p drop partition p0',
    block: 'select * from p',
    probe: partitions,
    long: true,
  },
  {
    name: 'truncate partition',
    setup: [partitioned, 'insert into p values (1), (11)'],
    sql: 'alter table p truncate partition p0',
    block: 'select * from p',
    probe: partitions,
    asks: ['before', 'during', 'after'],
    asksWithProcess: [],
    long: true,
  },
  {
    name: 'reorganize partition',
    setup: [partitioned, 'insert into p values (1), (11)'],
    sql: 'alter table p reorganize partition p0 into (partition a values less than (5), partition b values less than (10))',
    block: 'select * from p',
    probe: partitions,
    long: true,
  },
  {
    name: 'create index',
    setup: [t],
    sql: 'create index i on t (n)',
    block: reads,
    probe: "show index from t where key_name = 'i'",
    long: true,
  },
  {
    name: 'drop index',
    setup: [t, 'create index i on t (n)'],
    sql: 'drop index i on t',
    block: reads,
    probe: "show index from t where key_name = 'i'",
    long: true,
  },
  {
    name: 'index that becomes invisible',
    setup: [t, 'create index i on t (n)'],
    sql: 'alter table t alter index i invisible',
    block: reads,
    probe:
      "select is_visible as c from information_schema.statistics where table_schema = database() and index_name = 'i'",
  },
  {
    name: 'check that is not enforced any more',
    setup: [t, 'alter table t add constraint c check (n < 5)'],
    sql: 'alter table t alter check c not enforced',
    block: reads,
    probe:
      "select enforced as c from information_schema.table_constraints where table_schema = database() and constraint_name = 'c'",
  },
  {
    name: 'foreign key',
    setup: [t, u],
    sql: 'alter table u add constraint f foreign key (n) references t (id)',
    block: 'select * from u',
    probe:
      'select count(*) as c from information_schema.referential_constraints where constraint_schema = database()',
    long: true,
  },
  { name: 'create view', setup: [t], sql: 'create view v as select id from t', probe: tables, long: true },
  {
    name: 'alter view',
    setup: [t, 'create view v as select id from t'],
    sql: 'alter view v as select id, n from t',
    probe:
      "select count(*) as c from information_schema.columns where table_schema = database() and table_name = 'v'",
    long: true,
  },
  {
    name: 'create trigger',
    setup: [t],
    sql: 'create trigger g before insert on t for each row begin set new.n = new.n + 1; set new.n = new.n + 1; end',
    block: reads,
    probe: 'select trigger_name as c from information_schema.triggers where trigger_schema = database()',
    long: true,
  },
  {
    name: 'create procedure',
    sql: 'create procedure p() select 1',
    probe: 'select routine_name as c from information_schema.routines where routine_schema = database()',
    long: true,
  },
  {
    name: 'create event',
    sql: 'create event e on schedule every 1 year do select 1',
    probe: 'select event_name as c from information_schema.events where event_schema = database()',
    long: true,
  },
  {
    name: 'alter event',
    setup: ['create event e on schedule every 1 year do select 1'],
    sql: 'alter event e disable',
    probe: 'select status as c from information_schema.events where event_schema = database()',
    long: true,
  },
  {
    name: 'comment of a table',
    setup: [t],
    sql: "alter table t comment = 'x'",
    block: reads,
    probe:
      "select table_comment as c from information_schema.tables where table_schema = database() and table_name = 't'",
    long: true,
  },
  {
    name: 'insert',
    setup: [t],
    sql: 'insert into t (id) select coalesce(max(id), 0) + 1 from t as old',
    probe: 'select id from t order by id',
  },
  {
    name: 'update',
    setup: [t, 'insert into t values (1, 1)'],
    sql: 'update t set n = n + 1',
    block: 'select * from t for update',
    probe: 'select n from t',
  },
  {
    name: 'delete',
    setup: [t, 'insert into t values (1, 1), (2, 2)'],
    sql: 'delete from t order by id limit 1',
    block: 'select * from t for update',
    probe: 'select id from t',
    long: true,
  },
  {
    name: 'replace',
    setup: [t, 'insert into t values (1, 1)'],
    sql: 'replace into t select id, n + 1 from (select * from t) old',
    probe: 'select n from t',
    long: true,
  },
  {
    name: 'update behind a WITH',
    setup: [t, 'insert into t values (1, 1)'],
    sql: 'with w as (select 1 as id) update t join w using (id) set n = n + 1',
    block: 'select * from t for update',
    probe: 'select n from t',
    long: true,
  },
  {
    name: 'function that changes rows',
    setup: [
      t,
      'insert into t values (1, 1)',
      'create function f() returns int deterministic begin update t set n = n + 1; return 1; end',
    ],
    sql: 'do f()',
    block: 'select * from t for update',
    probe: 'select n from t',
    long: true,
  },
  {
    name: 'update of a table without transactions',
    setup: ['create table m (n int) engine = MyISAM', 'insert into m values (1)'],
    sql: 'update m set n = n + 1',
    probe: 'select n from m',
    asks: ['before', 'after'],
    asksWithProcess: ['before', 'after'],
  },
  {
    name: 'call of a procedure that changes rows',
    setup: [t, 'insert into t values (1, 1)', 'create procedure p() update t set n = n + 1'],
    sql: 'call p()',
    block: 'select * from t for update',
    probe: 'select n from t',
  },
  {
    name: 'call of a procedure that commits in the middle',
    setup: [
      t,
      u,
      'insert into t values (1, 1)',
      'insert into u values (1, 1)',
      'create procedure p() begin update t set n = n + 1; commit; update u set n = n + 1; end',
    ],
    sql: 'call p()',
    block: 'select * from u for update',
    probe: 'select t.n as t, u.n as u from t join u using (id)',
    asks: ['during', 'after'],
    asksWithProcess: ['during', 'after'],
  },
  {
    name: 'prepared statement',
    setup: [t, 'insert into t values (1, 1)'],
    sql: "prepare s from 'update t set n = n + 1'; execute s",
    block: 'select * from t for update',
    probe: 'select n from t',
    long: true,
  },
  {
    name: 'account',
    sql: "create user if not exists nobody@'127.0.0.9' account lock; drop user nobody@'127.0.0.9'",
    probe: tables,
    asks: ['before', 'after'],
    asksWithProcess: ['before', 'after'],
    long: true,
  },
  { name: 'optimize', setup: [t], sql: 'optimize table t', probe: tables, long: true },
];

let server: OwnServer;
let connection: Awaited<ReturnType<typeof connect>>;

beforeAll(async () => {
  server = await startOwnServer();
  await server.sql("grant create user on *.* to 'tandem_migrator'@'%'");
  connection = await connect(server.config, server.admin);
}, 120_000);
afterAll(async () => {
  await connection?.end();
  await server?.[Symbol.asyncDispose]();
});

const rows = async (sql: string) => (await connection.query(sql))[0] as Record<string, unknown>[];
const target = (folder: string): Target => ({ source: 'AZURE', database: server.config, pool, folder });

/** What a runner hears of a server that is gone. */
const lost = () => Object.assign(new Error('gone'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true });

/** Runs a migration up to its last statement, where the runner dies. */
async function killed(folder: string, when: 'before' | 'during' | 'after', { block }: Case): Promise<void> {
  await using open = await openTarget(target(folder));
  expect(await open.lock({ seconds: 30, onWait: () => {} })).toBeNull();
  const { session, keeper, database, others } = await open.sessions();
  await ensureJournal(keeper);
  await open.orm.migrator.getExecuted();
  const [file] = open.files;
  if (file === undefined) throw new Error('no file');
  const statements = await statementsOf(file, 'up', open.orm);
  const last = statements.at(-1);
  let dead = false;
  const dying = (real: MigratorSession): MigratorSession => {
    const query: MigratorSession['query'] = async (sql, values) => {
      if (dead) throw lost();
      if (sql !== last) return real.query(sql, values);
      dead = true;
      if (when === 'before') throw lost();
      if (when === 'after') {
        await real.query(sql, values);
        throw lost();
      }
      await connection.query('begin');
      await connection.query(block as string);
      const { id } = real;
      const ended = real.query(sql).catch(() => {});
      for (;;) {
        const [row] = await rows(
          `select command as c, info as i from information_schema.processlist where id = ${id}`,
        );
        if (row?.c === 'Query' && row.i !== null) break;
        await delay(20);
      }
      await delay(150);
      await connection.query(`kill ${id}`);
      await ended;
      // The client hears of its end first: the statement would get the lock that it waits for still.
      for (let at = [{}]; at.length > 0; await delay(5)) {
        at = await rows(`select 1 from information_schema.processlist where id = ${id}`);
      }
      await connection.query('rollback');
      throw lost();
    };
    return {
      ...real,
      id: real.id,
      closed: false,
      query,
      async transaction(work) {
        await query('begin');
        await work();
        await query('commit');
      },
    };
  };
  const ended = await applyMigration(
    { session: dying(session), keeper: dying(keeper), database, others },
    {
      file,
      direction: 'up',
      statements,
      resume: null,
      lockSeconds: 5,
      onStatement: () => {},
      onBlocked: () => {},
    },
  );
  expect(ended.ok).toBe(false);
}

async function empty(): Promise<void> {
  await server.sql('drop database tandem');
  await server.sql('create database tandem character set utf8mb4');
  await connection.query('use tandem');
}

/**
 * Tables look alike where they were made within one second of the server's clock, which is this machine's. The cases in
 * which a runner asks rely on that; the others must know in any second.
 */
async function withinOneSecond({ asks }: Case, work: () => Promise<void>): Promise<void> {
  const second = () => Math.floor(Date.now() / 1000);
  for (let tries = 0; tries < 20; tries++) {
    if (asks !== undefined) await delay(1000 - (Date.now() % 1000));
    const begun = second();
    await work();
    // A machine that is busy may take longer.
    if (asks === undefined || second() === begun) return;
  }
}

/** By the migrator, whose objects they are to be. */
async function setUp({ setup = [] }: Case): Promise<void> {
  const own = await connect(server.config, server.config.migrator);
  for (const sql of setup) await own.query(sql);
  await own.end();
}

const long = process.env.TANDEM_LONG === '1';
const moments = ['before', 'during', 'after'] as const;
const rights = long ? ([false, true] as const) : ([false] as const);

describe.each(rights)('with PROCESS: %s', (withProcess) => {
  beforeAll(() =>
    server.sql(
      `${withProcess ? 'grant' : 'revoke'} process on *.* ${withProcess ? 'to' : 'from'} 'tandem_migrator'@'%'`,
    ),
  );

  describe.each(cases.filter((one) => long || one.long !== true))('$name', (one) => {
    const possible = moments.filter((when) => when !== 'during' || one.block !== undefined);
    it.each(possible)('killed %s it: as if it had run once, or a question', async (when) => {
      await using folder = await migrationFolder({ M1: { up: ['do 1', one.sql] } });
      await withinOneSecond(one, async () => {
        await empty();
        await setUp(one);
        await killed(folder.path, when, one);
      });
      const left = await rows(one.probe).catch(() => null);
      for (const sql of one.meanwhile ?? []) await connection.query(sql);

      const request = { direction: 'up', lockTimeout: 30, allowDestructive: true } as const;
      const [result] = await migrate([target(folder.path)], request);
      const asks = (withProcess ? one.asksWithProcess : one.asks)?.includes(when) === true;
      expect(result?.problem?.kind ?? null).toBe(asks ? 'UNCERTAIN' : null);
      if (asks) {
        // Nothing is touched until somebody has answered.
        expect(result?.problem?.remedy).toContain('--statement-applied M1');
        if (one.meanwhile === undefined) expect(await rows(one.probe).catch(() => null)).toEqual(left);
        const answer = when === 'after' ? { statementApplied: 'M1' } : { statementNotApplied: 'M1' };
        expect(await repair(target(folder.path), { ...answer, lockTimeout: 5 })).toMatchObject({ ok: true });
        const [resumed] = await migrate([target(folder.path)], request);
        expect(resumed).toMatchObject({ ok: true });
      }
      const found = await rows(one.probe);

      // What it is where nothing happens to the runner; here the others came before or after it.
      await empty();
      await setUp(one);
      if (when !== 'after') for (const sql of one.meanwhile ?? []) await connection.query(sql);
      await using again = await migrationFolder({ M1: { up: ['do 1', one.sql] } });
      expect((await migrate([target(again.path)], request))[0]).toMatchObject({ ok: true });
      if (when === 'after') for (const sql of one.meanwhile ?? []) await connection.query(sql);
      // A procedure that had committed the half of it stays so: that is what was asked.
      if (!(asks && one.name.includes('in the middle') && when === 'during')) {
        expect(found).toEqual(await rows(one.probe));
      }
    });
  });
});
