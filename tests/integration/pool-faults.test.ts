import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { TandemError } from '../../src/errors/tandem-error.ts';
import { seed } from '../../src/seeders/seed.ts';
import { openSource, type Source } from '../../src/sources/source.ts';
import { createDatabases, environmentOf, pool, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { holdConnections } from '../helpers/hold-connections.ts';
import { stopwatch, type Took } from '../helpers/own-time.ts';
import { scriptArguments } from '../helpers/run-command-line.ts';
import { startServer } from '../helpers/server.ts';
import { killSessions } from '../helpers/sessions.ts';
import { startProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';

/** Short deadlines, so that a test passes each of them; and room for a machine that is busy. */
const limits = {
  ...pool,
  max: 5,
  connectTimeoutMs: 2000,
  acquireTimeoutMs: 1500,
  statementTimeoutMs: 1500,
  transactionTimeoutMs: 3000,
};
/** Deadlines that no test waits for: for what is not about them. */
const patient = {
  connectTimeoutMs: 20_000,
  acquireTimeoutMs: 20_000,
  statementTimeoutMs: 20_000,
  transactionTimeoutMs: 20_000,
};
const room = 700;

let databases: TestDatabases;
let proxy: TcpProxy;
let source: Source;

beforeAll(async () => {
  databases = await createDatabases();
  await using direct = await openSource('AZURE', databases.config.databases.AZURE, pool);
  await seed(direct, 20);
});
afterAll(() => databases?.[Symbol.asyncDispose]());

beforeEach(async () => {
  proxy = await startProxy(databases.config.databases.AZURE.port);
  source = await openSource('AZURE', throughProxy().databases.AZURE, limits);
});
afterEach(async () => {
  await source?.close({ timeoutMs: 0 });
  await proxy?.[Symbol.asyncDispose]();
});

function throughProxy(): Config {
  const { config } = databases;
  const AZURE = { ...config.databases.AZURE, port: proxy.port };
  return { ...config, databases: { ...config.databases, AZURE } };
}

const one = () => source.arrays({ sql: 'select 1', params: [] });
const sleep = (seconds: number) => source.arrays({ sql: `select sleep(${seconds})`, params: [] });
const many = <T>(count: number, make: () => Promise<T>) => Array.from({ length: count }, make);

/** What became of promises: `ok` or the code, and how long it took. */
async function outcomes(promises: readonly Promise<unknown>[]) {
  const took = stopwatch();
  return Promise.all(
    promises.map(async (promise) => {
      const code = await promise.then(
        () => 'ok',
        (error) => (error instanceof TandemError ? error.code : `uncoded: ${error}`),
      );
      return { code, ...took() };
    }),
  );
}

const codes = (results: readonly { code: string }[]) => [...new Set(results.map(({ code }) => code))].sort();
const slowest = (results: readonly Took[]) => Math.max(...results.map(({ ownMs }) => ownMs));

/** The sessions of this database on the server, and what they run. */
async function onServer(of: 'runtime' | 'migrator' = 'runtime'): Promise<string[]> {
  const { AZURE } = databases.config.databases;
  const watcher = await connect(AZURE, AZURE[of]);
  try {
    const [rows] = await watcher.query(
      'select info from information_schema.processlist where db = database() and id <> connection_id()',
    );
    return (rows as { info?: string; INFO?: string }[]).map((row) => row.info ?? row.INFO ?? '');
  } finally {
    watcher.destroy();
  }
}

async function until(condition: () => boolean | Promise<boolean>, ms = 20_000): Promise<number> {
  const took = stopwatch();
  while (!(await condition())) {
    if (took().ownMs > ms) throw new Error('It did not come about in time.');
    await delay(20);
  }
  return took().ownMs;
}

describe('a statement past its deadline', () => {
  it('fails with TIMEOUT, ends on the server, and gives its place back', async () => {
    const [result] = await outcomes([sleep(30)]);
    expect(result?.code).toBe('TIMEOUT');
    expect(result?.ms).toBeGreaterThan(700);
    expect(result?.ownMs).toBeLessThan(limits.statementTimeoutMs + room);
    await until(async () => !(await onServer()).some((info) => info.includes('sleep(30)')));
    await until(() => source.stats().closing === 0);
    expect(codes(await outcomes(many(4, one)))).toEqual(['ok']);
  });

  it('is bounded by the server too, for when nobody is left to end it', async () => {
    const [row] = await source.arrays({ sql: 'select @@max_execution_time', params: [] });
    expect(row).toEqual([limits.statementTimeoutMs + 1000]);
  });

  it('ends a transaction that nobody finishes, and what comes after it', async () => {
    const [result] = await outcomes([
      source.write(async (em) => {
        await em.execute('select 1');
        await delay(limits.transactionTimeoutMs + 700);
        await em.execute('select 2');
      }),
    ]);
    expect(result?.code).toBe('TIMEOUT');
    await until(async () => (await onServer()).length <= 1);
    expect(source.stats()).toMatchObject({ inUse: 0 });
  });
});

describe('with all connections taken', () => {
  it('fails with POOL_TIMEOUT in time', async () => {
    await using taken = await openSource('AZURE', databases.config.databases.AZURE, {
      ...limits,
      ...patient,
      acquireTimeoutMs: 600,
    });
    const release = await holdConnections(taken, 4);
    const late = await outcomes(many(6, () => taken.arrays({ sql: 'select 1', params: [] })));
    expect(codes(late)).toEqual(['POOL_TIMEOUT']);
    expect(Math.min(...late.map(({ ms }) => ms))).toBeGreaterThan(500);
    expect(slowest(late)).toBeLessThan(600 + room);
    await release();
  });

  it('serves who waits in order', async () => {
    // One for callers, and the pool's own.
    await using taken = await openSource('AZURE', databases.config.databases.AZURE, {
      ...limits,
      ...patient,
      max: 2,
    });
    const release = await holdConnections(taken, 1);
    const order: number[] = [];
    const waiting = Array.from({ length: 8 }, async (_, index) => {
      await taken.arrays({ sql: 'select sleep(0.01)', params: [] });
      order.push(index);
    });
    await release();
    await Promise.all(waiting);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('fails with OVERLOADED at once where the queue is full, and 503 with Retry-After over HTTP', async () => {
    const config = { ...databases.config, pool: { ...limits, ...patient, queueMax: 2 } };
    await using server = await startServer(config);
    // Code that nobody has run yet takes its time.
    await server.ask('{ patients(source: GCP) { nodes { key } } }');
    const { AZURE } = server.sources;
    const release = await holdConnections(AZURE, 4);
    const waiting = many(2, () => AZURE.arrays({ sql: 'select 1', params: [] }));
    const took = stopwatch();
    const answer = await server.ask('{ patients(source: AZURE) { nodes { key } } }');
    expect(took().ownMs).toBeLessThan(300);
    expect(answer.errors?.[0].extensions).toMatchObject({
      code: 'OVERLOADED',
      source: 'AZURE',
      retryable: true,
    });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    const partly = await server.ask('{ patients(source: AZURE) { nodes { key } } ok: __typename }');
    expect([partly.status, partly.data]).toEqual([200, { patients: null, ok: 'Query' }]);
    await release();
    await Promise.all(waiting);
  });
});

describe('in a black hole', () => {
  it('settles every call by its deadline, keeps within its connections, and is back within 5 s', async () => {
    await outcomes(many(8, one));
    const before = source.stats();
    expect(before.idle).toBeGreaterThan(0);
    proxy.mode = 'black hole';
    const results = await outcomes(many(40, one));
    expect(codes(results)).not.toContain('ok');
    expect(
      codes(results).every((code) => ['SOURCE_UNAVAILABLE', 'POOL_TIMEOUT', 'TIMEOUT'].includes(code)),
    ).toBe(true);
    expect(slowest(results)).toBeLessThan(limits.statementTimeoutMs + limits.acquireTimeoutMs + room);
    await until(() => source.stats().breaker !== 'CLOSED', 8000);
    const [refused] = await outcomes([one()]);
    expect(refused?.code).toBe('SOURCE_UNAVAILABLE');
    expect(refused?.ownMs).toBeLessThan(100);
    const { inUse, idle, connecting, closing, control } = source.stats();
    expect(inUse + idle + connecting + closing + control).toBeLessThanOrEqual(limits.max);

    proxy.mode = 'pass';
    const healed = await until(async () => codes(await outcomes([one()]))[0] === 'ok', 10_000);
    expect(healed).toBeLessThan(5000);
    // Those that were lost in it are ended on the server, and their places are free again.
    await until(() => source.stats().closing === 0);
    expect((await onServer()).length).toBeLessThanOrEqual(limits.max);
    expect(codes(await outcomes(many(20, one)))).toEqual(['ok']);
  });

  it('ends a transaction in it by the deadline', async () => {
    const [result] = await outcomes([
      source.write(async (em) => {
        await em.execute('update patients set contact_number = ? where id = 1', ['lost']);
        proxy.mode = 'black hole';
        await em.execute('select 1');
      }),
    ]);
    expect(result?.code).toBe('TIMEOUT');
    expect(result?.ownMs).toBeLessThan(limits.transactionTimeoutMs + room);
    proxy.mode = 'pass';
    await until(() => source.stats().closing === 0, 8000);
    const [row] = await source.rows<{ number: string }>({
      sql: 'select contact_number as number from patients where id = 1',
      params: [],
    });
    expect(row?.number).not.toBe('lost');
  });

  it('fails to connect in time', async () => {
    proxy.mode = 'black hole';
    const results = await outcomes(many(3, one));
    expect(codes(results)).toEqual(['SOURCE_UNAVAILABLE']);
    expect(slowest(results)).toBeLessThan(limits.connectTimeoutMs + room);
  });
});

describe('connections that died idle', () => {
  it.each([
    ['reset', async () => proxy.reset()],
    [
      'killed',
      async () => {
        const { AZURE } = databases.config.databases;
        const admin = await connect(AZURE);
        const [rows] = await admin.query(
          'select id from information_schema.processlist where db = database() and id <> connection_id()',
        );
        const ids = (rows as { id?: number; ID?: number }[]).map(({ id, ID }) => id ?? ID);
        await killSessions((sql) => admin.query(sql), ids);
        admin.destroy();
      },
    ],
  ])('%s: no read fails', async (_what, kill) => {
    await source.close();
    source = await openSource('AZURE', throughProxy().databases.AZURE, {
      ...limits,
      ...patient,
    });
    for (let round = 0; round < 5; round++) {
      await outcomes(many(4, one));
      // What is being made yet is not idle: it fails for whom it was made.
      await until(() => source.stats().connecting === 0);
      await kill();
      expect(codes(await outcomes(many(12, one)))).toEqual(['ok']);
    }
  });

  it('are replaced when they have had their time, and closed when nobody needs them', async () => {
    await using short = await openSource('AZURE', throughProxy().databases.AZURE, {
      ...limits,
      maxLifetimeMs: 400,
      idleTimeoutMs: 60_000,
    });
    const ids = new Set<number>();
    for (let at = 0; at < 20; at++) {
      const [[id] = []] = await short.arrays({ sql: 'select connection_id()', params: [] });
      ids.add(id as number);
      await delay(50);
    }
    expect(ids.size).toBeGreaterThan(1);
    await using idle = await openSource('AZURE', throughProxy().databases.AZURE, {
      ...limits,
      ...patient,
      idleTimeoutMs: 500,
      min: 1,
    });
    await Promise.all(many(3, () => idle.arrays({ sql: 'select sleep(0.5)', params: [] })));
    expect(idle.stats().idle).toBe(3);
    await until(() => idle.stats().idle === 1);
  });
});

describe('where nothing listens', () => {
  it('fails at once, opens the breaker, and is back by itself', async () => {
    expect(codes(await outcomes([one()]))).toEqual(['ok']);
    await proxy.refuse();
    const results = await outcomes(many(10, one));
    expect(codes(results)).toEqual(['SOURCE_UNAVAILABLE']);
    expect(slowest(results)).toBeLessThan(room);
    for (let at = 0; at < 3; at++) await outcomes([one()]);
    expect(source.stats().breaker).not.toBe('CLOSED');
    const tried = proxy.taken;
    const [refused] = await outcomes([one()]);
    expect([refused?.code, proxy.taken]).toEqual(['SOURCE_UNAVAILABLE', tried]);
    await proxy.listen();
    expect(await until(() => source.stats().breaker === 'CLOSED')).toBeLessThan(5000);
    expect(codes(await outcomes(many(10, one)))).toEqual(['ok']);
  });
});

describe('transactions', () => {
  it('whose answer to COMMIT is lost are OUTCOME_UNKNOWN, and are not run again', async () => {
    let runs = 0;
    const [result] = await outcomes([
      source.write(async (em) => {
        runs += 1;
        await em.execute("update patients set contact_number = '555-7777' where id = 2");
        proxy.mode = 'answers lost';
      }),
    ]);
    expect([result?.code, runs]).toEqual(['OUTCOME_UNKNOWN', 1]);
    proxy.mode = 'pass';
  });

  it('that lose their connection before COMMIT are run again', async () => {
    let runs = 0;
    const [result] = await outcomes([
      source.write(async (em) => {
        runs += 1;
        await em.execute("update patients set contact_number = '555-8888' where id = 3");
        if (runs === 1) {
          proxy.reset();
          await em.execute('select 1');
        }
      }),
    ]);
    expect([result?.code, runs]).toEqual(['ok', 2]);
  });

  it('that the server undoes because of a deadlock are run again as a whole', async () => {
    await using sparing = await openSource('AZURE', databases.config.databases.AZURE, {
      ...limits,
      ...patient,
    });
    let runs = 0;
    let locked = 0;
    const update = (first: number, second: number) =>
      sparing.write(async (em) => {
        runs += 1;
        await em.execute(`update patients set contact_number = '555-9999' where id = ${first}`);
        locked += 1;
        // Each has its first row before one asks for the other's.
        await until(() => locked > 1);
        await em.execute(`update patients set contact_number = '555-9999' where id = ${second}`);
      });
    expect(codes(await outcomes([update(4, 5), update(5, 4)]))).toEqual(['ok']);
    expect(runs).toBeGreaterThan(2);
  });

  it('that wait for a lock fail with TIMEOUT by the deadline', async () => {
    const holder = await connect(databases.config.databases.AZURE);
    await holder.query('begin');
    await holder.query("update patients set contact_number = '555-1' where id = 6");
    const [result] = await outcomes([
      source.write((em) => em.execute("update patients set contact_number = '555-2' where id = 6")),
    ]);
    expect(result?.code).toBe('TIMEOUT');
    expect(result?.ownMs).toBeLessThan(limits.statementTimeoutMs + room);
    await holder.query('commit');
    holder.destroy();
  });
});

describe('a client that goes away', () => {
  it('takes its statement with it, and its place in the pool', async () => {
    await using server = await startServer({ ...databases.config, pool: { ...pool, max: 3 } });
    // A change of the table waits for a transaction that has read it, and every later read waits for the change.
    const { AZURE } = databases.config.databases;
    const [reader, changer] = [await connect(AZURE), await connect(AZURE, AZURE.migrator)];
    await reader.query('begin');
    await reader.query('select 1 from patients limit 1');
    const changed = changer.query("alter table patients comment = 'changed'");
    await until(async () => (await onServer('migrator')).some((info) => info.startsWith('alter')));
    const client = new AbortController();
    const asked = fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ patients(source: AZURE) { nodes { key } } }' }),
      signal: client.signal,
    }).catch(() => {});
    await until(() => server.sources.AZURE.stats().inUse === 1);
    client.abort();
    await asked;
    await until(() => server.sources.AZURE.stats().inUse === 0, 4000);
    await until(() => server.sources.AZURE.stats().closing === 0);
    expect((await onServer()).filter((info) => info.startsWith('select'))).toEqual([]);
    await reader.query('rollback');
    await changed;
    reader.destroy();
    changer.destroy();
    expect(server.log.join('')).toMatch(/CLIENT_CLOSED_REQUEST/);
  });
});

it('closes all of its connections in time, also in a black hole', async () => {
  await outcomes(many(4, one));
  proxy.mode = 'black hole';
  const hanging = outcomes([one()]);
  const took = stopwatch();
  await source.close({ timeoutMs: 300 });
  expect(took().ownMs).toBeLessThan(4000);
  expect(codes(await hanging)).toEqual(['SOURCE_UNAVAILABLE']);
});

it('closes a pool whose server is gone before its process ends, with the exit code of its own', async () => {
  const script = `
    import 'reflect-metadata';
    import { loadConfig } from './src/config/config.ts';
    import { openSource } from './src/sources/source.ts';
    import { startProxy } from './tests/helpers/tcp-proxy.ts';
    const { databases: { AZURE }, pool } = loadConfig();
    const proxy = await startProxy(AZURE.port);
    const source = await openSource('AZURE', { ...AZURE, port: proxy.port }, pool);
    const statement = source.arrays({ sql: 'select sleep(30)', params: [] }).catch(() => {});
    while (source.stats().inUse === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await proxy.refuse();
    proxy.reset();
    await statement;
    // Its session may still be on the server, which cannot be asked to end it.
    await source.close();
    process.exitCode = 3;`;
  const node = spawn(process.execPath, scriptArguments(script), {
    env: { ...process.env, ...environmentOf(databases.config) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = node.stderr.toArray();
  const [code] = await once(node, 'exit');
  expect({ code, said: (await said).join('') }).toEqual({ code: 3, said: '' });
});
