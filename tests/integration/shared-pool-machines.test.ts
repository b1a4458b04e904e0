import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateUp } from '../../src/migrator/up.ts';
import { randomStream } from '../../src/seeders/random.ts';
import { seed } from '../../src/seeders/seed.ts';
import { perSource, type SourceName, sourceNames } from '../../src/source-name.ts';
import { openSource } from '../../src/sources/source.ts';
import { pool } from '../helpers/databases.ts';
import { passwordOf } from '../helpers/driver.ts';
import { type Machine, makeNetwork, type Network, noNamespaces } from '../helpers/namespaces.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';
import { seed as seedOfRun } from '../helpers/random-seed.ts';
import { type Load, startLoad } from '../helpers/send-load.ts';
import { type Serving, startServing } from '../helpers/serving.ts';

const long = process.env.TANDEM_LONG === '1';
const missing = long ? await noNamespaces() : 'TANDEM_LONG is not set';
if (long && missing !== undefined) console.warn(`SKIPPED: ten machines in network namespaces: ${missing}`);
const seconds = Number(process.env.TANDEM_TEST_SECONDS ?? 300);

const max = 20;
const most = 10;
/** A process needs so long to begin, and to end, on a machine of two processors with nine others beside it. */
const patience = { timeout: 60_000, interval: 200 };

let network: Network;
let servers: Record<SourceName, OwnServer>;
let settings: Record<string, string>;

/** A process on a machine, with clients that ask it without a pause. */
interface Running {
  readonly machine: Machine;
  readonly serving: Serving;
  readonly load: Load;
  /** When it was cut off, or ended: its clients' errors are due to that. */
  readonly faults: { readonly from: number; until: number }[];
}

const all: Running[] = [];
let running: Running[] = [];

const query = `{
  azure: patients(source: AZURE, first: 5) { nodes { lastName } }
  gcp: patients(source: GCP, first: 5) { nodes { lastName } }
}`;

async function start(machine: Machine): Promise<Running> {
  const own = { HOST: machine.address, ALLOWED_HOSTS: machine.address, PORT: '4000' };
  const serving = await startServing({ ...settings, ...own }, machine.under);
  const ready = () =>
    fetch(`${serving.url}/readyz`).then(
      ({ status }) => status,
      () => 0,
    );
  await expect.poll(ready, patience).toBe(200);
  const one: Running = {
    machine,
    serving,
    load: startLoad(serving.url, query, 3, { pauseMs: 20 }),
    faults: [],
  };
  all.push(one);
  running.push(one);
  return one;
}

async function shareOf({ serving }: Running): Promise<readonly number[]> {
  const body = JSON.stringify({ query: '{ sources { maxConnections } }' });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${serving.url}/graphql`, { method: 'POST', body, headers });
  const { data } = (await answer.json()) as { data: { sources: { maxConnections: number }[] } };
  return data.sources.map(({ maxConnections }) => maxConnections);
}

/** Milliseconds until all that run have equal shares of both clouds, one more or less. */
async function untilFair(): Promise<number> {
  const from = performance.now();
  const whole = running.length < most ? max - 1 : max;
  const fair = async () => {
    const shares = await Promise.all(running.map(shareOf));
    return sourceNames.map((_, at) => {
      const each = shares.map((share) => share[at] as number);
      const sum = each.reduce((one, other) => one + other, 0);
      return sum === whole && Math.max(...each) - Math.min(...each) <= 1 ? 'fair' : each.join(' ');
    });
  };
  await expect.poll(fair, patience).toEqual(['fair', 'fair']);
  return performance.now() - from;
}

/** Counts the account's sessions on both servers as their administrator, without a pause. */
function watch() {
  const seen = perSource(() => ({ most: 0, looks: 0 }));
  let going = true;
  const watching = sourceNames.map(async (name) => {
    while (going) {
      const [row] = await servers[name].sql<{ sessions: number }>(
        "select count(*) as sessions from information_schema.processlist where user = 'tandem'",
      );
      seen[name].most = Math.max(seen[name].most, Number(row?.sessions));
      seen[name].looks += 1;
      await delay(10);
    }
  });
  return {
    async end() {
      going = false;
      await Promise.all(watching);
      return seen;
    },
  };
}

describe.skipIf(missing !== undefined)('ten processes on machines of their own', () => {
  beforeAll(async () => {
    const azure = await startOwnServer();
    servers = { AZURE: azure, GCP: await startOwnServer() };
    network = await makeNetwork(most);
    const ports = perSource((name) => network.forward(servers[name].port));
    settings = {
      AUTH: 'none',
      POOL_SHARED: 'on',
      POOL_ACQUIRE_TIMEOUT_MS: '10000',
      CONNECT_TIMEOUT_MS: '3000',
    };
    for (const name of sourceNames) {
      const { config, files, sql } = servers[name];
      await migrateUp(name, config, pool);
      await using source = await openSource(name, config, pool);
      await seed(source, 50);
      await sql(`alter user 'tandem'@'%' with max_user_connections ${max}`);
      const values = {
        HOST: network.address,
        PORT: String(await ports[name]),
        NAME: config.name,
        USER: config.runtime.user,
        PASSWORD: passwordOf(config.runtime),
        SSL_CA: files.ca,
        SSL_MODE: 'VERIFY_CA',
      };
      for (const [key, value] of Object.entries(values)) settings[`${name}_DB_${key}`] = value;
    }
  }, 300_000);
  afterAll(async () => {
    for (const { serving } of all) serving.kill('SIGKILL');
    await network?.[Symbol.asyncDispose]();
    for (const name of sourceNames) await servers?.[name][Symbol.asyncDispose]();
  }, 120_000);

  it(
    'share 20 sessions of each cloud while they join, leave, are killed and are cut off',
    async () => {
      const random = randomStream(seedOfRun);
      const sessions = watch();
      const took: Record<string, number[]> = {};
      const note = (what: string, ms: number) => {
        took[what] = [...(took[what] ?? []), Math.round(ms)];
      };
      const free = () =>
        network.machines.filter((machine) => running.every((one) => one.machine !== machine));
      for (let number = 0; number < 5; number++) await start(network.machines[number] as Machine);
      await untilFair();
      const until = performance.now() + seconds * 1000;
      const drop = (one: Running) => {
        const fault = { from: performance.now(), until: Number.POSITIVE_INFINITY };
        one.faults.push(fault);
        running = running.filter((other) => other !== one);
        return fault;
      };
      while (performance.now() < until) {
        const any = running[Math.floor(random() * running.length)] as Running;
        const [next] = free();
        const what = running.length < 3 ? 0 : Math.floor(random() * 5);
        if (what <= 1 && next !== undefined) {
          await start(next);
          note('join', await untilFair());
        } else if (what === 2) {
          drop(any);
          any.serving.kill('SIGTERM');
          await any.serving.ended();
          note('leave', await untilFair());
        } else if (what === 3) {
          drop(any);
          any.serving.kill('SIGKILL');
          note('kill', await untilFair());
        } else if (what === 4) {
          const fault = drop(any);
          await any.machine.plug(false);
          note('cut off', await untilFair());
          await any.machine.plug(true);
          running.push(any);
          note('back', await untilFair());
          fault.until = performance.now() + 1000;
        }
        await delay(500);
      }
      const seen = await sessions.end();
      for (const { load } of running) await Promise.race([load.stop(), delay(15_000)]);
      console.info(JSON.stringify({ seed: seedOfRun, seconds, seen, took }));

      const failed = all.flatMap(({ load, faults }) =>
        load.sent.filter(
          ({ at, error, status, body }) =>
            (error !== undefined || status !== 200 || body?.includes('"errors"') === true) &&
            // Sent before it, and not answered yet.
            !faults.some(({ from, until }) => at > from - 3000 && at < until),
        ),
      );
      expect(failed.slice(0, 5)).toEqual([]);
      for (const name of sourceNames) {
        expect(seen[name].looks).toBeGreaterThan(100);
        expect(seen[name].most).toBeLessThanOrEqual(max);
        expect(seen[name].most).toBeGreaterThan(max / 2);
      }
      expect(Math.max(...running.map(({ load }) => load.sent.length))).toBeGreaterThan(100);
    },
    (seconds + 400) * 1000,
  );
});
