import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { migrationsOf } from '../../src/information-schema/schema-version.ts';
import { ensureLocal, type LocalPair } from '../../src/local/local.ts';
import { migrateUp } from '../../src/migrator/up.ts';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { createDatabases, environmentOf, pool, testConfig } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { hostileRequests, sendHostile } from '../helpers/hostile.ts';
import { startLoad } from '../helpers/load.ts';
import { killServer, pauseServer, restartServer, resumeServer } from '../helpers/local-faults.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { startOwnServer } from '../helpers/own-server.ts';
import { startProxy } from '../helpers/proxy.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { startServing } from '../helpers/serving.ts';
import { watchSessions } from '../helpers/sessions.ts';
import { statementsOf } from '../helpers/statements.ts';
import { ask, askMany, azure, changed, create, gcp, slowest, untilOk, warm } from './asking.ts';
import { row, seconds, timed } from './row.ts';

const native = (await hasNativeServer()) ? null : 'needs a MySQL server of its own';
const root = native ?? (process.getuid?.() === 0 ? null : 'needs root, for a file system of its own');
const run = promisify(execFile);

let home: string;
let pair: LocalPair;
let config: Config;
let server: TestServer;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tandem-faults-'));
  pair = await ensureLocal({ home, env: { ...process.env, AZURE_DB_HOST: '', GCP_DB_HOST: '' } });
  config = loadConfig(pair.env, '/nonexistent');
  for (const name of sourceNames) await migrateUp(name, config.databases[name], pool);
  server = await startServer({ ...testConfig(config.databases), pool });
  for (const name of sourceNames) await seed(server.sources[name], 10);
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await pair?.stop();
  if (home !== undefined) await rm(home, { recursive: true });
});

row(
  8,
  'the server is killed -9 and started again',
  'SOURCE_UNAVAILABLE meanwhile, answers ≤ 5 s after it listens',
  async (tell) => {
    await askMany(server, azure, 40);
    const load: { code: string }[] = [];
    let going = true;
    const asking = (async () => {
      while (going) load.push(await ask(server, azure));
    })();
    await killServer(pair, 'AZURE');
    await delay(1000);
    expect((await ask(server, gcp)).code).toBe('ok');
    await restartServer(pair, 'AZURE');
    const healed = await untilOk(server, azure);
    going = false;
    await asking;
    expect(new Set(load.map(({ code }) => code)).difference(new Set(['ok', 'SOURCE_UNAVAILABLE']))).toEqual(
      new Set(),
    );
    expect(healed).toBeLessThan(5000);
    tell(`answers ${seconds(healed)} after it listens`);
  },
  { cannot: native },
);

row(
  9,
  'the server is stopped (SIGSTOP) and continued',
  'connecting fails at 3.0 s; recovers',
  async (tell) => {
    await using cold = await startServer({ ...testConfig(config.databases), pool });
    await warm(cold);
    pauseServer(pair, 'AZURE');
    const result = await ask(cold, azure);
    expect(result.code).toBe('SOURCE_UNAVAILABLE');
    expect(result.ms).toBeGreaterThan(2900);
    expect(result.ms).toBeLessThan(3200);
    resumeServer(pair, 'AZURE');
    const healed = await untilOk(cold, azure);
    expect(healed).toBeLessThan(5000);
    tell(`${seconds(result.ms)}; answers ${seconds(healed)} after it goes on`);
  },
  { cannot: native },
);

row(
  17,
  'the server is read-only (1290)',
  'writes `READ_ONLY`, reads fine',
  async (tell) => {
    await using own = await startOwnServer();
    await migrateUp('AZURE', own.config, pool);
    await using other = await startServer(changed(testConfig(config.databases), own.config));
    await own.sql('set global super_read_only = on');
    const results = [await ask(other, create), await ask(other, azure)];
    expect(results.map(({ code }) => code)).toEqual(['READ_ONLY', 'ok']);
    await own.sql('set global read_only = off');
    expect((await ask(other, create)).code).toBe('ok');
    tell(`refused in ${seconds(slowest(results))}; writes again when it is not`);
  },
  { cannot: native },
);

row(
  18,
  'the disk under the server is full',
  'a coded error; nothing acknowledged is lost',
  async (tell) => {
    const disk = join(home, 'disk');
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=420m', 'tmpfs', disk]);
    const before = process.env.TMPDIR;
    try {
      process.env.TMPDIR = disk;
      await using own = await startOwnServer();
      process.env.TMPDIR = before ?? tmpdir();
      await migrateUp('AZURE', own.config, pool);
      await using other = await startServer(changed(testConfig(config.databases), own.config));
      expect((await ask(other, create)).code).toBe('ok');
      // All that is left of the file system, but for what some hundred writes need.
      const { bavail, bsize } = await statfs(disk);
      const most = Math.floor((bavail * bsize) / 2 ** 20) - 24;
      await run('dd', ['if=/dev/zero', `of=${disk}/filler`, 'bs=1M', `count=${most}`]);
      const large = `mutation ($inputs: [CreatePatientInput!]!) { createPatients(source: AZURE, inputs: $inputs) { patients { key } } }`;
      const records = Array.from({ length: 10 }, () => ({
        diagnosis: 'd'.repeat(100),
        treatment: 't'.repeat(200),
        admissionDate: '2024-01-01',
      }));
      const inputs = Array.from({ length: 20 }, () => ({
        firstName: 'Ada',
        lastName: 'Disk',
        dateOfBirth: '1990-01-01',
        gender: 'FEMALE',
        records,
      }));
      const acknowledged: number[] = [];
      let failed: { code: string; ms: number } | undefined;
      for (let at = 0; at < 1000 && failed === undefined; at++) {
        const { value, ms } = await timed(() => other.ask(large, { inputs }));
        if (value.errors === undefined) {
          acknowledged.push(...value.data.createPatients.patients.map(({ key }: { key: number }) => key));
        } else failed = { code: value.errors[0].extensions.code, ms };
      }
      expect(failed).toBeDefined();
      expect(['SOURCE_UNAVAILABLE', 'READ_ONLY', 'TIMEOUT', 'OUTCOME_UNKNOWN']).toContain(failed?.code);
      expect(failed?.ms).toBeLessThan(15_500);
      await rm(`${disk}/filler`);
      // InnoDB ends the server where it cannot write what it must; whoever frees the disk starts it again.
      await own.restart();
      await untilOk(other, azure);
      // Each row that was acknowledged is there with all of its records.
      const there = new Set(
        (
          await other.sources.AZURE.arrays({
            sql: 'select p.id from patients p join medical_records r on r.patient_id = p.id group by p.id having count(*) = 10',
            params: [],
          })
        ).map(([key]) => key),
      );
      expect(acknowledged.filter((key) => !there.has(key))).toEqual([]);
      expect(acknowledged.length).toBeGreaterThan(500);
      tell(
        `${failed?.code} in ${seconds(failed?.ms ?? 0)}; ${acknowledged.length} patients with 10 records each acknowledged before, 0 of them lost`,
      );
    } finally {
      process.env.TMPDIR = before ?? tmpdir();
      await run('umount', ['-l', disk]);
    }
  },
  { cannot: root },
);

row(
  24,
  'SIGTERM under load; in a black hole',
  'in-flight answered, exit ≤ 10 s, 0 sessions left',
  async (tell) => {
    await using databases = await createDatabases();
    const figures: string[] = [];
    for (const hole of [false, true]) {
      await using proxy = await startProxy(databases.config.databases.AZURE.port);
      await using serving = await startServing({
        ...environmentOf(databases.config),
        AZURE_DB_PORT: String(proxy.port),
      });
      await using watch = await watchSessions(databases.config, 'GCP');
      const both = `{ a: patients(source: AZURE) { nodes { key } } g: patients(source: GCP) { nodes { key } } }`;
      const load = startLoad(serving.url, both, 20);
      await delay(1000);
      if (hole) proxy.mode = 'black hole';
      const signalled = performance.now();
      serving.kill('SIGTERM');
      const { how, ms } = await serving.ended();
      await load.stop();
      expect(ms).toBeLessThan(10_000);
      if (!hole) expect(how).toBe(0);
      expect(load.sent.filter(({ at, status }) => at < signalled && status !== 200)).toEqual([]);
      await watch.none();
      figures.push(`${hole ? 'in a black hole' : 'under load'} ${seconds(ms)}`);
    }
    tell(`exit ${figures.join(', ')}; every request in flight answered, 0 sessions left`);
  },
);

/** What a server logs at its start of a schema that is not its own. */
async function toldAtStart(config: Config): Promise<Record<string, unknown>> {
  await using serving = await startServing(environmentOf(config));
  return await serving.line(({ msg, source }) => source === 'AZURE' && String(msg).startsWith('schema'));
}

row(
  26,
  'the schema is older than the code',
  'the check at start names the migrations; no 1054 or 1146 to a client',
  async (tell) => {
    await using empty = await createDatabases({ migrated: false });
    await using old = await startServer(empty.config);
    const { errors } = await old.ask(azure);
    expect(errors?.[0].extensions.code).toBe('SCHEMA_OUTDATED');
    expect(JSON.stringify(errors)).not.toMatch(/1146|1054|ER_|doesn't exist/);
    const line = await toldAtStart(empty.config);
    expect(line).toMatchObject({ schema: 'OUTDATED', missing: await migrationsOf('AZURE'), unknown: [] });
    tell(
      `${errors?.[0].extensions.code}; the log at start names ${(line.missing as string[]).length} migrations`,
    );
  },
);

row(
  26.1,
  'the schema is newer than the code',
  'the check at start names the migration; reads and writes go on',
  async (tell) => {
    await using newer = await createDatabases();
    const { AZURE } = newer.config.databases;
    const other = await connect(AZURE, AZURE.migrator);
    await other.query('alter table patients add column from_the_future varchar(10) null');
    await other.query("insert into mikro_orm_migrations (name) values ('Migration29990101000000_future')");
    await other.end();
    await using server = await startServer(newer.config);
    expect([(await ask(server, create)).code, (await ask(server, azure)).code]).toEqual(['ok', 'ok']);
    const line = await toldAtStart(newer.config);
    expect(line).toMatchObject({
      schema: 'NEWER',
      missing: [],
      unknown: ['Migration29990101000000_future'],
    });
    tell(`the log at start names ${(line.unknown as string[]).join()}; reads and writes answered`);
  },
);

row(
  27,
  'hostile documents, bodies and forms',
  '4xx with a coded error, no statement, bounded time and memory',
  async (tell) => {
    await using databases = await createDatabases();
    await using healthy = await startServer(databases.config);
    await ask(healthy, azure);
    const before = process.memoryUsage.rss();
    const outcomes: { what: string; ms: number; cpuMs: number; status: number }[] = [];
    const statements = await statementsOf(healthy.sources.AZURE, async () => {
      for (const [what, hostile] of Object.entries(hostileRequests)) {
        const begun = process.cpuUsage();
        const { value, ms } = await timed(() => sendHostile(healthy.url, hostile));
        const spent = process.cpuUsage(begun);
        const cpuMs = (spent.user + spent.system) / 1000;
        const { errors } = JSON.parse(value.body.toString());
        const { status = 400, code } = hostile;
        expect([what, value.status, errors[0].extensions.code]).toEqual([what, status, code]);
        outcomes.push({ what, ms, cpuMs, status });
      }
    });
    const grown = Math.max(0, process.memoryUsage.rss() - before) / 2 ** 20;
    const [worst] = outcomes.toSorted((one, other) => other.ms - one.ms);
    expect(statements).toEqual([]);
    // All that a refusal takes is this process's work, which what else the machine does cannot lengthen.
    expect(Math.max(...outcomes.map(({ cpuMs }) => cpuMs))).toBeLessThan(1000);
    expect(grown).toBeLessThan(200);
    expect((await ask(healthy, azure)).code).toBe('ok');
    const alone = outcomes.filter(({ status }) => status === 200).map(({ what }) => what);
    tell(
      `${outcomes.length} refused, the slowest in ${seconds(worst?.ms ?? 0)} (${worst?.what}); ${Math.round(grown)} MiB more in memory afterwards; the field alone for ${alone.join(', ')}`,
    );
  },
);
