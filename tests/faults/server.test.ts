import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { ensureLocal, type LocalPair } from '../../src/local/local-pair.ts';
import { migrateUp } from '../../src/migrator/up.ts';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { pool, testConfig } from '../helpers/databases.ts';
import { killServer, pauseServer, restartServer, resumeServer } from '../helpers/local-faults.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { startOwnServer } from '../helpers/own-server.ts';
import type { Took } from '../helpers/own-time.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
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
    await pauseServer(pair, 'AZURE');
    const result = await ask(cold, azure);
    expect(result.code).toBe('SOURCE_UNAVAILABLE');
    expect(result.ms).toBeGreaterThan(2900);
    expect(result.ownMs).toBeLessThan(3200);
    resumeServer(pair, 'AZURE');
    const healed = await untilOk(cold, azure);
    expect(healed).toBeLessThan(5000);
    tell(`${seconds(result.ownMs)}; answers ${seconds(healed)} after it goes on`);
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
    try {
      await using own = await startOwnServer({ on: disk });
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
      let failed: ({ code: string } & Took) | undefined;
      for (let at = 0; at < 1000 && failed === undefined; at++) {
        const { value, ...took } = await timed(() => other.ask(large, { inputs }));
        if (value.errors === undefined) {
          acknowledged.push(...value.data.createPatients.patients.map(({ key }: { key: number }) => key));
        } else failed = { code: value.errors[0].extensions.code, ...took };
      }
      expect(failed).toBeDefined();
      expect(['SOURCE_UNAVAILABLE', 'READ_ONLY', 'TIMEOUT', 'OUTCOME_UNKNOWN']).toContain(failed?.code);
      expect(failed?.ownMs).toBeLessThan(15_500);
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
      await run('umount', ['-l', disk]);
    }
  },
  { cannot: root },
);
