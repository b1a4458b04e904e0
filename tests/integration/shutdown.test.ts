import { Agent } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { openSource } from '../../src/sources/source.ts';
import { createDatabases, environmentOf, pool, type TestDatabases } from '../helpers/databases.ts';
import { post, startLoad } from '../helpers/send-load.ts';
import { startServing } from '../helpers/serving.ts';
import { connectTo, countSessions, type SessionCount } from '../helpers/sessions.ts';

let databases: TestDatabases;
let environment: Record<string, string>;
let watches: readonly SessionCount[];

beforeAll(async () => {
  databases = await createDatabases();
  for (const name of sourceNames) {
    await using source = await openSource(name, databases.config.databases[name], pool);
    await seed(source, 200);
  }
  environment = {
    ...environmentOf(databases.config),
    POOL_MAX: '17',
    // A machine that is busy must not make a caller give up.
    CONNECT_TIMEOUT_MS: '20000',
    POOL_ACQUIRE_TIMEOUT_MS: '20000',
    STATEMENT_TIMEOUT_MS: '30000',
    TRANSACTION_TIMEOUT_MS: '40000',
    // Nor cut what a test holds back; those about this limit have their own.
    SHUTDOWN_TIMEOUT_MS: '60000',
  };
  watches = await Promise.all(sourceNames.map((name) => countSessions(databases.config, name)));
});
afterAll(async () => {
  for (const watch of watches ?? []) await watch[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

const noSessionIsLeft = () => Promise.all(watches.map((watch) => watch.none()));

const both = `{ azure: patients(source: AZURE, first: 20) { nodes { lastName records { nodes { diagnosis } } } }
  gcp: patients(source: GCP, first: 20) { nodes { lastName records { nodes { diagnosis } } } } }`;

const addRecord = `mutation { addMedicalRecord(source: AZURE,
  input: { patientKey: 1, diagnosis: "Sleep", admissionDate: "2024-01-01" }) { medicalRecord { diagnosis } } }`;

/** Holds the row that `addRecord` needs for as long as `work` takes, which begins when the request waits for it. */
async function whileItWaits<T>(
  url: string,
  work: (answer: ReturnType<typeof post>) => Promise<T>,
): Promise<T> {
  const connection = await connectTo(databases.config, 'AZURE');
  try {
    await connection.query('start transaction');
    await connection.query('select id from patients where id = 1 for update');
    const answer = post(url, addRecord, new Agent({ keepAlive: true }));
    for (;;) {
      const [sessions] = await connection.query<RowDataPacket[]>(
        'select info from information_schema.processlist where db = database() and id <> connection_id()',
      );
      if (sessions.some(({ info }) => info?.startsWith('insert'))) break;
      await delay(10);
    }
    return await work(answer);
  } finally {
    await connection.end();
  }
}

// Two of them are several: each costs the CPU of a start.
describe.each([1, 2])('tandem serve in %i process(es)', (processes) => {
  const serving = (settings: Record<string, string> = {}) =>
    startServing({ ...environment, WEB_CONCURRENCY: String(processes), ...settings });

  it('answers all that it took when SIGTERM comes under load, and leaves no session behind', async () => {
    await using server = await serving();
    const load = startLoad(server.url, both, 40);
    await expect.poll(() => load.sent.length, { timeout: 90_000 }).toBeGreaterThan(200);
    const signalled = performance.now();
    server.kill('SIGTERM');
    const { how, ms } = await server.ended();
    await load.stop();
    // Past the time limit it would have another exit code.
    expect(how).toBe(0);
    // Each answer takes milliseconds: far from that limit, which is 60 s.
    expect(ms).toBeLessThan(30_000);
    await noSessionIsLeft();

    const isAnswer = ({ status, body = '' }: (typeof load.sent)[number]) =>
      (status === 200 && !body.includes('"errors"')) ||
      (status === 503 && body.includes('"code":"SHUTTING_DOWN"'));
    expect(load.sent.filter(({ at, status }) => at < signalled && status !== 200)).toEqual([]);
    // Afterwards a request is answered or refused, in words or because nobody listens; none on an open connection
    // is dropped. Where a connection was made as the listener closed, the kernel may reset it unseen.
    const dropped = load.sent.filter((one) => !isAnswer(one) && (one.reused || one.error !== 'ECONNREFUSED'));
    expect(dropped.filter(({ reused }) => reused)).toEqual([]);
    expect(dropped.filter(({ error }) => error !== 'ECONNRESET')).toEqual([]);
    const told = load.sent.filter(({ at, connection }) => at > signalled && connection === 'close');
    expect(told.length).toBeGreaterThan(0);
    // A process that has told one that its connection ends tells all who come later.
    const since = Math.min(...told.map(({ at, ms = 0 }) => at + ms));
    const later = load.sent.filter(({ at, status }) => at > since && status !== undefined);
    if (processes === 1) expect(later.filter(({ connection }) => connection !== 'close')).toEqual([]);
  });

  it('answers what waits in a database, refusing in words what comes meanwhile', async () => {
    await using server = await serving();
    // For less than half a second it refuses in words what comes on an open connection, whenever that is.
    const kept = Array.from({ length: 80 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    await Promise.all(kept.map((agent) => post(server.url, '{ __typename }', agent)));
    const { answer, refused } = await whileItWaits(server.url, async (answer) => {
      server.kill('SIGTERM');
      let over = Number.POSITIVE_INFINITY;
      void server
        .line(({ msg }) => msg === 'stopping')
        .then(() => {
          over = performance.now() + 2000;
        });
      const came: ReturnType<typeof post>[] = [];
      while (performance.now() < over) {
        came.push(post(server.url, both, kept[came.length % kept.length] as Agent));
        await delay(30);
      }
      const refused = (await Promise.all(came)).find(({ status, reused }) => status === 503 && reused);
      await expect
        .poll(async () => (await post(server.url, both, new Agent())).error, { timeout: 10_000 })
        .toBe('ECONNREFUSED');
      return { answer: [answer], refused };
    });
    expect(refused).toMatchObject({ status: 503, reused: true, connection: 'close' });
    expect(JSON.parse(refused?.body ?? '').errors[0].extensions.code).toBe('SHUTTING_DOWN');
    expect(await answer[0]).toMatchObject({ status: 200, connection: 'close' });
    expect((await server.ended()).how).toBe(0);
    await noSessionIsLeft();
  });

  it('tells load balancers before it refuses, for SHUTDOWN_DELAY_MS, and then waits for no client that says nothing', async () => {
    await using server = await serving({ SHUTDOWN_DELAY_MS: '4000' });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    const silent = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
        await new Promise((resolve) => socket.once('connect', resolve));
        return socket;
      }),
    );
    server.kill('SIGTERM');
    await server.line(({ msg }) => msg === 'stopping');
    await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status, { timeout: 3000 }).toBe(503);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    expect(await post(server.url, both, new Agent({ keepAlive: true }))).toMatchObject({
      status: 200,
      connection: 'close',
    });
    // At the time limit it would have another exit code.
    const { how, ms } = await server.ended();
    expect(how).toBe(0);
    // 4 s of it are SHUTDOWN_DELAY_MS; the time limit is 60 s.
    expect(ms).toBeLessThan(30_000);
    for (const socket of silent) socket.destroy();
  });

  it('ends at the time limit, says what it still waited for, and has an exit code of its own', async () => {
    await using server = await serving({ SHUTDOWN_TIMEOUT_MS: '1000' });
    const { how, ms } = await whileItWaits(server.url, async () => {
      server.kill('SIGTERM');
      return server.ended();
    });
    expect(how).toBe(124);
    // Far from the limit of the other tests.
    expect(ms).toBeLessThan(30_000);
    expect(server.lines).toContainEqual(
      expect.objectContaining({ requests: 1, msg: 'requests were not answered in time' }),
    );
    await noSessionIsLeft();
  });

  it('ends at once on a second signal', async () => {
    await using server = await serving({ SHUTDOWN_TIMEOUT_MS: '30000' });
    const { how, ms } = await whileItWaits(server.url, async () => {
      server.kill('SIGTERM');
      await server.line(({ msg }) => msg === 'stopping');
      // One that comes within half a second is taken for the first one, sent twice.
      const again = setInterval(() => server.kill('SIGTERM'), 1000);
      return server.ended().finally(() => clearInterval(again));
    });
    expect(how).toBe(128 + 15);
    expect(ms).toBeLessThan(20_000);
    expect(server.lines).toContainEqual(
      expect.objectContaining({ why: 'SIGTERM came again', msg: 'not stopped in time' }),
    );
    await noSessionIsLeft();
  });
});
