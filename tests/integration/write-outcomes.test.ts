import { tracingChannel } from 'node:diagnostics_channel';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seed } from '../../src/seeders/seed.ts';
import { openSource } from '../../src/sources/source.ts';
import { createDatabases, pool, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { startProxy, type TcpProxy } from '../helpers/proxy.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

/** What a mutation's answer says of what became of it: the code, whether to try again, and the keys of the rows. */

let databases: TestDatabases;
let proxy: TcpProxy;
let server: TestServer;
let direct: Awaited<ReturnType<typeof connect>>;

const limits = { ...pool, statementTimeoutMs: 800, transactionTimeoutMs: 1500, acquireTimeoutMs: 600 };

beforeAll(async () => {
  databases = await createDatabases();
  await using source = await openSource('AZURE', databases.config.databases.AZURE, pool);
  await seed(source, 5);
  await source.write((em) => em.execute("update patients set last_name = 'B' where id = 5"));
  const { AZURE } = databases.config.databases;
  direct = await connect(AZURE, AZURE.migrator);
});
afterAll(async () => {
  direct?.destroy();
  await databases?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  const { config } = databases;
  proxy = await startProxy(config.databases.AZURE.port);
  const AZURE = { ...config.databases.AZURE, port: proxy.port };
  server = await startServer({ ...config, pool: limits, databases: { ...config.databases, AZURE } });
  // What a process runs for the first time takes its time.
  await server.ask('{ patients(source: AZURE) { nodes { key records { key doctor { key } } } } }');
});
afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  await proxy?.[Symbol.asyncDispose]();
});

const person = (firstName: string) =>
  `{ firstName: "${firstName}", lastName: "B", dateOfBirth: "2000-01-01", gender: OTHER }`;
const stay = '{ diagnosis: "Hay fever", admissionDate: "2024-05-01" }';

async function count(firstName: string): Promise<number> {
  const [rows] = await direct.query('select count(*) as count from patients where first_name = ?', [
    firstName,
  ]);
  return (rows as { count: number }[])[0]?.count as number;
}

/** Runs something while a change of a table waits for its lock, so that whoever reads the table waits, too. */
async function whileTableWaits(table: string, work: () => Promise<void>): Promise<void> {
  const { AZURE } = databases.config.databases;
  const [reader, changer] = [await connect(AZURE), await connect(AZURE, AZURE.migrator)];
  await reader.query('begin');
  await reader.query(`select 1 from ${table} limit 1`);
  const changed = changer.query(`alter table ${table} comment = 'changed'`);
  await delay(200);
  try {
    await work();
  } finally {
    await reader.query('rollback');
    await changed;
    reader.destroy();
    changer.destroy();
  }
}

/** Does something at the moment at which the driver sends a statement. */
async function whenSending<T>(statement: string, then: () => void, work: () => Promise<T>): Promise<T> {
  const channel = tracingChannel<unknown, { readonly query: string }>('mysql2:query');
  const subscriber = {
    start: ({ query }: { readonly query: string }) => void (query === statement && then()),
  } as never;
  channel.subscribe(subscriber);
  try {
    return await work();
  } finally {
    channel.unsubscribe(subscriber);
  }
}

describe('where the payload cannot be read', () => {
  it.each([
    [
      'create',
      (name: string) =>
        `createPatient(source: AZURE, input: ${person(name)}) { patient { key records { key } } }`,
    ],
    [
      'bulk create',
      (name: string) =>
        `createPatients(source: AZURE, inputs: [${person(name)}, ${person(name)}]) { patients { key records { key } } }`,
    ],
    [
      'update',
      (name: string) =>
        `updatePatient(source: AZURE, key: 1, input: { firstName: "${name}" }) { patient { key records { key } } }`,
    ],
  ])('%s: nothing is written, and the error says that it may be tried again', async (what, mutation) => {
    const name = `Locked ${what}`;
    await whileTableWaits('medical_records', async () => {
      const { errors } = await server.ask(`mutation { ${mutation(name)} }`);
      expect(errors).toMatchObject([{ extensions: { code: 'TIMEOUT', retryable: true } }]);
      await delay(300);
      expect(await count(name)).toBe(0);
    });
    expect((await server.ask(`mutation { ${mutation(name)} }`)).errors).toBeUndefined();
  });

  it('nested create: neither the row nor its children are written', async () => {
    const mutation = `mutation { createPatient(source: AZURE, input: { firstName: "Nested", lastName: "B",
      dateOfBirth: "2000-01-01", gender: OTHER, records: [${stay}] }) { patient { records { doctor { lastName } } } } }`;
    await whileTableWaits('doctors', async () => {
      const { errors } = await server.ask(mutation);
      expect(errors).toMatchObject([{ extensions: { code: 'TIMEOUT', retryable: true } }]);
    });
    await delay(300);
    expect(await count('Nested')).toBe(0);
  });

  it('reports no write of many as failed that is there, where the pool is too small for them', async () => {
    const { config } = databases;
    await using small = await startServer({ ...config, pool: { ...limits, max: 4, acquireTimeoutMs: 60 } });
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const name = `Small ${n}`;
        const { errors } = await small.ask(
          `mutation { createPatient(source: AZURE, input: ${person(name)}) { patient { key records { key } } } }`,
        );
        return { code: errors?.[0].extensions.code ?? 'ok', there: await count(name) };
      }),
    );
    for (const { code, there } of answers) expect([code, there]).toEqual([code, code === 'ok' ? 1 : 0]);
    expect(answers.some(({ code }) => code === 'POOL_TIMEOUT')).toBe(true);
  });
});

describe('where the answer to COMMIT is lost', () => {
  it.each([
    ['create', `createPatient(source: AZURE, input: ${person('Lost')}) { patient { key } }`],
    [
      'bulk create',
      `createPatients(source: AZURE, inputs: [${person('Lost')}, ${person('Lost')}]) { patients { key } }`,
    ],
    ['update', 'updatePatient(source: AZURE, key: 2, input: { firstName: "Lost" }) { patient { key } }'],
    ['delete', 'deleteMedicalRecord(source: AZURE, key: 1) { key }'],
  ])(
    '%s: the error has the keys to look at, and does not say that it may be tried again',
    async (what, mutation) => {
      const { AZURE } = server.sources;
      const before = await count('Lost');
      const { errors, data } = await whenSending(
        'commit',
        () => {
          proxy.mode = 'answers lost';
        },
        () => server.ask(`mutation { ${mutation} }`),
      );
      expect(Object.values(data)).toEqual([null]);
      expect(errors).toMatchObject([{ extensions: { code: 'OUTCOME_UNKNOWN', retryable: false } }]);
      const { keys, remedy } = errors?.[0].extensions ?? {};
      expect(remedy).toContain('`keys`');
      proxy.mode = 'pass';
      const table = what === 'delete' ? 'medical_records' : 'patients';
      const [rows] = await direct.query(`select id from ${table} where id in (?)`, [keys]);
      // It was made: only its answer was lost.
      expect(rows).toHaveLength(what === 'delete' ? 0 : keys.length);
      if (what.includes('create')) expect(await count('Lost')).toBe(before + keys.length);
      expect(AZURE.stats().inUse).toBe(0);
    },
  );
});

describe('where the payload cannot be completed', () => {
  // A column that the entity holds for non-null, and the table does not.
  beforeEach(async () => {
    await direct.query('alter table patients modify last_name varchar(50)');
    await direct.query('update patients set last_name = null where id in (3, 4)');
  });
  afterEach(async () => {
    await direct.query("update patients set last_name = 'B' where last_name is null");
    await direct.query('alter table patients modify last_name varchar(50) not null');
  });

  it('says that each change was made, with the keys, and that it is not to be repeated', async () => {
    const update = (alias: string, key: number) =>
      `${alias}: updatePatient(source: AZURE, key: ${key}, input: { firstName: "Made" }) { patient { lastName } }`;
    for (const _ of ['by graphql-js', 'compiled', 'the short way']) {
      const { data, errors, status } = await server.ask(
        `mutation { ${update('one', 3)} ${update('two', 4)} ${update('whole', 5)} }`,
      );
      expect([status, data]).toEqual([200, { one: null, two: null, whole: { patient: { lastName: 'B' } } }]);
      expect(errors).toMatchObject(
        [3, 4].map((key) => ({
          message: 'The change was made on AZURE, but its payload could not be answered.',
          path: [key === 3 ? 'one' : 'two', 'patient', 'lastName'],
          extensions: { code: 'PAYLOAD_UNAVAILABLE', source: 'AZURE', retryable: false, keys: [key] },
        })),
      );
    }
    expect(await count('Made')).toBe(3);
    // Of what went wrong, the log has the reason.
    expect(server.log.join('')).toContain('failed unexpectedly');
  });

  it('leaves the errors of reads as they are', async () => {
    const { errors } = await server.ask('{ patient(source: AZURE, key: 3) { lastName } }');
    expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  });
});
