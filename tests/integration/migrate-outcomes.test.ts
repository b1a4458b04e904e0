import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exitCodes, type MigrationProblemKind } from '../../src/errors/exit-codes.ts';
import { takeLock } from '../../src/migrator/lock.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { createDatabases, environmentOf } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { buildRelease, type Release } from '../helpers/release.ts';

// What `tandem migrate` ends with: the exit code, what a person reads, and what a program does.

const backfill = 'Migration20261127195124_backfill_record_doctors';
const newest = 'Migration20261127195127_record_doctor_foreign_key';
/** One that another release has, and this one has not. */
const next = 'Migration20270101000000_next';

const canary = 'Canary-v4lue';

let current: Release;
/** Commands that were run as a process already: the first run of each is one, the others are called. */
const spawned = new Set<string | undefined>();

beforeAll(async () => {
  current = await buildRelease();
});
afterAll(() => current?.[Symbol.asyncDispose]());

interface Told {
  readonly source: SourceName;
  readonly ok: boolean;
  readonly steps?: readonly { readonly name: string; readonly resumedAfter: number }[];
  readonly done?: readonly string[];
  readonly problem: { readonly kind: string; readonly detail: string; readonly next: string } | null;
}

/** Two databases with all migrations of this project, and what to ask and change them by. */
async function fixture(options: Parameters<typeof createDatabases>[0] = {}) {
  const databases = await createDatabases(options);
  const settings = environmentOf(databases.config);
  const { AZURE, GCP } = databases.config.databases;
  const connections = {
    AZURE: await connect(AZURE, AZURE.migrator),
    GCP: await connect(GCP, GCP.migrator),
  };
  const secrets = [AZURE, GCP].flatMap(({ runtime, migrator }) => [runtime.password, migrator.password]);

  /** Runs it, and sees that no secret and no value is in what it says. */
  async function run(args: readonly string[], { release = current, env = settings } = {}) {
    const runs = spawned.has(args[0]) ? release.tandem : release.spawn;
    spawned.add(args[0]);
    const outcome = await runs(['migrate', ...args], env);
    for (const secret of [...secrets, canary]) expect(outcome.stdout + outcome.stderr).not.toContain(secret);
    return outcome;
  }

  /** Runs it for a person and for a program, who must be told the same; the kinds are those of the sources in their order. */
  async function told(
    args: readonly string[],
    kinds: readonly (MigrationProblemKind | null)[],
    by: Parameters<typeof run>[1] = {},
  ): Promise<Told[]> {
    const [text, json] = await Promise.all([run(args, by), run([...args, '--json'], by)]);
    const decides = kinds.find((kind) => kind !== null && kind !== 'NOT_TRIED');
    const code = decides === undefined || decides === null ? 0 : exitCodes.migrate[decides];
    expect([text.code, json.code], text.stdout + text.stderr).toEqual([code, code]);
    expect(json.stdout).toMatch(/^\{.*\}\n$/);
    const { ok, exitCode, sources } = JSON.parse(json.stdout) as {
      ok: boolean;
      exitCode: number;
      sources: Told[];
    };
    expect({ ok, exitCode }).toEqual({ ok: code === 0, exitCode: code });
    expect(sources.map(({ problem }) => problem?.kind ?? null)).toEqual(kinds);
    const [command] = args;
    for (const source of sources) {
      const keys = command === 'up' || command === 'down' ? ['steps', 'problem', 'ms'] : ['done', 'problem'];
      expect(Object.keys(source)).toEqual(['source', 'ok', ...keys]);
      expect(source.ok).toBe(source.problem === null);
      if (source.problem === null) continue;
      expect(text.stdout).toContain(`  ${source.problem.kind}: ${source.problem.detail}\n`);
      expect(text.stdout).toContain(`  Next: ${source.problem.next}\n`);
    }
    return sources;
  }

  return {
    settings,
    connections,
    run,
    told,
    async sql<R>(source: SourceName, statement: string): Promise<R[]> {
      const [rows] = await connections[source].query(statement);
      return rows as R[];
    },
    async [Symbol.asyncDispose]() {
      for (const connection of Object.values(connections)) await connection.end();
      await databases[Symbol.asyncDispose]();
    },
  };
}

const lockOf = async (connection: Connection, database: string) => {
  const query = async <R>(sql: string, values: readonly unknown[] = []) =>
    (await connection.query<RowDataPacket[]>(sql, [...values]))[0] as R[];
  const session = { id: connection.threadId, query } as Parameters<typeof takeLock>[0];
  expect(await takeLock(session, database, { seconds: 0, onWait: () => {} })).toBeNull();
};

it('EDITED: an applied file reads otherwise; nothing runs until it is restored or accepted', async () => {
  await using at = await fixture();
  await using other = await current.next({ [next]: { up: ['create table later (id int primary key)'] } });
  for (const folder of other.folders) {
    const file = `${folder}/${backfill}.js`;
    await writeFile(file, (await readFile(file, 'utf8')).replace("'Recorded'", "'Named'"));
  }
  const [azure] = await at.told(['up'], ['EDITED', 'EDITED'], { release: other });
  expect(azure?.problem).toEqual({
    kind: 'EDITED',
    detail: `Applied, and its file was edited since: ${backfill}.`,
    next: expect.stringContaining(`\`tandem migrate repair --source azure --accept-checksum ${backfill}\``),
  });
  expect(await at.sql('AZURE', "show tables like 'later'")).toEqual([]);
  const status = await at.run(['status', '--json'], { release: other });
  expect(status.code).toBe(50);
  expect(JSON.parse(status.stdout)).toMatchObject({
    exitCode: 50,
    sources: sourceNames.map((source) => ({
      source,
      problem: null,
      migrations: [{ state: 'APPLIED' }, { state: 'APPLIED' }, { state: 'EDITED' }, {}, { state: 'PENDING' }],
    })),
  });
  const repaired = await at.told(['repair', '--accept-checksum', backfill], [null, null], {
    release: other,
  });
  expect(repaired).toHaveLength(2);
  expect((await at.run(['up'], { release: other })).code).toBe(0);
}, 240_000);

it('MISSING: an applied file is gone; UNKNOWN: a newer release was there; either can be forgotten', async () => {
  await using at = await fixture();
  await using other = await current.next();
  for (const folder of other.folders) await rm(`${folder}/${newest}.js`);
  const gone = await at.told(['up'], ['MISSING', 'MISSING'], { release: other });
  expect(gone[1]?.problem).toEqual({
    kind: 'MISSING',
    detail: `Applied or begun, and its file is gone: ${newest}.`,
    next: expect.stringContaining(`\`tandem migrate repair --source gcp --forget ${newest}\``),
  });
  expect((await at.run(['status'], { release: other })).code).toBe(51);

  await at.sql('GCP', `insert into mikro_orm_migrations (name) values ('${next}')`);
  const newer = await at.told(['up'], ['NOT_TRIED', 'UNKNOWN']);
  expect(newer[0]?.problem?.next).toContain('--source');
  expect(newer[1]?.problem).toEqual({
    kind: 'UNKNOWN',
    detail: `A newer build probably applied it: ${next}.`,
    next: expect.stringContaining('Use that build'),
  });
  expect((await at.run(['status'])).code).toBe(52);
  const forgotten = await at.run(['repair', '--source', 'gcp', '--forget', next, '--json']);
  expect(JSON.parse(forgotten.stdout)).toMatchObject({
    ok: true,
    sources: [
      { source: 'GCP', done: [`${next}: not in the history any more; its tables are as they were.`] },
    ],
  });
  expect((await at.run(['status'])).code).toBe(0);
}, 240_000);

it('LOCKED: another runner has the lock, and is named', async () => {
  await using at = await fixture();
  const { connections, settings } = at;
  await lockOf(connections.GCP, settings.GCP_DB_NAME as string);
  const holder = { connection: connections.GCP.threadId };
  const [gcp] = await at.told(['up', '--source', 'gcp', '--lock-timeout', '0'], ['LOCKED']);
  expect(gcp?.problem).toMatchObject({
    kind: 'LOCKED',
    detail: expect.stringContaining(`connection ${holder.connection}, ${settings.GCP_DB_MIGRATOR_USER}`),
    next: expect.stringContaining('--lock-timeout'),
    holder,
  });
  for (const [command, kinds] of [
    ['up', ['NOT_TRIED', 'LOCKED']],
    ['repair', [undefined, 'LOCKED']],
    ['baseline', ['NOT_BASELINE', 'LOCKED']],
  ] as const) {
    const { stdout } = await at.run([command, '--lock-timeout', '0', '--json']);
    const { ok, sources } = JSON.parse(stdout) as { ok: boolean; sources: Told[] };
    expect(ok).toBe(false);
    expect(sources.map(({ problem }) => problem?.kind)).toEqual(kinds);
    expect(sources[1]?.problem).toMatchObject({ holder });
  }
}, 240_000);

it('UNREACHABLE: one cloud is down, a password is wrong, or a privilege is missing', async () => {
  await using at = await fixture();
  const { settings } = at;
  const down = await at.told(['up'], ['NOT_TRIED', 'UNREACHABLE'], {
    env: { ...settings, GCP_DB_PORT: '1' },
  });
  expect(down[1]?.problem).toMatchObject({
    detail: expect.stringContaining('CONNECTION_REFUSED'),
    next: expect.stringContaining('GCP_DB_PORT'),
  });
  const [wrong] = await at.told(['up', '--source', 'azure'], ['UNREACHABLE'], {
    env: { ...settings, AZURE_DB_MIGRATOR_PASSWORD: canary },
  });
  expect(wrong?.problem?.detail).toContain('ACCESS_DENIED');
  const { AZURE_DB_USER = '', AZURE_DB_PASSWORD = '' } = settings;
  const [missing] = await at.told(['up', '--source', 'azure'], ['UNREACHABLE'], {
    env: {
      ...settings,
      AZURE_DB_MIGRATOR_USER: AZURE_DB_USER,
      AZURE_DB_MIGRATOR_PASSWORD: AZURE_DB_PASSWORD,
    },
  });
  expect(missing?.problem).toMatchObject({
    detail: expect.stringContaining(`${AZURE_DB_USER} may not CREATE, ALTER, DROP, INDEX, REFERENCES`),
    next: expect.stringContaining('docs/azure.md'),
  });
  const status = await at.run(['status', '--json'], { env: { ...settings, GCP_DB_PORT: '1' } });
  expect(status.code).toBe(exitCodes.migrate.UNREACHABLE);
  expect(JSON.parse(status.stdout)).toMatchObject({
    sources: [{ problem: null }, { problem: { kind: 'UNREACHABLE' }, migrations: [] }],
  });
}, 240_000);

it('FAILED: the second statement; then UNFINISHED the other way, CHANGED where the first reads otherwise, and on', async () => {
  await using at = await fixture();
  const first = 'create table later (id int primary key, word varchar(20) null)';
  const release = (...up: string[]) => current.next({ [next]: { up, down: ['drop table later'] } });
  await using broken = await release(first, `insert into later values ('${canary}', null)`);
  await using edited = await release(`${first} comment = 'new'`, "insert into later values (1, 'a')");
  await using mended = await release(first, "insert into later values (1, 'a')");
  const failed = await at.told(['up'], ['FAILED', 'FAILED'], { release: broken });
  for (const { source, problem, steps } of failed) {
    expect(steps).toEqual([]);
    expect(problem).toEqual({
      kind: 'FAILED',
      detail: `Stopped at ${next}, statement 2 of 2 (insert into): ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, 1366. The one before it is done and stays.`,
      next: expect.stringContaining(
        `\`tandem migrate up --source ${source.toLowerCase()}\`: it goes on with statement 2`,
      ),
      failure: {
        statement: 2,
        of: 2,
        what: 'insert into',
        error: 'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, 1366',
      },
    });
  }
  const status = await at.run(['status'], { release: broken });
  expect(status.code).toBe(exitCodes.migrate.UNFINISHED);
  expect(status.stdout).toMatch(new RegExp(`failed +${next} +1 of 2 statements done; ER_TRUNCATED`));
  const [back] = await at.told(['down', '--source', 'azure'], ['UNFINISHED'], { release: broken });
  expect(back?.problem?.next).toContain('`tandem migrate up --source azure`');
  const [changed] = await at.told(['up', '--source', 'azure'], ['CHANGED'], { release: edited });
  expect(changed?.problem).toMatchObject({
    detail: `${next} stopped after 1 statements, and its file has others there now.`,
    next: expect.stringContaining(`\`tandem migrate repair --source azure --forget ${next}\``),
  });
  const { code, stdout } = await at.run(['up', '--json'], { release: mended });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    sources: sourceNames.map((source) => ({ source, steps: [{ name: next, resumedAfter: 1 }] })),
  });
}, 240_000);

it('CONNECTION_LOST: the session is killed during a statement, and the next run finds out', async () => {
  await using at = await fixture();
  const waits = 'alter table doctors add column fax varchar(20) null';
  await using other = await current.next({
    [next]: { up: ['do 1', waits], down: ['alter table doctors drop column fax'] },
  });
  const { AZURE } = at.connections;
  await AZURE.query('begin');
  await AZURE.query('select * from doctors');
  let over = false;
  const killing = (async () => {
    for (; !over; await delay(50)) {
      const [rows] = await AZURE.query<RowDataPacket[]>(
        "select id from information_schema.processlist where db = database() and info like 'alter table doctors%'",
      );
      // It may have ended of itself meanwhile.
      for (const { id } of rows) await AZURE.query(`kill ${id}`).catch(() => {});
    }
  })();
  const [lost] = await at
    .told(['up', '--source', 'azure'], ['CONNECTION_LOST'], { release: other })
    .finally(() => {
      over = true;
      return killing;
    });
  expect(lost?.problem).toMatchObject({
    detail: `The connection was lost at ${next}, statement 2 of 2 (alter table): PROTOCOL_CONNECTION_LOST.`,
    next: expect.stringContaining(
      '`tandem migrate up --source azure` finds out whether that statement took place',
    ),
    failure: { statement: 2, of: 2 },
  });
  await AZURE.query('rollback');
  const status = await at.run(['status', '--source', 'azure', '--json'], { release: other });
  expect(status.code).toBe(exitCodes.migrate.UNFINISHED);
  expect(JSON.parse(status.stdout).sources[0].migrations.at(-1)).toMatchObject({
    name: next,
    state: 'INTERRUPTED',
    journal: { done: 1, statements: 2 },
  });
  const [, resumed] = await at.told(['up'], [null, null], { release: other });
  expect(resumed).toMatchObject({ ok: true });
  expect(await at.sql('AZURE', "show columns from doctors like 'fax'")).toHaveLength(1);
}, 240_000);

it('ends, and says what is wrong, where a migration itself throws or a folder is not there', async () => {
  await using at = await fixture();
  await using other = await current.next({ [next]: { up: ['do 1'] } });
  const [azure = '', gcp = ''] = other.folders;
  const text = await readFile(`${azure}/${next}.js`, 'utf8');
  await writeFile(`${azure}/${next}.js`, text.replace('up() {', "up() {\n throw new Error('of its own');"));
  const thrown = await at.run(['up'], { release: other });
  expect(thrown).toMatchObject({ code: 1, stdout: '' });
  expect(thrown.stderr).toContain('of its own');
  await rm(gcp, { recursive: true });
  expect(await at.run(['up'], { release: other })).toMatchObject({ code: 1, stdout: '' });
  expect(await at.sql('AZURE', 'select 1 from mikro_orm_migrations')).toHaveLength(4);
}, 240_000);

it('DESTRUCTIVE: rows would go, and are counted', async () => {
  await using at = await fixture();
  await at.sql(
    'GCP',
    `insert into doctors (first_name, last_name, licence_number) values ('A', '${canary}', 'X')`,
  );
  const refused = await at.told(['down', '3'], ['NOT_TRIED', 'DESTRUCTIVE']);
  expect(refused[1]?.problem).toEqual({
    kind: 'DESTRUCTIVE',
    detail: 'Rows would be lost: drop table `doctors` with 1 row (Migration20261127195119_add_doctors).',
    next: expect.stringContaining('--allow-destructive'),
    losses: [{ migration: expect.any(String), what: 'drop table `doctors`', table: 'doctors', rows: 1 }],
  });
  const allowed = await at.run(['down', '3', '--allow-destructive']);
  expect(allowed).toMatchObject({ code: 0 });
  expect(allowed.stderr).toContain('goes drop table `doctors`, 1 row (');
}, 240_000);

it('LINT_ERROR: values would be made up; DRIFT: somebody changed one cloud; NOT_VERIFIED: it is still so', async () => {
  await using at = await fixture();
  await using other = await current.next({
    [next]: { up: ['alter table doctors add fax int not null'], down: ['alter table doctors drop fax'] },
  });
  for (const source of sourceNames) {
    await at.sql(
      source,
      "insert into doctors (first_name, last_name, licence_number) values ('A', 'B', 'X')",
    );
  }
  const lint = await at.told(['up'], ['LINT_ERROR', 'LINT_ERROR'], { release: other });
  expect(lint[0]?.problem).toEqual({
    kind: 'LINT_ERROR',
    detail: `The lint finds errors: not-null-without-default at doctors.fax (${next}, statement 1).`,
    next: expect.stringContaining('--allow-lint not-null-without-default'),
    lint: [expect.objectContaining({ migration: next, rule: 'not-null-without-default', rows: 1 })],
  });
  for (const [rule, why] of [
    ['nothing', 'docs/lint.md'],
    ['drop-table', '--allow-destructive'],
  ] as const) {
    const refused = await at.run(['up', '--allow-lint', rule]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(why);
  }

  await at.sql('GCP', 'alter table medical_records drop foreign key medical_records_doctor_id_foreign');
  const allowLint = ['up', '--allow-lint', 'not-null-without-default'];
  const drift = await at.told(allowLint, ['DRIFT', 'DRIFT'], { release: other });
  expect(drift[0]?.problem).toEqual({
    kind: 'DRIFT',
    detail:
      'Both clouds had the same migrations, and their tables differ: medical_records.medical_records_doctor_id_foreign (existence).',
    next: expect.stringContaining('--allow-drift'),
    drift: [expect.objectContaining({ kind: 'FOREIGN_KEY', property: 'existence', breaking: true })],
  });
  const applied = await at.run([...allowLint, '--allow-drift', '--json'], { release: other });
  expect(applied.stderr).toContain('breaking  foreign key medical_records.medical_records_doctor_id_foreign');
  expect(applied.code).toBe(exitCodes.migrate.NOT_VERIFIED);
  expect(JSON.parse(applied.stdout)).toMatchObject({
    sources: [
      {
        problem: { kind: 'NOT_VERIFIED', detail: expect.stringContaining('doctors.fax') },
        steps: [{ name: next }],
      },
      { problem: { kind: 'NOT_VERIFIED', detail: expect.stringContaining('doctor_id_foreign') } },
    ],
  });
}, 240_000);

it('NOT_BASELINE and NO_SUCH: there is a history, the tables are others, or a name is nobody’s', async () => {
  await using at = await fixture();
  const [history] = await at.told(['baseline', '--source', 'azure'], ['NOT_BASELINE']);
  expect(history?.problem).toMatchObject({
    detail: 'The database has a history of 4.',
    next: expect.stringContaining('tandem migrate status'),
  });
  const [kept] = await at.told(['repair', '--source', 'azure', '--forget', newest], ['NO_SUCH']);
  expect(kept?.problem?.detail).toBe(`${newest} is applied, and its file is there: nothing to forget.`);
  const [nobody] = await at.told(['repair', '--source', 'azure', '--accept-checksum', next], ['NO_SUCH']);
  expect(nobody?.problem?.next).toContain('tandem migrate status');

  await at.sql('AZURE', 'drop table mikro_orm_migrations, tandem_migration_journal');
  await at.sql('AZURE', 'alter table patients drop column contact_number');
  const [others] = await at.told(['baseline', '--source', 'azure'], ['NOT_BASELINE']);
  expect(others?.problem).toMatchObject({
    detail: expect.stringContaining('patients.contact_number (existence)'),
    next: expect.stringContaining('--to'),
  });
  const [later] = await at.told(['baseline', '--source', 'azure', '--to', next], ['NO_SUCH']);
  expect(later?.problem?.detail).toContain(next);
}, 240_000);

it('migrates a database that holds tables of others where it is named, and not before', async () => {
  await using at = await fixture({ migrated: false });
  await at.sql('GCP', 'create table invoices (id int primary key)');
  await at.sql('GCP', 'create view paid as select id from invoices');
  const [, refused] = await at.told(['up'], ['NOT_TRIED', 'TABLES_OF_OTHERS']);
  expect(refused?.problem?.detail).toMatch(/ holds what is not of Tandem: invoices, paid\.$/);
  expect(await at.sql('GCP', 'show tables')).toHaveLength(2);
  expect(await at.sql('AZURE', 'show tables')).toHaveLength(0);
  await at.told(['up', '--into', 'another'], ['NOT_TRIED', 'TABLES_OF_OTHERS']);
  const name = at.settings.GCP_DB_NAME as string;
  expect(refused?.problem?.next).toContain(`\`tandem migrate up --into ${name}\``);
  // One alone: beside a cloud that lacks those tables it would be drift.
  expect((await at.run(['up', '--source', 'gcp', '--into', name])).code).toBe(0);
  // What has a history is asked nothing.
  expect((await at.run(['down', '--source', 'gcp'])).code).toBe(0);
  expect((await at.run(['up', '--source', 'gcp'])).code).toBe(0);
});
