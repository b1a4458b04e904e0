import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrateUp } from '../../src/migrator/up.ts';
import { preflight } from '../../src/preflight/preflight.ts';
import { sourceNames } from '../../src/source-name.ts';
import { pool, testConfig } from '../helpers/databases.ts';
import { passwordOf } from '../helpers/driver.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';
import { type Replicated, startReplicated, untilCaughtUp } from '../helpers/replicated-servers.ts';
import { tandem } from '../helpers/run-command-line.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { startProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';

const native = await hasNativeServer();

/** Milliseconds by which a replica may be behind here. */
const maxLagMs = 500;

describe.skipIf(!native)('a source with a replica', () => {
  let servers: Replicated;
  let replica: OwnServer;
  let other: OwnServer;
  /** A primary whose transactions need not have GTIDs. */
  let without: OwnServer;
  let key: number;
  /** Values that the primary has confirmed, with the time of `performance.now()`. */
  const written: { readonly value: number; readonly at: number }[] = [];
  let stopWriting = async () => {};
  let proxy: TcpProxy;
  let server: TestServer;

  beforeAll(async () => {
    servers = await startReplicated(2);
    [replica, other] = servers.replicas as [OwnServer, OwnServer];
    without = await startOwnServer({ like: servers.primary });
    for (const { config } of [servers.primary, without]) await migrateUp('AZURE', config, pool);
    await servers.primary.sql(
      "insert into tandem.patients (first_name, last_name, date_of_birth, gender) values ('A', '0', '2000-01-01', 'OTHER')",
    );
    const [row] = await servers.primary.sql<{ key: number }>('select max(id) as `key` from tandem.patients');
    key = Number(row?.key);
    for (const each of [replica, other]) await untilCaughtUp(servers, each);
    let writing = true;
    const writer = (async () => {
      for (let value = 1; writing; value++) {
        await servers.primary.sql(`update tandem.patients set last_name = '${value}' where id = ${key}`);
        written.push({ value, at: performance.now() });
        await delay(10);
      }
    })();
    stopWriting = async () => {
      writing = false;
      await writer;
    };
  });
  afterAll(async () => {
    await stopWriting();
    await without?.[Symbol.asyncDispose]();
    await servers?.[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    proxy = await startProxy(replica.port);
    const hosts = [{ host: '127.0.0.1', port: proxy.port }];
    const AZURE = { ...servers.primary.config, replicas: { hosts, maxLagMs } };
    server = await startServer(testConfig({ AZURE, GCP: servers.primary.config }));
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') {
      await replica.sql('stop replica').catch(() => {});
      await replica.sql('change replication source to source_delay = 0').catch(() => {});
      await replica.sql('start replica').catch(() => {});
    }
    await server?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
  });

  const state = () => server.sources.AZURE.replicas()[0];
  const readsOfReplica = () => state()?.reads ?? 0;

  /** The value that a query answers, and how far below it is of what it has to answer at least; `undefined`: an error. */
  async function read(source = 'AZURE'): Promise<{ value: number; missing: number }> {
    const began = performance.now();
    const { data, errors } = await server.ask(
      `{ patient(source: ${source}, key: ${key}) { lastName records(first: 3) { nodes { key } totalCount } } }`,
    );
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    const value = Number(data.patient.lastName);
    const due = written.findLast(({ at }) => at < began - maxLagMs)?.value ?? 0;
    return { value, missing: Math.max(0, due - value) };
  }

  /** Clients that read as long as `during` takes; each answer is fresh enough. */
  async function underLoad(during: () => Promise<unknown>): Promise<number> {
    let going = true;
    let answers = 0;
    const clients = Array.from({ length: 8 }, async () => {
      while (going) {
        const { missing } = await read();
        expect(missing, 'an answer that is staler than asked').toBe(0);
        answers += 1;
        // Hundreds of answers a second are enough: without a pause, the clients take all processors.
        await delay(10);
      }
    });
    const work = during().finally(() => {
      going = false;
    });
    await Promise.all([work, ...clients]);
    return answers;
  }

  const untilUsed = () => expect.poll(() => state()?.state, { timeout: 60_000, interval: 20 }).toBe('USED');
  const until = (wanted: string) =>
    expect.poll(() => state()?.state, { timeout: 60_000, interval: 20 }).toBe(wanted);
  /** How many of so many reads the replica answers. */
  async function answeredByReplica(count: number): Promise<number> {
    const before = readsOfReplica();
    for (let at = 0; at < count; at++) await read();
    return readsOfReplica() - before;
  }

  it('reads from it, never staler than asked, and from the primary while it is behind', async () => {
    await underLoad(async () => {
      await untilUsed();
      const before = readsOfReplica();
      await expect.poll(readsOfReplica, { timeout: 60_000 }).toBeGreaterThan(before + 50);

      await replica.sql('stop replica sql_thread');
      await until('BEHIND');
      // What it has been sent already, it answers.
      await delay(maxLagMs);
      const stopped = readsOfReplica();
      await delay(2 * maxLagMs);
      expect(readsOfReplica()).toBe(stopped);

      await replica.sql('start replica sql_thread');
      await untilUsed();
      await expect.poll(readsOfReplica, { timeout: 60_000 }).toBeGreaterThan(stopped + 50);

      await replica.sql('stop replica sql_thread');
      await replica.sql('change replication source to source_delay = 2');
      await replica.sql('start replica sql_thread');
      await until('BEHIND');
      await delay(maxLagMs);
      const delayed = readsOfReplica();
      await delay(2500);
      expect(readsOfReplica()).toBe(delayed);
      await replica.sql('stop replica sql_thread');
      await replica.sql('change replication source to source_delay = 0');
      await replica.sql('start replica sql_thread');
      await untilUsed();
    });
  });

  it('answers every read while it is reset, refuses connections, or is in a black hole', async () => {
    const answers = await underLoad(async () => {
      await untilUsed();
      for (let round = 0; round < 5; round++) {
        proxy.reset();
        const before = readsOfReplica();
        await expect.poll(readsOfReplica, { timeout: 60_000 }).toBeGreaterThan(before + 10);
      }
      await proxy.refuse();
      await until('DOWN');
      await proxy.listen();
      await untilUsed();
      proxy.mode = 'black hole';
      await until('DOWN');
      const before = readsOfReplica();
      await delay(maxLagMs);
      expect(readsOfReplica()).toBe(before);
      proxy.mode = 'pass';
      await untilUsed();
    });
    expect(answers).toBeGreaterThan(100);
  });

  it('sends it neither mutations, nor what they answer with, nor comparisons, nor reads of the other source', async () => {
    await underLoad(untilUsed);
    const before = readsOfReplica();
    for (let round = 0; round < 5; round++) {
      const { data, errors } = await server.ask(
        `mutation { updatePatient(source: AZURE, key: ${key}, input: { firstName: "R${round}" })
          { patient { firstName records { totalCount } } } }`,
      );
      expect(errors).toBeUndefined();
      expect(data.updatePatient.patient.firstName).toBe(`R${round}`);
      const compared = await server.ask(
        `{ patientsCompared(where: { key: { eq: ${key} } }) { nodes { azure { firstName } } } }`,
      );
      expect(compared.data.patientsCompared.nodes).toEqual([{ azure: { firstName: `R${round}` } }]);
      await read('GCP');
    }
    expect(readsOfReplica()).toBe(before);
  });

  it('sends it nothing that judges both clouds, nor what the page and the commands ask of one', async () => {
    const hosts = [{ host: '127.0.0.1', port: proxy.port }];
    const AZURE = { ...servers.primary.config, replicas: { hosts, maxLagMs } };
    await using judging = await startServer(testConfig({ AZURE, GCP: without.config }));
    const reads = () => judging.sources.AZURE.replicas()[0]?.reads ?? 0;
    const answer = async (query: string) => {
      const { data, errors } = await judging.ask(query);
      expect(errors, query).toBeUndefined();
      return data;
    };
    // It is in use.
    await expect
      .poll(async () => (await answer(`{ patient(source: AZURE, key: ${key}) { key } }`)) && reads(), {
        timeout: 60_000,
        interval: 20,
      })
      .toBeGreaterThan(0);
    const before = reads();
    await answer('{ drift { sources { right } azure { right } } }');
    await answer('{ erd(source: AZURE) { svg } }');
    await answer('{ migrations(source: AZURE) { name } }');
    await answer('mutation { startParity { id } }');
    await expect
      .poll(async () => (await answer('{ parity { state } }')).parity.state, { timeout: 60_000 })
      .not.toBe('RUNNING');
    expect(reads()).toBe(before);

    await using unasked = await startProxy(replica.port);
    const settings = Object.fromEntries(
      sourceNames.flatMap((name) => {
        const { config, files } = name === 'AZURE' ? servers.primary : without;
        return [
          [`${name}_DB_HOST`, config.host],
          [`${name}_DB_PORT`, String(config.port)],
          [`${name}_DB_NAME`, config.name],
          [`${name}_DB_USER`, config.runtime.user],
          [`${name}_DB_PASSWORD`, passwordOf(config.runtime)],
          [`${name}_DB_MIGRATOR_USER`, config.migrator.user],
          [`${name}_DB_MIGRATOR_PASSWORD`, passwordOf(config.migrator)],
          [`${name}_DB_SSL_CA`, files.ca],
          [`${name}_DB_REPLICA_HOSTS`, `127.0.0.1:${unasked.port}`],
        ];
      }),
    );
    for (const command of [
      'migrate status',
      'migrate up',
      'drift',
      'parity --settle 0',
      'cutover plan --from azure --to gcp',
      'seed --patients 1 --into tandem',
      'erd --source azure',
    ]) {
      const { code, stderr } = await tandem(command.split(' '), settings);
      expect([0, 2, 4, 5], `${command}: ${stderr}`).toContain(code);
    }
    expect(unasked.taken).toBe(0);
    await tandem(['preflight'], settings);
    expect(unasked.taken).toBeGreaterThan(0);
  });

  it('reads from the primary where no GTIDs tell what a replica has', async () => {
    const hosts = [{ host: '127.0.0.1', port: replica.port }];
    const AZURE = { ...without.config, replicas: { hosts, maxLagMs } };
    await using unsure = await startServer(testConfig({ AZURE, GCP: AZURE }));
    for (let at = 0; at < 30; at++) {
      await unsure.ask('{ patients(source: AZURE) { nodes { key } } }');
      await delay(20);
    }
    expect(unsure.sources.AZURE.replicas()[0]).toMatchObject({ state: 'UNKNOWN', reads: 0 });
  });

  it('tells in metrics and in the log what the replica does', async () => {
    await underLoad(untilUsed);
    expect(await answeredByReplica(5)).toBeGreaterThan(0);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const name = `127.0.0.1:${proxy.port}`;
    expect(text).toContain(`tandem_replica_used{source="AZURE",replica="${name}"} 1`);
    expect(text).toMatch(
      new RegExp(`tandem_replica_reads_total\\{source="AZURE",replica="${name}"\\} [1-9]`),
    );
    expect(text).toMatch(new RegExp(`tandem_replica_lag_seconds\\{source="AZURE",replica="${name}"\\} 0`));
    expect(text).not.toContain('source="GCP",replica');
    expect(server.log.some((line) => line.includes('replica changed') && line.includes(name))).toBe(true);
    const ready = await fetch(`${server.url}/readyz`);
    expect(ready.status).toBe(200);
  });

  const sessionsOn = async (at: OwnServer) => {
    const [row] = await at.sql<{ n: number }>(
      "select count(*) n from information_schema.processlist where user = 'tandem'",
    );
    return Number(row?.n);
  };

  it('holds each server to the bound where one address leads to several', async () => {
    const turning = setInterval(() => {
      proxy.to = proxy.to === replica.port ? other.port : replica.port;
    }, 5);
    try {
      await underLoad(async () => {
        await untilUsed();
        for (const each of [replica, other]) {
          await expect.poll(() => sessionsOn(each), { timeout: 60_000 }).toBeGreaterThan(0);
        }
        await other.sql('stop replica sql_thread');
        const before = readsOfReplica();
        await delay(3 * maxLagMs);
        await expect.poll(readsOfReplica, { timeout: 60_000 }).toBeGreaterThan(before + 20);
      });
    } finally {
      clearInterval(turning);
      await other.sql('start replica sql_thread');
    }
  });

  it('shares the work among several replicas, and with POOL_SHARED its connections by their own locks', async () => {
    const hosts = [replica, other].map(({ port }) => ({ host: '127.0.0.1', port }));
    const AZURE = { ...servers.primary.config, replicas: { hosts, maxLagMs } };
    const config = testConfig({ AZURE, GCP: servers.primary.config });
    await using shared = await startServer({ ...config, pool: { ...config.pool, shared: true } });
    const reads = () => shared.sources.AZURE.replicas().map((stats) => stats.reads);
    await expect
      .poll(
        async () => {
          const query = `{ patient(source: AZURE, key: ${key}) { lastName } }`;
          const answers = await Promise.all(Array.from({ length: 8 }, () => shared.ask(query)));
          expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
          return Math.min(...reads());
        },
        { timeout: 60_000, interval: 20 },
      )
      .toBeGreaterThan(10);
    const [locks] = await other.sql<{ owner: number | null }>(
      `select is_used_lock(concat('tandem.', left(sha2('tandem', 256), 16), '.0')) as owner`,
    );
    expect(locks?.owner).not.toBeNull();
  });

  it('preflight tells what a replica lacks', async () => {
    const kinds = async (
      hosts: readonly { host: string; port: number }[],
      database = servers.primary.config,
    ) => {
      const AZURE = { ...database, replicas: { hosts, maxLagMs: 2000 } };
      const [report] = await preflight(
        { databases: { AZURE, GCP: AZURE }, pool },
        { names: ['AZURE'], onStep: () => {} },
      );
      const step = report?.steps.find((one) => one.step === 'replicas');
      return step?.problems.map(({ kind, severity }) => `${severity} ${kind}`);
    };
    const one = { host: '127.0.0.1', port: other.port };
    await untilCaughtUp(servers, other);
    expect(await kinds([one, { host: '127.0.0.1', port: replica.port }])).toEqual([]);

    await other.sql('stop replica sql_thread');
    expect(await kinds([one])).toEqual(['warning REPLICA_BEHIND']);
    await other.sql('start replica sql_thread');
    await untilCaughtUp(servers, other);

    await other.sql('set global super_read_only = off');
    await other.sql('set global read_only = off');
    await other.sql('set global innodb_strict_mode = off');
    expect(await kinds([one])).toEqual(['warning SETTINGS_DIFFER', 'warning REPLICA_WRITABLE']);
    await other.sql('set global innodb_strict_mode = on');
    await other.sql('set global super_read_only = on');

    await using nobody = await startProxy(1);
    expect(await kinds([{ host: '127.0.0.1', port: nobody.port }])).toEqual(['warning REPLICA_UNUSABLE']);
    // A primary without GTIDs for all.
    expect(await kinds([one], without.config)).toEqual(['warning REPLICA_UNUSABLE']);
  });

  it('fails no read when it is killed under load', async () => {
    const answers = await underLoad(async () => {
      await untilUsed();
      await replica[Symbol.asyncDispose]();
      await until('DOWN');
      await delay(500);
    });
    expect(answers).toBeGreaterThan(20);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });
});
