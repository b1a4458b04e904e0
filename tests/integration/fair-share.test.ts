import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seed } from '../../src/seeders/seed.ts';
import { createDatabases, limits, pool, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { stopwatch } from '../helpers/own-time.ts';
import { type Answer, startServer, type TestServer } from '../helpers/server.ts';

// An ALTER TABLE waits: whatever reads its table holds a connection, as a statement does that takes its time.
// https://dev.mysql.com/doc/refman/8.4/en/metadata-locking.html

let databases: TestDatabases;
let server: TestServer;
/** One reads a table in a transaction, for whose end the other's ALTER TABLE waits. */
let reading: Connection;
let altering: Connection;
let altered: Promise<unknown> = Promise.resolve();

async function lock(table = 'medical_records'): Promise<void> {
  await reading.query('begin');
  await reading.query(`select 1 from ${table} limit 1`);
  altered = altering.query(`alter table ${table} comment = ''`);
  for (;;) {
    const [waits] = await reading.query(
      "select 1 from information_schema.processlist where state like '%metadata lock%'",
    );
    if ((waits as unknown[]).length > 0) return;
  }
}

async function unlock(): Promise<void> {
  await reading.query('rollback');
  await altered;
}

beforeAll(async () => {
  databases = await createDatabases();
  server = await startServer({ ...databases.config, pool });
  await seed(server.sources.AZURE, 20);
  const database = databases.config.databases.AZURE;
  reading = await connect(database, database.migrator);
  altering = await connect(database, database.migrator);
});
afterAll(async () => {
  await reading?.end();
  await altering?.end();
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

/** Runs while reads of medical records get no further, and answers what became of those that were begun. */
async function whileLocked<T>(asked: () => Promise<T>[], meanwhile: () => Promise<void>): Promise<T[]> {
  await lock();
  try {
    const answers = asked();
    await meanwhile().catch(async (error) => {
      await unlock();
      await Promise.allSettled(answers);
      throw error;
    });
    await unlock();
    return await Promise.all(answers);
  } finally {
    await unlock();
  }
}

const fields = (count: number, field: (n: number) => string) =>
  `{ ${Array.from({ length: count }, (_, n) => `a${n}: ${field(n)}`).join(' ')} }`;
const byKey = (n: number) => `medicalRecord(source: AZURE, key: ${n + 1}) { diagnosis }`;
const scan = (n: number) =>
  `medicalRecords(source: AZURE, where: { treatment: { contains: "zq${n}" } }) { totalCount }`;
const neighbour = '{ patient(source: AZURE, key: 1) { lastName } }';

/** Waits until no further connection is taken. */
async function settledUse(): Promise<number> {
  let last = -1;
  for (;;) {
    const { inUse, connecting } = server.sources.AZURE.stats();
    if (inUse > 0 && connecting === 0 && inUse === last) return inUse;
    last = inUse;
    await delay(300);
  }
}

/** From another address of this machine. */
function askFrom(localAddress: string, query: string): Promise<Pick<Answer, 'data' | 'errors'>> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    request(`${server.url}/graphql`, { method: 'POST', headers, localAddress }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(JSON.parse(text)));
    })
      .on('error', reject)
      .end(JSON.stringify({ query }));
  });
}

describe('of the connections to a source', () => {
  it('an operation has a quarter at once, and its fields take turns', async () => {
    const answers = await whileLocked(
      () => [server.ask(fields(20, byKey))],
      async () => {
        expect(await settledUse()).toBe(5);
        expect(server.sources.AZURE.stats().waiting).toBe(15);
        expect((await server.ask(neighbour)).errors).toBeUndefined();
      },
    );
    expect(answers[0]?.errors).toBeUndefined();
    expect(Object.keys(answers[0]?.data)).toHaveLength(20);
    expect(server.sources.AZURE.stats()).toMatchObject({ inUse: 0, waiting: 0 });
  });

  it('those who read whole tables have a half, of one address a quarter, and others are answered', async () => {
    const answers = await whileLocked(
      () => [
        ...Array.from({ length: 3 }, () => server.ask(fields(10, scan))),
        ...['127.0.0.2', '127.0.0.3', '127.0.0.4'].map((address) => askFrom(address, fields(3, scan))),
      ],
      async () => {
        // A quarter is 5, a half is 10.
        expect(await settledUse()).toBe(10);
        for (let n = 0; n < 20; n++) expect((await server.ask(neighbour)).errors).toBeUndefined();
      },
    );
    for (const { errors } of answers) expect(errors).toBeUndefined();
  });

  it('an address has three quarters, and another one is answered', async () => {
    const answers = await whileLocked(
      () => Array.from({ length: 25 }, (_, n) => server.ask(`{ ${byKey(n)} }`)),
      async () => {
        expect(await settledUse()).toBe(15);
        expect((await askFrom('127.0.0.2', neighbour)).errors).toBeUndefined();
      },
    );
    for (const { errors } of answers) expect(errors).toBeUndefined();
  });

  it('who waits for those of others is told in the time that anybody waits for a connection', async () => {
    await lock();
    const holding = Array.from({ length: 15 }, (_, n) => server.ask(`{ ${byKey(n)} }`));
    await settledUse();
    const { errors } = await server.ask(neighbour);
    expect(errors?.[0].extensions).toMatchObject({ code: 'POOL_TIMEOUT', retryable: true });
    await unlock();
    for (const { errors: none } of await Promise.all(holding)) expect(none).toBeUndefined();
  });

  it('an operation has all it can use where nobody else wants any', async () => {
    const { data, errors } = await server.ask(fields(20, byKey));
    expect(errors).toBeUndefined();
    expect(Object.keys(data)).toHaveLength(20);
  });
});

describe('the time of an operation', () => {
  // The account has 20 sessions, of which the other server keeps some.
  beforeAll(async () => {
    await server[Symbol.asyncDispose]();
  });
  afterAll(async () => {
    server = await startServer({ ...databases.config, pool });
  });

  const start = () =>
    startServer({ ...databases.config, pool, limits: { ...limits, operationTimeoutMs: 700 } });
  const late = expect.objectContaining({
    message: 'The operation did not finish in time: AZURE was still asked.',
    extensions: expect.objectContaining({ code: 'TIMEOUT', source: 'AZURE', retryable: true }),
  });

  it('ends what is running and what waits, however little each statement has taken', async () => {
    await using short = await start();
    await lock();
    const took = stopwatch();
    const { data, errors } = await short.ask(
      fields(20, (n) => (n === 0 ? 'patient(source: GCP, key: 1) { key }' : byKey(n))),
    );
    const { ms, ownMs } = took();
    await unlock();
    expect(errors).toEqual(Array(19).fill(late));
    expect(data.a1).toBeNull();
    expect(ms).toBeGreaterThan(600);
    expect(ownMs).toBeLessThan(2500);
    expect((await short.ask(`{ ${byKey(1)} }`)).errors).toBeUndefined();
  });

  it.each([
    ['drift', '{ drift { azure { findings { object } } } }'],
    ['a diagram', '{ erd(source: AZURE) { mermaid } }'],
    ['how a source is', '{ source(source: AZURE) { migration } }'],
  ])('ends the waiting for what callers share: %s', async (_what, query) => {
    await using short = await start();
    // What was migrated is asked, too.
    await lock('mikro_orm_migrations');
    try {
      const took = stopwatch();
      const answers = await Promise.all([short.ask(query), short.ask(query)]);
      expect(took().ownMs).toBeLessThan(2500);
      for (const { errors } of answers) expect(errors?.[0].extensions.code).toBe('TIMEOUT');
      await short.ask(query);
      // Whoever asks meanwhile waits for the same; how a source is, its control session asks.
      expect(short.sources.AZURE.stats().inUse).toBeLessThanOrEqual(1);
    } finally {
      await unlock();
    }
    await expect.poll(async () => (await short.ask(query)).errors, { timeout: 10_000 }).toBeUndefined();
  });

  it('cuts no change that has begun, and begins none when it is over', async () => {
    await using short = await start();
    const change = (n: number) =>
      `updateMedicalRecord(source: AZURE, key: ${n + 1}, input: { diagnosis: "Changed" }) { medicalRecord { diagnosis } }`;
    const [answer] = await whileLocked(
      () => [short.ask(`mutation ${fields(2, change)}`)],
      () => delay(1200),
    );
    expect(answer?.data).toEqual({ a0: { medicalRecord: { diagnosis: 'Changed' } }, a1: null });
    expect(answer?.errors).toEqual([late]);
    const { data } = await short.ask(fields(2, byKey));
    expect(data.a0.diagnosis).toBe('Changed');
    expect(data.a1.diagnosis).not.toBe('Changed');
  });
});

describe('the cost of reading whole tables', () => {
  const records = (args: string, fields = 'nodes { key }') =>
    `{ medicalRecords(source: AZURE${args}) { ${fields} } }`;

  /** Servers by their LIMIT_COST, least first; two connections each, since the account has 20 sessions. */
  const strict = new Map<number, TestServer>();
  beforeAll(async () => {
    for (const cost of [1000, 6000, 7000, 11_000, 12_000, 13_000, 100_000]) {
      const few = { ...databases.config, pool: { ...pool, max: 2 }, limits: { ...limits, cost } };
      strict.set(cost, await startServer(few));
    }
  });
  afterAll(async () => {
    for (const each of strict.values()) await each[Symbol.asyncDispose]();
  });

  /** The least LIMIT_COST with which it is answered, to a thousand. */
  async function costOf(query: string): Promise<number> {
    for (const [cost, one] of strict) {
      if ((await one.ask(query)).errors === undefined) return cost;
    }
    return Number.POSITIVE_INFINITY;
  }

  it.each([
    ['a page by the key', records(''), 1000],
    ['a page by an index', records(', orderBy: [{ admissionDate: DESC }]'), 1000],
    [
      'a page of a range, by its index',
      records(', where: { admissionDate: { gte: "2020-01-01" } }, orderBy: [{ admissionDate: ASC }]'),
      1000,
    ],
    [
      'a page of a doctor',
      records(', where: { doctor: { key: { eq: 1 } } }, orderBy: [{ diagnosis: ASC }]'),
      1000,
    ],
    [
      'what belongs to a doctor, counted',
      records(', where: { doctor: { lastName: { eq: "A" } } }', 'totalCount'),
      1000,
    ],
    [
      'keys of a list, one of which has a text in it',
      records(', where: { key: { in: [1, 2] }, diagnosis: { contains: "x" } }', 'totalCount'),
      1000,
    ],
    [
      'patients with a record of a doctor',
      '{ patients(source: AZURE, where: { records: { some: { doctor: { key: { eq: 1 } } } } }) { nodes { key } totalCount } }',
      1000,
    ],
    ['a page by no index', records(', orderBy: [{ diagnosis: ASC }]'), 6000],
    ['a page by two directions', records(', orderBy: [{ admissionDate: ASC }, { key: DESC }]'), 6000],
    ['all rows, counted', records('', 'totalCount'), 6000],
    ['a range, counted', records(', where: { key: { gte: 0 } }', 'totalCount'), 6000],
    ['groups', '{ patientsAggregate(source: AZURE, groupBy: [gender]) { count } }', 6000],
    ['a text in a column', records(', where: { treatment: { contains: "x" } }'), 7000],
    [
      'a text in a column that begins an index',
      '{ patients(source: AZURE, where: { lastName: { contains: "x" } }, orderBy: [{ lastName: ASC }]) { nodes { key } } }',
      7000,
    ],
    [
      'a text in a column, of all keys',
      records(', where: { key: { gte: 0 }, treatment: { contains: "x" } }'),
      11_000,
    ],
    [
      'a doctor or no doctor',
      records(', where: { or: [{ doctor: { key: { eq: 1 } } }, { diagnosis: { eq: "x" } }] }'),
      11_000,
    ],
    ['what is not a doctor’s', records(', where: { not: { doctor: { key: { eq: 1 } } } }'), 7000],
    [
      'patients with a record, counted',
      '{ patients(source: AZURE, where: { records: { some: {} } }) { totalCount } }',
      11_000,
    ],
    [
      'patients without a diagnosis',
      '{ patients(source: AZURE, where: { records: { none: { diagnosis: { eq: "x" } } } }) { nodes { key } } }',
      13_000,
    ],
    [
      'a text in a column, the page and its count',
      records(', where: { treatment: { contains: "x" } }', 'nodes { key } totalCount'),
      13_000,
    ],
  ])('%s', async (_what, query, cost) => {
    expect(await costOf(query)).toBe(cost);
  });

  it('refuses an operation with too many, before any statement is sent', async () => {
    const seen: string[] = [];
    const { arrays, rows } = server.sources.AZURE;
    const spy = (run: typeof rows) =>
      ((statement, caller) => {
        seen.push(statement.sql);
        return run(statement, caller);
      }) as typeof rows;
    Object.assign(server.sources.AZURE, { rows: spy(rows), arrays: spy(arrays as typeof rows) });
    const { errors } = await server.ask(fields(20, scan));
    Object.assign(server.sources.AZURE, { rows, arrays });
    expect(seen).toEqual([]);
    expect(new Set(errors?.map(({ extensions }) => `${extensions.code} ${extensions.limit}`))).toEqual(
      new Set(['OPERATION_TOO_COMPLEX cost']),
    );
    expect(errors?.[0].message).toMatch(
      /^The operation could read too many whole tables: they cost more than 100000\./,
    );
  });
});
