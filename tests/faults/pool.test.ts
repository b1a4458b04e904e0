import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { migrateUp } from '../../src/migrator/up.ts';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { openSource } from '../../src/sources/source.ts';
import { built } from '../helpers/cli.ts';
import { createDatabases, environmentOf, pool, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { post, startLoad } from '../helpers/load.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { startOwnServer } from '../helpers/own-server.ts';
import { startProxy, type TcpProxy } from '../helpers/proxy.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { startServing } from '../helpers/serving.ts';
import { askMany, azure, changed, create, gcp, slowest, tally, untilOk } from './asking.ts';
import { quantile, row, seconds, timed } from './row.ts';

const native = (await hasNativeServer()) ? null : 'needs a MySQL server of its own';

let databases: TestDatabases;
let proxy: TcpProxy;
let server: TestServer;

beforeAll(async () => {
  databases = await createDatabases();
  for (const name of sourceNames) {
    await using source = await openSource(name, databases.config.databases[name], pool);
    await seed(source, 200);
  }
});
afterAll(() => databases?.[Symbol.asyncDispose]());

beforeEach(async () => {
  proxy = await startProxy(databases.config.databases.AZURE.port);
  server = await startServer(changed(databases.config, { port: proxy.port }));
});
afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  await proxy?.[Symbol.asyncDispose]();
});

const stats = () => server.sources.AZURE.stats();
const warm = () => askMany(server, azure, 60);
const hold = (count: number, forSeconds: number) =>
  Array.from({ length: count }, () =>
    server.sources.AZURE.arrays({ sql: `select sleep(${forSeconds})`, params: [] }),
  );

async function settled(most = 8000): Promise<number> {
  const started = performance.now();
  while (stats().closing + stats().inUse > 0) {
    if (performance.now() - started > most) throw new Error('Connections are still closing.');
    await delay(20);
  }
  return performance.now() - started;
}

row(4, 'packets dropped, warm pool, 100 callers', 'every call settles ≤ deadline + 0.2 s', async (tell) => {
  await warm();
  proxy.mode = 'black hole';
  const results = await askMany(server, azure, 100);
  expect(tally(results)).not.toContain('ok');
  expect(slowest(results)).toBeLessThan(5200);
  tell(`${tally(results)}; slowest ${seconds(slowest(results))}`);
});

row(5, 'packets dropped inside a transaction', 'settles ≤ deadline, slot freed', async (tell) => {
  const { ms } = await timed(() =>
    server.sources.AZURE.write(async (em) => {
      await em.execute("update patients set contact_number = '555' where id = 1");
      proxy.mode = 'black hole';
      await em.execute('select 1');
    }).catch(({ code }) => expect(code).toBe('TIMEOUT')),
  );
  expect(ms).toBeLessThan(5200 + 200);
  expect(stats().inUse).toBe(0);
  proxy.mode = 'pass';
  const freed = await settled();
  tell(
    `TIMEOUT after ${seconds(ms)}; the server’s session ended ${seconds(freed)} after the network was back`,
  );
});

row(6, 'healed after packets were dropped for 10 s', 'first success ≤ 5 s, no restart', async (tell) => {
  await warm();
  proxy.mode = 'black hole';
  await Promise.all([askMany(server, azure, 100), delay(10_000)]);
  proxy.mode = 'pass';
  const healed = await untilOk(server, azure);
  expect(healed).toBeLessThan(5000);
  const all = await settled();
  expect(tally(await askMany(server, azure, 100))).toBe('ok 100');
  tell(`first success ${seconds(healed)}, all slots free ${seconds(healed + all)} after`);
});

row(7, 'idle connections reset, or all killed, ten times', '0 failed reads', async (tell) => {
  let reads = 0;
  for (let round = 0; round < 10; round++) {
    await warm();
    if (round % 2 === 0) {
      proxy.reset();
    } else {
      // By the pool's own connection: the account has no session left for others.
      const { AZURE } = server.sources;
      const rows = await AZURE.ask<{ id: number }>(
        'select id as id from information_schema.processlist where db = database() and id <> connection_id()',
      );
      for (const { id } of rows) await AZURE.ask(`kill ${id}`).catch(() => {});
    }
    const results = await askMany(server, azure, 40);
    expect(tally(results)).toBe('ok 40');
    reads += 40;
  }
  tell(`0 of ${reads} reads failed`);
});

row(
  7.1,
  'connections cut at any moment, by us and by the network, for 10 s',
  'the process lives',
  async (tell) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [built('tests/faults/cut-connections.ts'), '10'],
      { env: { ...process.env, ...environmentOf(databases.config) } },
    );
    expect(Number(stdout)).toBeGreaterThan(100);
    tell(`${stdout} connections`);
  },
);

row(
  11,
  '500 parallel requests, one process and three',
  'never more than 20 sessions of the account, helpers included',
  async (tell) => {
    // An administrator looks on: the account has all of its sessions for itself, and no limit on the server.
    await using own = await startOwnServer();
    await migrateUp('AZURE', own.config, pool);
    const config = changed(databases.config, own.config);
    const ca = join(await mkdtemp(join(tmpdir(), 'tandem-ca-')), 'ca.pem');
    await writeFile(ca, own.config.tls.ca ?? '');
    const figures: string[] = [];
    try {
      for (const WEB_CONCURRENCY of ['1', '3']) {
        await using serving = await startServing({
          ...environmentOf(config),
          AZURE_DB_SSL_CA: ca,
          WEB_CONCURRENCY,
        });
        let most = 0;
        let watching = true;
        const watched = (async () => {
          while (watching) {
            const [row] = await own.sql<{ n: number }>(
              "select count(*) as n from information_schema.processlist where user = 'tandem'",
            );
            most = Math.max(most, Number(row?.n));
            await delay(5);
          }
        })();
        const agent = new Agent({ keepAlive: true });
        const answers = await Promise.all([
          ...Array.from({ length: 500 }, () => post(serving.url, azure, agent)),
          // Health is asked by the control session, which is one of the twenty.
          ...Array.from({ length: 20 }, () => post(serving.url, '{ sources { state } }', agent)),
        ]);
        agent.destroy();
        watching = false;
        await watched;
        expect(answers.filter(({ status, body }) => status !== 200 || body?.includes('"errors"'))).toEqual(
          [],
        );
        expect(most).toBeLessThanOrEqual(20);
        expect(most).toBeGreaterThan(10);
        figures.push(`${most} sessions at most in ${WEB_CONCURRENCY === '1' ? 'one process' : 'three'}`);
      }
    } finally {
      await rm(dirname(ca), { recursive: true });
    }
    tell(figures.join(', '));
  },
  { cannot: native },
);

row(12, 'the pool is held by transactions', '`POOL_TIMEOUT` in ≤ 3.2 s', async (tell) => {
  const held = hold(19, 4);
  await delay(200);
  const results = await askMany(server, azure, 20);
  expect(tally(results)).toBe('POOL_TIMEOUT 20');
  expect(slowest(results)).toBeLessThan(3200);
  await Promise.all(held);
  tell(seconds(slowest(results)));
});

row(
  13,
  'the queue is full',
  '`OVERLOADED` at once, 503 and `Retry-After` where the whole request fails',
  async (tell) => {
    await using small = await startServer({ ...databases.config, pool: { ...pool, queueMax: 5 } });
    const { AZURE } = small.sources;
    const held = Array.from({ length: 24 }, () => AZURE.arrays({ sql: 'select sleep(1)', params: [] }));
    await delay(100);
    const { value, ms } = await timed(() => small.ask(azure));
    expect([value.status, value.errors?.[0].extensions.code, value.headers.get('retry-after')]).toEqual([
      503,
      'OVERLOADED',
      '1',
    ]);
    expect(ms).toBeLessThan(100);
    await Promise.all(held);
    tell(seconds(ms));
  },
);

row(
  14,
  'a slow query',
  '`TIMEOUT` at the deadline; the statement is gone from the process list',
  async (tell) => {
    const [first] = hold(1, 60) as [Promise<unknown>];
    const { ms } = await timed(() => first.catch(({ code }) => expect(code).toBe('TIMEOUT')));
    expect(ms).toBeGreaterThan(4900);
    expect(ms).toBeLessThan(5200);
    const gone = await settled();
    const running = await server.sources.AZURE.ask<{ n: number }>(
      "select count(*) as n from information_schema.processlist where info like 'select sleep%'",
    );
    expect(Number(running[0]?.n)).toBe(0);
    tell(`after ${seconds(ms)}; gone from the server ${seconds(gone)} later`);
  },
);

row(
  15,
  'a lock wait; a deadlock',
  '`TIMEOUT` ≤ deadline; the deadlocked transaction is run again as a whole',
  async (tell) => {
    const touch = (key: number) => `update patients set contact_number = '555' where id = ${key}`;
    const { AZURE } = server.sources;
    const holder = AZURE.write(async (em) => {
      await em.execute(touch(1));
      await delay(6000);
    });
    await delay(100);
    const { ms } = await timed(() =>
      AZURE.write((em) => em.execute(touch(1))).catch(({ code }) => expect(code).toBe('TIMEOUT')),
    );
    expect(ms).toBeLessThan(5200);
    await holder;
    let runs = 0;
    const both = (one: number, other: number) =>
      AZURE.write(async (em) => {
        runs += 1;
        await em.execute(touch(one));
        await delay(200);
        await em.execute(touch(other));
      });
    await Promise.all([both(2, 3), both(3, 2)]);
    expect(runs).toBeGreaterThan(2);
    tell(`TIMEOUT after ${seconds(ms)}; two deadlocked transactions both committed in ${runs} runs`);
  },
);

row(16, 'the answer to COMMIT is lost', '`OUTCOME_UNKNOWN`; never a blind retry', async (tell) => {
  let runs = 0;
  const { ms } = await timed(() =>
    server.sources.AZURE.write(async (em) => {
      runs += 1;
      await em.execute("update patients set contact_number = '556' where id = 9");
      proxy.mode = 'answers lost';
    }).catch(({ code }) => expect(code).toBe('OUTCOME_UNKNOWN')),
  );
  expect(runs).toBe(1);
  proxy.mode = 'pass';
  tell(`after ${seconds(ms)}, in one run`);
});

row(22, 'latency of 100 ms more', 'no spurious time-outs', async (tell) => {
  proxy.delayMs = 50;
  const results = [...(await askMany(server, azure, 100)), ...(await askMany(server, create, 20))];
  expect(tally(results)).toBe('ok 120');
  tell(`120 of 120 answered, the slowest in ${seconds(slowest(results))}`);
});

row(
  23,
  'the client goes away in the middle of a query',
  'the statement ends, the slot is freed',
  async (tell) => {
    const { AZURE } = databases.config.databases;
    const [reader, changer] = [await connect(AZURE), await connect(AZURE, AZURE.migrator)];
    await reader.query('begin');
    await reader.query('select 1 from patients limit 1');
    const change = changer.query("alter table patients comment = 'changed'");
    await delay(300);
    const client = new AbortController();
    const asked = fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: azure }),
      signal: client.signal,
    }).catch(() => {});
    while (stats().inUse === 0) await delay(10);
    client.abort();
    await asked;
    const freed = await settled();
    expect(freed).toBeLessThan(1000);
    await reader.query('rollback');
    await change;
    reader.destroy();
    changer.destroy();
    tell(`${seconds(freed)} after the client’s end`);
  },
);

row(
  4.1,
  'AZURE in a black hole under load',
  'GCP’s p99 within 1.2× of its baseline in the same run',
  async (tell) => {
    const settings = { ...environmentOf(databases.config), AZURE_DB_PORT: String(proxy.port) };
    await using serving = await startServing(settings);
    const p99 = async (ms: number) => {
      const load = startLoad(serving.url, gcp, 8);
      await delay(ms);
      await load.stop();
      expect(load.sent.filter(({ status, body }) => status !== 200 || body?.includes('"errors"'))).toEqual(
        [],
      );
      // What was sent first has to connect.
      const times = load.sent.slice(100).map(({ ms }) => ms as number);
      return { p99: quantile(times, 0.99), count: times.length };
    };
    const beside = startLoad(serving.url, azure, 8);
    await p99(2000);
    const before = await p99(6000);
    proxy.mode = 'black hole';
    const during = await p99(9000);
    proxy.mode = 'pass';
    await beside.stop();
    const ratio = during.p99 / before.p99;
    expect(ratio).toBeLessThan(1.2);
    tell(
      `p99 ${before.p99.toFixed(1)} ms before, ${during.p99.toFixed(1)} ms during (${ratio.toFixed(2)}×), ${during.count} requests`,
    );
  },
);
