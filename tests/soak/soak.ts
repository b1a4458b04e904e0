// Random faults for a long time, and then: is everything as it was? `npm run soak -- --minutes 60`
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadConfig } from '../../src/config/config.ts';
import { ensureLocal } from '../../src/local/local-pair.ts';
import { createLog } from '../../src/log/log.ts';
import { migrateUp } from '../../src/migrator/up.ts';
import { seed } from '../../src/seeders/seed.ts';
import { createApp } from '../../src/server/app.ts';
import { perSource, sourceNames } from '../../src/source-name.ts';
import { openSources } from '../../src/sources/sources.ts';
import { connect } from '../helpers/driver.ts';
import { startProxy } from '../helpers/tcp-proxy.ts';

const help = `npm run soak -- [--minutes 60] [--seed n]

Breaks the network between Tandem and two MySQL servers of its own in random ways, under load, and compares descriptors,
heap after garbage collection, connections and server sessions with what they were before. Exit code 1 where they grew.
`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help === true) {
  process.stdout.write(help);
  process.exit();
}
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  process.stderr.write('--minutes is not a number above 0.\n');
  process.exit(2);
}
const seedOf = Number(values.seed ?? Date.now() % 2 ** 31);

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
let state = seedOf;
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const between = (least: number, most: number) => least + random() * (most - least);
const say = (text: string) => process.stdout.write(`${text}\n`);

const home = await mkdtemp(join(tmpdir(), 'tandem-soak-'));
const pair = await ensureLocal({ home, env: { ...process.env, AZURE_DB_HOST: '', GCP_DB_HOST: '' } });
const given = loadConfig({ ...pair.env, POOL_IDLE_TIMEOUT_MS: '3000', POOL_MAX_LIFETIME_MS: '60000' }, home);
for (const name of sourceNames) await migrateUp(name, given.databases[name], given.pool);
const proxies = {
  AZURE: await startProxy(given.databases.AZURE.port),
  GCP: await startProxy(given.databases.GCP.port),
};
const databases = perSource((name) => ({ ...given.databases[name], port: proxies[name].port }));
const sources = await openSources({ ...given, databases });
for (const name of sourceNames) await seed(sources[name], 500);
const app = await createApp(sources, createLog({ level: 'silent' }), {
  introspection: false,
  databases,
  pool: given.pool,
  limits: given.limits,
  auth: given.auth,
});
const url = await app.http.listen({ host: '127.0.0.1', port: 0 });

const read = (source: string) =>
  `{ patients(source: ${source}, first: 20) { nodes { key firstName records { nodes { diagnosis } } } } }`;
const write = (source: string) =>
  `mutation { updatePatient(source: ${source}, key: ${1 + Math.floor(random() * 500)}, input: { contactNumber: "555-${Math.floor(random() * 9999)}" }) { patient { key } } }`;

const outcomes = new Map<string, number>();
const slowest = { ms: 0 };
async function ask(query: string, signal?: AbortSignal): Promise<void> {
  const started = performance.now();
  let outcome = 'client gone';
  try {
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
      ...(signal && { signal }),
    });
    const { errors } = (await answer.json()) as { errors?: { extensions: { code: string } }[] };
    outcome = errors?.[0]?.extensions.code ?? 'ok';
  } catch {
    // It was told to go away.
  }
  slowest.ms = Math.max(slowest.ms, performance.now() - started);
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

let loading = true;
const callers = () =>
  Array.from({ length: 12 }, async (_, index) => {
    while (loading) {
      const source = oneOf(sourceNames);
      const leaves = index === 0 && random() < 0.3;
      const client = leaves ? AbortSignal.timeout(Math.ceil(between(1, 50))) : undefined;
      await ask(random() < 0.2 ? write(source) : read(source), client);
      await delay(between(0, 20));
    }
  });

const faults: Record<string, (name: (typeof sourceNames)[number]) => Promise<void>> = {
  async 'black hole'(name) {
    proxies[name].mode = 'black hole';
    await delay(between(500, 9000));
    proxies[name].mode = 'pass';
  },
  async 'answers lost'(name) {
    proxies[name].mode = 'answers lost';
    await delay(between(200, 3000));
    proxies[name].mode = 'pass';
  },
  async refused(name) {
    await proxies[name].refuse();
    await delay(between(200, 4000));
    await proxies[name].listen();
  },
  async reset(name) {
    proxies[name].reset();
  },
  async late(name) {
    proxies[name].delayMs = 60;
    await delay(between(500, 3000));
    proxies[name].delayMs = 0;
  },
  async killed(name) {
    const { migrator } = given.databases[name];
    const other = await connect(given.databases[name], migrator).catch(() => undefined);
    const [rows] = (await other
      ?.query("select id as id from information_schema.processlist where user = 'tandem'")
      .catch(() => [[]])) ?? [[]];
    for (const { id } of rows as { id: number }[]) await other?.query(`kill ${id}`).catch(() => {});
    other?.destroy();
  },
};

interface Measure {
  readonly descriptors: number;
  readonly heapMb: number;
  readonly connections: number;
  readonly sessions: number;
}

/** Everything at rest. */
async function measure(): Promise<Measure> {
  const deadline = performance.now() + 30_000;
  const connections = () =>
    sourceNames.reduce((sum, name) => {
      const { inUse, idle, connecting, waiting, closing, control } = sources[name].stats();
      return sum + inUse + idle + connecting + waiting + closing + control;
    }, 0);
  while (connections() > 0 && performance.now() < deadline) await delay(100);
  app.http.server.closeIdleConnections();
  await delay(6000);
  let sessions = 0;
  for (const name of sourceNames) {
    const own = given.databases[name];
    const other = await connect(own);
    const [rows] = await other.query(
      'select count(*) as n from information_schema.processlist where id <> connection_id()',
    );
    sessions += Number((rows as { n: number }[])[0]?.n);
    await other.end();
  }
  await delay(200);
  for (let at = 0; at < 3; at++) {
    (globalThis as { gc?: () => void }).gc?.();
    await delay(50);
  }
  return {
    descriptors: (await readdir('/proc/self/fd')).length,
    heapMb: process.memoryUsage().heapUsed / 2 ** 20,
    connections: connections(),
    sessions,
  };
}

/** Milliseconds of load, of faults too where they are wanted. */
async function run(ms: number, broken: boolean): Promise<number> {
  loading = true;
  const until = performance.now() + ms;
  const all = callers();
  let count = 0;
  let told = performance.now();
  while (performance.now() < until) {
    if (broken) {
      await faults[oneOf(Object.keys(faults))]?.(oneOf(sourceNames));
      count += 1;
    }
    await delay(between(300, 3000));
    if (performance.now() - told > 60_000) {
      told = performance.now();
      const left = Math.round((until - told) / 60_000);
      say(
        `${count} faults, ${[...outcomes].map(([code, n]) => `${code} ${n}`).join(', ')}; ${left} min left`,
      );
    }
  }
  loading = false;
  await Promise.all(all);
  return count;
}

const row = (what: string, { descriptors, heapMb, connections, sessions }: Measure) =>
  say(
    `${what.padEnd(7)} descriptors ${descriptors}, heap ${heapMb.toFixed(1)} MB, connections ${connections}, server sessions ${sessions}`,
  );

say(`soak of ${minutes} min, seed ${seedOf}`);
// Once through all of it, so that what is made but once is there, and caches are as full as they get: each write is a
// document of its own, of which a thousand are kept.
await run(Math.min(60_000, minutes * 20_000), true);
for (let round = 0; round < 100; round++) {
  await Promise.all(sourceNames.flatMap((name) => Array.from({ length: 6 }, () => ask(write(name)))));
}
const before = await measure();
row('before', before);
outcomes.clear();
const count = await run(minutes * 60_000, true);
const after = await measure();
row('after', after);
say(
  `${count} faults; ${[...outcomes].map(([code, n]) => `${code} ${n}`).join(', ')}; slowest ${(slowest.ms / 1000).toFixed(1)} s`,
);

await app.close();
await sources.close();
for (const name of sourceNames) await proxies[name][Symbol.asyncDispose]();
await pair.stop();
await rm(home, { recursive: true, force: true });

const held =
  after.descriptors <= before.descriptors + 3 &&
  after.heapMb <= before.heapMb * 1.1 + 5 &&
  after.connections === 0 &&
  after.sessions === before.sessions;
say(held ? 'Everything is as it was.' : 'Something grew.');
process.exit(held ? 0 : 1);
