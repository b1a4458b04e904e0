import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Target } from '../../src/migrator/open-target.ts';
import { baseline, repair } from '../../src/migrator/repair.ts';
import { migrate } from '../../src/migrator/run-migrations.ts';
import { markBefore } from '../../src/migrator/statement-outcome.ts';
import { migrationStatusOf } from '../../src/migrator/status.ts';
import { sourceNames } from '../../src/source-name.ts';
import { createDatabases, environmentOf, pool, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { migrationFolder, type Written } from '../helpers/migration-folder.ts';
import { built, spawnTandem, startMikroOrm, tandem } from '../helpers/run-command-line.ts';

let databases: TestDatabases;
let settings: Record<string, string>;
let connection: Awaited<ReturnType<typeof connect>>;

beforeAll(async () => {
  databases = await createDatabases({ migrated: false });
  settings = environmentOf(databases.config);
  const { AZURE } = databases.config.databases;
  connection = await connect(AZURE, AZURE.migrator);
});
afterAll(async () => {
  await connection?.end();
  await databases?.[Symbol.asyncDispose]();
});

const target = (folder?: string, source: Target['source'] = 'AZURE'): Target => ({
  source,
  database: databases.config.databases[source],
  pool,
  folder,
});
const rows = async (sql: string) => (await connection.query(sql))[0] as Record<string, unknown>[];
const tables = async () => (await rows('show tables')).map((row) => Object.values(row)[0] as string);
const up = (folder: string, more = {}) =>
  migrate([target(folder)], { direction: 'up', lockTimeout: 10, ...more }).then(([result]) => result);
const down = (folder: string, more = {}) =>
  migrate([target(folder)], { direction: 'down', lockTimeout: 10, ...more }).then(([result]) => result);
const states = async (folder: string) =>
  (await migrationStatusOf(target(folder))).migrations.map(({ name, state, journal }) => [
    name,
    state,
    journal?.done,
  ]);
/** MySQL takes its time to notice that a runner is gone. */
const patience = { timeout: 30_000 };
const until = async (holds: () => Promise<boolean>) => {
  for (const late = performance.now() + 30_000; !(await holds()); await delay(20)) {
    if (performance.now() > late) throw new Error('it never came to that');
  }
};

const one: Written = { up: ['create table one (id int primary key)'], down: ['drop table one'] };
const two: Written = { up: ['create table two (id int primary key)'], down: ['drop table two'] };

beforeEach(async () => {
  await connection.query('set foreign_key_checks = 0');
  for (const table of await tables()) await connection.query(`drop table \`${table}\``);
});

describe('a failing statement', () => {
  const first = ['create table one (id int primary key)', 'insert into one values (1)'];

  it('is named with its number and MySQL’s, and the next run goes on behind what is done', async () => {
    await using broken = await migrationFolder({ M1: { up: [...first, 'insert into one values (1)'] } });
    await using mended = await migrationFolder({ M1: { up: [...first, 'insert into one values (2)'] } });
    const failed = await up(broken.path);
    expect(failed?.problem).toMatchObject({
      kind: 'FAILED',
      failure: { statement: 3, of: 3, error: 'ER_DUP_ENTRY, 1062' },
    });
    expect(failed?.problem?.cause).not.toContain('Duplicate entry');
    expect(await states(broken.path)).toEqual([['M1', 'FAILED', 2]]);
    expect(await rows('select name from mikro_orm_migrations')).toEqual([]);

    expect((await down(broken.path))?.problem?.kind).toBe('UNFINISHED');
    expect(await up(mended.path)).toMatchObject({ ok: true, steps: [{ name: 'M1', resumedAfter: 2 }] });
    expect(await rows('select id from one order by id')).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await states(mended.path)).toEqual([['M1', 'APPLIED', 3]]);
  });

  it('refuses to go on where a statement that is done reads otherwise now', async () => {
    await using broken = await migrationFolder({ M1: { up: [...first, 'insert into nowhere values (1)'] } });
    await using edited = await migrationFolder({
      M1: { up: [first[0] as string, 'insert into one values (7)'] },
    });
    await up(broken.path);
    expect((await up(edited.path))?.problem).toMatchObject({ kind: 'CHANGED' });
    expect(await repair(target(edited.path), { forget: 'M1', lockTimeout: 1 })).toMatchObject({ ok: true });
    expect(await states(edited.path)).toEqual([['M1', 'PENDING', undefined]]);
  });

  it('leaves the other source alone', async () => {
    await using broken = await migrationFolder({ M1: { up: ['create tabel'] } });
    await using fine = await migrationFolder({ M1: one });
    const results = await migrate([target(broken.path), target(fine.path, 'GCP')], {
      direction: 'up',
      lockTimeout: 1,
    });
    expect(results).toMatchObject([{ ok: false }, { ok: true, steps: [{ name: 'M1' }] }]);
    await migrate([target(fine.path, 'GCP')], { direction: 'down', lockTimeout: 1 });
  });
});

it('changes rows with the journal or not at all, whatever comment stands in front', async () => {
  const change = '/* lint: allow unbounded-change: small */ update one set n = n + 1 where sleep(0.5) = 0';
  await using folder = await migrationFolder({
    M1: { up: ['create table one (n int primary key)', 'insert into one values (0)', change] },
  });
  const sent = (statement: string) =>
    rows(`select id from information_schema.processlist where db = database() and info like '${statement}'`);
  const lost = up(folder.path);
  await until(async () => (await sent('/* lint%')).length > 0);
  await connection.query('begin');
  await connection.query('select * from tandem_migration_journal for update');
  await until(async () => (await sent('update %journal%')).length > 0);
  for (const { id } of await sent('update %journal%')) await connection.query(`kill ${id}`);
  expect((await lost)?.problem?.kind).toBe('CONNECTION_LOST');
  await connection.query('rollback');
  expect(await up(folder.path)).toMatchObject({ ok: true, steps: [{ resumedAfter: 2 }] });
  expect(await rows('select n from one')).toEqual([{ n: 1 }]);
});

describe('a runner that is killed', () => {
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
  const doneSoFar = async () =>
    (await rows('select done from tandem_migration_journal').catch(() => [])).map(({ done }) => done)[0];

  it('between two statements leaves one that the next run goes on with', async () => {
    // The third waits for a lock that the test holds.
    const blocked = 'select get_lock(concat(database(), "_test"), 60)';
    await using folder = await migrationFolder({
      M1: { up: [one.up[0] as string, two.up[0] as string, blocked, 'create table three (id int)'] },
    });
    await connection.query('select get_lock(concat(database(), "_test"), 0)');
    const child = start(folder.path);
    await until(async () => (await doneSoFar()) === 2);
    child.kill('SIGKILL');
    await expect.poll(() => states(folder.path), patience).toEqual([['M1', 'INTERRUPTED', 2]]);
    await connection.query('select release_lock(concat(database(), "_test"))');
    expect(await up(folder.path)).toMatchObject({ ok: true, steps: [{ resumedAfter: 2, statements: 4 }] });
    expect(await tables()).toContain('three');
  });

  it('during one, which waits for a lock of the table, is resumed once that is over', async () => {
    await using before = await migrationFolder({ M0: one });
    await using folder = await migrationFolder({
      M0: one,
      M1: {
        up: [two.up[0] as string, 'alter table one add column more int', 'create table three (id int)'],
      },
    });
    await up(before.path);
    await connection.query('begin');
    await connection.query('select * from one');
    const child = start(folder.path);
    await until(async () => {
      const sent = await rows(
        "select 1 from information_schema.processlist where info like 'alter table one%' and db = database()",
      );
      return sent.length > 0;
    });
    child.kill('SIGKILL');
    await expect
      .poll(() => states(folder.path), patience)
      .toMatchObject([
        ['M0', 'APPLIED', 1],
        ['M1', 'INTERRUPTED', 1],
      ]);
    const resumed = up(folder.path);
    await delay(100);
    await connection.query('rollback');
    expect(await resumed).toMatchObject({ ok: true, steps: [{ name: 'M1', statements: 3 }] });
    expect((await rows('show columns from one')).map(({ Field }) => Field)).toEqual(['id', 'more']);
    expect(await tables()).toContain('three');
  });

  it.each([
    ['took place', true, 2],
    ['did not', false, 1],
  ])('with a statement under way that %s, is resumed behind or at it', async (_, happened, after) => {
    const statements = [
      one.up[0] as string,
      'alter table one add column more int',
      'create table three (id int)',
    ];
    await using broken = await migrationFolder({ M1: { up: [...statements.slice(0, 2), 'create tabel'] } });
    await using folder = await migrationFolder({ M1: { up: statements } });
    await up(broken.path);
    // As the journal is where a runner died between sending the second statement and hearing of its end.
    await connection.query('alter table one drop column more');
    await using first = await migrationFolder({ M1: { up: [statements[0] as string, 'alter tabel'] } });
    await connection.query('drop table one, tandem_migration_journal');
    await up(first.path);
    const print = await markBefore({ query: rows } as never, target().database.name, {
      sql: statements[1] as string,
      kind: 'schema',
    });
    await connection.query(
      "update tandem_migration_journal set state = 'RUNNING', ended_at = null, fingerprint = ?",
      [print],
    );
    if (happened) await connection.query(statements[1] as string);
    expect(await states(folder.path)).toEqual([['M1', 'INTERRUPTED', 1]]);
    expect(await up(folder.path)).toMatchObject({ ok: true, steps: [{ resumedAfter: after }] });
    expect((await rows('show columns from one')).map(({ Field }) => Field)).toEqual(['id', 'more']);
  });

  it('is not disturbed by two others that start at the same time', async () => {
    await using folder = await migrationFolder({ M1: { up: [...one.up, 'do sleep(0.3)'] }, M2: two });
    const children = [start(folder.path), start(folder.path), start(folder.path)];
    const outputs = await Promise.all(
      children.map(
        async (child) => JSON.parse((await child.stdout.toArray()).join('')) as { ok: boolean; steps: [] }[],
      ),
    );
    expect(outputs.map(([result]) => result?.ok)).toEqual([true, true, true]);
    expect(outputs.map(([result]) => result?.steps.length).sort()).toEqual([0, 0, 2]);
    expect((await rows('select name from mikro_orm_migrations order by id')).length).toBe(2);
  });
});

it('says who holds the lock where it does not become free', async () => {
  const wait = 'do get_lock(concat(database(), "_test"), 60)';
  await using slow = await migrationFolder({ M1: { up: [wait] } });
  await connection.query('select get_lock(concat(database(), "_test"), 0)');
  const first = up(slow.path);
  await until(
    async () =>
      (await rows(`select 1 from information_schema.processlist where info like 'do get_lock%'`)).length > 0,
  );
  const second = await up(slow.path, { lockTimeout: 0 });
  await connection.query('select release_lock(concat(database(), "_test"))');
  expect(second?.problem).toMatchObject({
    kind: 'LOCKED',
    holder: { connection: expect.any(Number), account: databases.config.databases.AZURE.migrator.user },
  });
  expect(second?.problem?.holder?.since).toMatch(/^\d{4}-\d\d-\d\d /);
  expect(await first).toMatchObject({ ok: true });
});

describe('a file that was applied', () => {
  it('and edited is refused until it is accepted', async () => {
    await using before = await migrationFolder({ M1: one });
    await using after = await migrationFolder({
      M1: { ...one, up: [`${one.up[0]} comment = 'x'`] },
      M2: two,
    });
    await up(before.path);
    expect((await up(after.path))?.problem).toMatchObject({
      kind: 'EDITED',
      remedy: expect.stringContaining('M1'),
    });
    expect(await tables()).not.toContain('two');
    await repair(target(after.path), { acceptChecksum: 'M1', lockTimeout: 1 });
    expect(await up(after.path)).toMatchObject({ ok: true, steps: [{ name: 'M2' }] });
  });

  it('and deleted is refused until it is forgotten', async () => {
    await using both = await migrationFolder({ M1: one, M2: two });
    await using second = await migrationFolder({ M2: two, M3: { up: ['create table three (id int)'] } });
    await up(both.path);
    expect((await up(second.path))?.problem).toMatchObject({ kind: 'MISSING' });
    await repair(target(second.path), { forget: 'M1', lockTimeout: 1 });
    expect(await up(second.path)).toMatchObject({ ok: true, steps: [{ name: 'M3' }] });
  });
});

it('repairs nothing where a name is nobody’s', async () => {
  await using folder = await migrationFolder({ M1: one });
  await up(folder.path);
  // As the official CLI leaves it: repair would adopt the checksum.
  await connection.query('delete from tandem_migration_journal');
  for (const options of [{ forget: 'nobody' }, { acceptChecksum: 'nobody' }, { forget: 'M1' }]) {
    expect(await repair(target(folder.path), { ...options, lockTimeout: 1 })).toMatchObject({
      ok: false,
      done: [],
      problem: { kind: 'NO_SUCH' },
    });
    expect(await rows('select name from tandem_migration_journal')).toEqual([]);
  }
  expect(await repair(target(folder.path), { lockTimeout: 1 })).toMatchObject({
    ok: true,
    done: [expect.stringContaining('M1')],
  });
});

it('goes down by number and to a name, and only where no rows are lost unless that is allowed', async () => {
  await using folder = await migrationFolder({ M1: one, M2: two, M3: { up: ['do 1'], down: ['do 1'] } });
  await up(folder.path);
  await connection.query('insert into two values (1), (2)');
  expect((await down(folder.path, { to: 'M1' }))?.problem).toMatchObject({
    kind: 'DESTRUCTIVE',
    losses: [{ table: 'two', rows: 2 }],
  });
  expect(await tables()).toContain('two');
  const allowed = await down(folder.path, { to: 'M1', allowDestructive: true });
  expect(allowed?.steps.map(({ name }) => name)).toEqual(['M3', 'M2']);
  expect(await states(folder.path)).toEqual([
    ['M1', 'APPLIED', 1],
    // Taken back: its journal says by whom.
    ['M2', 'PENDING', 1],
    ['M3', 'PENDING', 1],
  ]);
  await up(folder.path, { to: 'M2' });
  expect((await down(folder.path, { count: 2 }))?.steps.length).toBe(2);
});

it('refuses what narrows a filled column or drops a view, and tells size and lock beforehand', async () => {
  const wide = {
    up: ['create table one (id int primary key, a varchar(50))', 'create view v as select 1 as x'],
  };
  const narrow = {
    up: ['alter table one modify a varchar(10)'],
    down: ['alter table one modify a varchar(50)'],
  };
  await using folder = await migrationFolder({ M1: wide, M2: narrow, M3: { up: ['drop view v'] } });
  await up(folder.path, { to: 'M1' });
  await connection.query("insert into one values (1, 'x'), (2, null)");
  const judged: unknown[] = [];
  const request = { direction: 'up', lockTimeout: 10, checked: true, to: 'M2' } as const;
  const [refused] = await migrate([target(folder.path)], request, {
    judged: (_, found) => judged.push(...found),
  });
  expect(refused?.problem).toMatchObject({
    kind: 'DESTRUCTIVE',
    losses: [{ what: 'narrow `one`.`a`', table: 'one', rows: 1 }],
  });
  expect(judged).toMatchObject([
    { name: 'M2', impacts: [{ table: 'one', rows: 2, algorithm: 'COPY', lock: 'SHARED' }] },
  ]);
  const gone: unknown[] = [];
  const allowed = { direction: 'up', lockTimeout: 10, allowDestructive: true } as const;
  expect((await up(folder.path))?.problem).toMatchObject({
    losses: [{ rows: 1 }, { what: 'drop `v`', rows: 0 }],
  });
  const [result] = await migrate([target(folder.path)], allowed, {
    loses: (_, losses) => gone.push(...losses),
  });
  expect(result).toMatchObject({ ok: true, steps: [{ name: 'M2' }, { name: 'M3' }] });
  expect(gone).toMatchObject([{ rows: 1 }, { rows: 0 }]);
});

it('stops before the first statement where the lint finds an error on a filled table, unless that is allowed', async () => {
  const checked = { checked: true } as const;
  const madeUp = 'alter table one add column a int not null';
  await using folder = await migrationFolder({ M1: one, M2: two, M3: { up: ['do 1', madeUp] } });
  // On an empty table nothing is made up; what is destructive is refused by the rows that go.
  expect(await up(folder.path, { ...checked, to: 'M2' })).toMatchObject({ ok: true });
  expect(await up(folder.path, { ...checked, dryRun: true })).toMatchObject({ ok: true });
  await connection.query('insert into one values (1)');
  for (const dryRun of [true, false]) {
    expect((await up(folder.path, { ...checked, dryRun }))?.problem).toMatchObject({
      kind: 'LINT_ERROR',
      cause: expect.stringContaining('not-null-without-default at one.a (M3, statement 2)'),
      remedy: expect.stringContaining('--allow-lint not-null-without-default'),
      lint: [{ migration: 'M3', rule: 'not-null-without-default', rows: 1 }],
    });
  }
  expect(await states(folder.path)).toContainEqual(['M3', 'PENDING', undefined]);
  expect((await up(folder.path, { ...checked, allowLint: ['no-primary-key'] }))?.problem?.kind).toBe(
    'LINT_ERROR',
  );
  const allowed = { ...checked, allowLint: ['not-null-without-default'] };
  expect(await up(folder.path, allowed)).toMatchObject({ ok: true, steps: [{ name: 'M3' }] });
});

it('asks no second time for what is done of a migration that stopped', async () => {
  const madeUp = 'alter table one add column a int not null';
  await using before = await migrationFolder({ M1: one });
  await using broken = await migrationFolder({ M1: one, M2: { up: [madeUp, 'insert into one values (1)'] } });
  await using mended = await migrationFolder({
    M1: one,
    M2: { up: [madeUp, 'insert into one values (2, 2)'] },
  });
  await up(before.path);
  await connection.query('insert into one values (1)');
  const allowed = { checked: true, allowLint: ['not-null-without-default'] };
  expect((await up(broken.path, allowed))?.problem?.kind).toBe('FAILED');
  expect(await up(mended.path, { checked: true })).toMatchObject({ ok: true, steps: [{ resumedAfter: 1 }] });
});

describe('two clouds at the same level', () => {
  const request = { direction: 'up', lockTimeout: 10, checked: true } as const;
  const both = (folder: string, more = {}, progress = {}) =>
    migrate([target(folder), target(folder, 'GCP')], { ...request, ...more }, progress);

  it('that differ are left as they are, unless that is allowed; a difference that breaks nothing is told', async () => {
    await using before = await migrationFolder({ M1: one });
    await using folder = await migrationFolder({ M1: one, M2: two });
    const M3 = { up: ['do 1'], down: ['do 1'] };
    await using next = await migrationFolder({ M1: one, M2: two, M3 });
    await using last = await migrationFolder({ M1: one, M2: two, M3, M4: M3 });
    const told: unknown[] = [];
    const progress = { drifted: ({ findings }: { findings: readonly unknown[] }) => told.push(...findings) };
    try {
      await both(before.path);
      await connection.query('alter table one comment = "by hand"');
      expect(await both(folder.path, {}, progress)).toMatchObject([{ ok: true }, { ok: true }]);
      expect(told).toMatchObject([{ object: 'one', property: 'comment', breaking: false }]);

      await connection.query('alter table one add column a int not null');
      const refused = await both(next.path);
      for (const { problem } of refused) {
        expect(problem).toMatchObject({
          kind: 'DRIFT',
          cause: expect.stringContaining('one.a (existence)'),
          remedy: expect.stringContaining('--allow-drift'),
          drift: [{ object: 'one.a', property: 'existence', breaking: true }],
        });
      }
      expect(await states(next.path)).toContainEqual(['M3', 'PENDING', undefined]);
      // One alone is not compared, and then they are not at one level.
      expect(await up(next.path, { checked: true })).toMatchObject({ ok: true });
      expect(await both(last.path)).toMatchObject([{ ok: true }, { ok: true, steps: [{}, {}] }]);
      // Where nothing is to be run, nothing is in the way.
      expect(await both(last.path)).toMatchObject([{ ok: true }, { ok: true }]);
      await both(last.path, { direction: 'down' });
      expect(await both(last.path)).toMatchObject([{ ok: false }, { ok: false }]);
      expect(await both(last.path, { allowDrift: true })).toMatchObject([{ ok: true }, { ok: true }]);
    } finally {
      const gcp = databases.config.databases.GCP;
      const other = await connect(gcp, gcp.migrator);
      await other.query('drop table if exists one, two, mikro_orm_migrations, tandem_migration_journal');
      await other.end();
    }
  });

  it('are not compared where one of them is half-way through a migration', async () => {
    await using broken = await migrationFolder({ M1: { up: [...two.up, 'create tabel'] }, M0: one });
    await using mended = await migrationFolder({ M1: { up: [...two.up, 'do 1'] }, M0: one });
    try {
      await both(mended.path, { to: 'M0' });
      expect((await up(broken.path))?.problem?.kind).toBe('FAILED');
      expect(await both(mended.path)).toMatchObject([
        { ok: true, steps: [{ resumedAfter: 1 }] },
        { ok: true },
      ]);
    } finally {
      const gcp = databases.config.databases.GCP;
      const other = await connect(gcp, gcp.migrator);
      await other.query('drop table if exists one, two, mikro_orm_migrations, tandem_migration_journal');
      await other.end();
    }
  });
});

it('changes nothing in a dry run', async () => {
  await using folder = await migrationFolder({ M1: one });
  expect(await up(folder.path, { dryRun: true })).toMatchObject({
    ok: true,
    steps: [{ name: 'M1', statements: 1 }],
  });
  expect(await tables()).toEqual([]);
});

describe('the command', () => {
  it('goes up, tells its state and goes down on both, beside the official CLI', async () => {
    expect((await tandem(['migrate', 'status'], settings)).code).toBe(20);
    const applied = await spawnTandem(['migrate', 'up', '--json'], settings);
    expect(applied).toMatchObject({ code: 0 });
    const report = JSON.parse(applied.stdout);
    expect(report).toMatchObject({ ok: true, sources: sourceNames.map((source) => ({ source, ok: true })) });
    expect(report.sources[0].steps.length).toBeGreaterThan(0);

    using cli = startMikroOrm(settings);
    const pending = await cli.run(['migration:pending', '--contextName', 'azure']);
    expect(pending.stdout + pending.stderr).not.toMatch(/Migration\d{14}/);
    const dump = await cli.run(['schema:update', '--dump', '--contextName', 'azure']);
    expect(dump.stdout.trim()).toBe('Schema is up-to-date');

    await rows('drop table tandem_migration_journal');
    await cli.run(['migration:down', '--contextName', 'azure']);
    expect((await tandem(['migrate', 'status', '--source', 'azure'], settings)).code).toBe(20);
    await cli.run(['migration:up', '--contextName', 'azure']);
    const status = await tandem(['migrate', 'status'], settings);
    expect(status).toMatchObject({ code: 0 });
    expect(status.stdout).toContain('by another program');
    expect((await tandem(['migrate', 'repair'], settings)).code).toBe(0);
    expect((await tandem(['migrate', 'status'], settings)).stdout).not.toContain('by another program');

    await rows('drop table mikro_orm_migrations, tandem_migration_journal');
    expect(await baseline({ ...target(), folder: undefined }, { lockTimeout: 1 })).toMatchObject({
      ok: true,
    });
    expect((await tandem(['migrate', 'up'], settings)).stdout).toContain('AZURE  nothing to do');

    expect((await tandem(['migrate', 'down', '99', '--json'], settings)).code).toBe(0);
    expect((await tandem(['migrate', 'up', '--to', 'nothing'], settings)).code).toBe(53);
  }, 240_000);

  it('changes neither cloud where one is down, unless the other is named alone', async () => {
    const off = { ...settings, GCP_DB_PORT: '1' };
    const both = await tandem(['migrate', 'up'], off);
    expect(both.code).toBe(30);
    expect(both.stdout).toMatch(/NOT_TRIED[\s\S]*CONNECTION_REFUSED/);
    expect(await tables()).toEqual([]);
    expect((await tandem(['migrate', 'up', '--source', 'azure'], off)).code).toBe(0);
    expect(await tables()).toContain('patients');
  });
});
