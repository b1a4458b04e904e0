import { tracingChannel } from 'node:diagnostics_channel';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrateUp } from '../../src/migrator/up.ts';
import { seed } from '../../src/seeders/seed.ts';
import { openSource, type Source } from '../../src/sources/source.ts';
import { isByGraphqlJs } from '../helpers/by-graphql-js.ts';
import { createDatabases, pool, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { hasNativeServer } from '../helpers/local-home.ts';
import { type OwnServer, startOwnServer } from '../helpers/own-server.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { startProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';

const native = await hasNativeServer();

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
  await server.ask('{ patients(source: AZURE) { nodes { key records { nodes { key doctor { key } } } } } }');
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
  try {
    const waits = "select 1 from information_schema.processlist where info like 'alter%' and db = database()";
    await expect.poll(async () => (await direct.query(waits))[0], { timeout: 30_000 }).toHaveLength(1);
    await work();
  } finally {
    await reader.query('rollback');
    await changed;
    reader.destroy();
    changer.destroy();
  }
}

/** Does something at the moment at which the driver sends a statement that begins so. */
async function whenSending<T>(beginning: string, then: () => void, work: () => Promise<T>): Promise<T> {
  const channels = ['mysql2:query', 'mysql2:execute'].map((name) =>
    tracingChannel<unknown, { readonly query: string }>(name),
  );
  const subscriber = {
    start: ({ query }: { readonly query: string }) => void (query.startsWith(beginning) && then()),
  } as never;
  for (const channel of channels) channel.subscribe(subscriber);
  try {
    return await work();
  } finally {
    for (const channel of channels) channel.unsubscribe(subscriber);
  }
}

describe('where the payload cannot be read', () => {
  it.each([
    [
      'create',
      (name: string) =>
        `createPatient(source: AZURE, input: ${person(name)}) { patient { key records { nodes { key } } } }`,
    ],
    [
      'bulk create',
      (name: string) =>
        `createPatients(source: AZURE, inputs: [${person(name)}, ${person(name)}]) { patients { key records { nodes { key } } } }`,
    ],
    [
      'update',
      (name: string) =>
        `updatePatient(source: AZURE, key: 1, input: { firstName: "${name}" }) { patient { key records { nodes { key } } } }`,
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
      dateOfBirth: "2000-01-01", gender: OTHER, records: [${stay}] }) { patient { records { nodes { doctor { lastName } } } } } }`;
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
          `mutation { createPatient(source: AZURE, input: ${person(name)}) { patient { key records { nodes { key } } } } }`,
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
    [
      'create',
      `createPatient(source: AZURE, input: ${person('Lost')}) { patient { key records { nodes { key } } } }`,
    ],
    [
      'bulk create',
      `createPatients(source: AZURE, inputs: [${person('Lost')}, ${person('Lost')}]) { patients { key } }`,
    ],
    [
      'update',
      'updatePatient(source: AZURE, key: 2, input: { firstName: "Lost" }) { patient { key records { nodes { key } } } }',
    ],
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
      const [rows] = await direct.query('select id from patients where id in (?)', [keys]);
      // It was made: only its answer was lost.
      expect(rows).toHaveLength(keys.length);
      if (what.includes('create')) expect(await count('Lost')).toBe(before + keys.length);
      expect(AZURE.stats().inUse).toBe(0);
    },
  );
});

describe('a change of one statement, which commits by itself', () => {
  const create = (name: string) =>
    `createPatient(source: AZURE, input: ${person(name)}) { patient { key firstName } }`;
  const update = (name: string, more = '') =>
    `updatePatient(source: AZURE, key: 2, input: { firstName: "${name}" }${more}) { patient { key firstName } }`;

  it.each([
    ['insert', create('Alone'), undefined],
    ['update', update('Alone'), [2]],
    ['update', update('Alone', ', expected: { lastName: "B" }'), [2]],
    ['delete', 'deleteMedicalRecord(source: AZURE, key: 1) { key }', [1]],
  ])('whose answer is lost is not sent again: %s %#', async (statement, mutation, keys) => {
    await direct.query(
      "update patients set last_name = 'B', first_name = 'A' where id = 2 or first_name = 'Alone'",
    );
    // So that the statement is prepared.
    await server.ask(
      `mutation { ${mutation.replace('Alone', 'Before').replace('key: 1)', 'key: 999999)')} }`,
    );
    let sent = 0;
    const { errors } = await whenSending(
      statement,
      () => {
        sent += 1;
        proxy.mode = 'answers lost';
      },
      () => server.ask(`mutation { ${mutation} }`),
    );
    expect(errors).toMatchObject([{ extensions: { code: 'OUTCOME_UNKNOWN', retryable: false } }]);
    // MySQL has told no key of a new row.
    expect(errors?.[0].extensions.keys).toEqual(keys);
    expect(sent).toBe(1);
    proxy.mode = 'pass';
    if (statement === 'delete') {
      expect((await direct.query('select id from medical_records where id = 1'))[0]).toEqual([]);
    } else await expect.poll(() => count('Alone')).toBe(1);
    expect(server.sources.AZURE.stats().inUse).toBe(0);
  });

  it('answers from another connection where its own breaks once the change is made', async () => {
    const name = 'Read elsewhere';
    let cuts = 0;
    const { data, errors } = await whenSending(
      'select `row`',
      () => {
        if (cuts++ === 0) proxy.reset();
      },
      () => server.ask(`mutation { ${create(name)} }`),
    );
    expect(errors).toBeUndefined();
    expect([data.createPatient.patient.firstName, cuts, await count(name)]).toEqual([name, 2, 1]);
  });

  it('says that it was made, with the keys, where its payload cannot be read', async () => {
    const { data, errors } = await whenSending(
      'select `row`',
      () => {
        proxy.mode = 'answers lost';
      },
      () => server.ask(`mutation { ${create('Unread')} }`),
    );
    expect(data.createPatient).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'PAYLOAD_UNAVAILABLE', retryable: false } }]);
    proxy.mode = 'pass';
    const [rows] = await direct.query('select first_name from patients where id in (?)', [
      errors?.[0].extensions.keys,
    ]);
    expect(rows).toEqual([{ first_name: 'Unread' }]);
  });

  it('says that it was not made where it waits for a lock for longer than a statement may', async () => {
    const { config } = databases;
    await using patient = await startServer({ ...config, pool: { ...pool, statementTimeoutMs: 2500 } });
    const holder = await connect(config.databases.AZURE);
    await holder.query('begin');
    await holder.query('select id from patients where id = 2 for update');
    const { errors } = await patient.ask(`mutation { ${update('Waits')} }`);
    expect(errors).toMatchObject([{ extensions: { code: 'TIMEOUT', retryable: true } }]);
    await holder.query('rollback');
    holder.destroy();
    await delay(200);
    expect(await count('Waits')).toBe(0);
  });

  it('is of unknown outcome where the server was interrupted in it, or has not answered in time', async () => {
    const holder = await connect(databases.config.databases.AZURE);
    await holder.query('begin');
    await holder.query('select id from patients where id = 2 for update');
    const late = await server.ask(`mutation { ${update('Late')} }`);
    const interrupted = server.ask(`mutation { ${update('Interrupted')} }`);
    const ids = "select id from information_schema.processlist where info like 'update%' and db = database()";
    await expect.poll(async () => (await holder.query(ids))[0]).not.toEqual([]);
    const [[row]] = (await holder.query(ids)) as unknown as [[{ id: number }]];
    await holder.query(`kill query ${row.id}`);
    for (const { errors } of [late, await interrupted])
      expect(errors).toMatchObject([{ extensions: { code: 'OUTCOME_UNKNOWN', keys: [2] } }]);
    await holder.query('rollback');
    holder.destroy();
  });
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
    for (const _ of ['by graphql-js', 'compiled', 'the fast path']) {
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
    expect(server.log.join('')).toContain('UNREADABLE_VALUE');
  });

  it('leaves the errors of reads as they are', async () => {
    const { errors } = await server.ask('{ patient(source: AZURE, key: 3) { lastName } }');
    expect(errors).toMatchObject([{ extensions: { code: 'UNREADABLE_VALUE' } }]);
  });
});

describe('a client that goes away', () => {
  const send = (url: string, query: string, signal: AbortSignal) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
      signal,
    }).catch(() => {});

  it('ends no transaction that has begun, and none is begun for it', async () => {
    const { config } = databases;
    await using small = await startServer({ ...config, pool: { ...pool, max: 2 } });
    await small.ask('{ patients(source: AZURE) { nodes { key } } }');
    const holder = await connect(config.databases.AZURE);
    await holder.query('begin');
    await holder.query('select id from patients where id = 1 for update');
    const client = new AbortController();
    const update = `mutation { updatePatient(source: AZURE, key: 1, input: { firstName: "Begun" }) { patient { key } } }`;
    const begun = send(small.url, update, client.signal);
    while (small.sources.AZURE.stats().inUse < 1) await delay(5);
    await delay(100);
    const waits = send(
      small.url,
      `mutation { createPatient(source: AZURE, input: ${person('Not begun')}) { patient { key } } }`,
      client.signal,
    );
    while (small.sources.AZURE.stats().waiting < 1) await delay(5);
    client.abort();
    await Promise.all([begun, waits]);
    await delay(200);
    await holder.query('rollback');
    while (small.sources.AZURE.stats().inUse > 0) await delay(5);
    expect([await count('Begun'), await count('Not begun')]).toEqual([1, 0]);
    holder.destroy();
  });
});

// What asks no API is the same however operations are executed.
describe.skipIf(isByGraphqlJs())('a transaction', () => {
  it('whose time is over before COMMIT is not committed', async () => {
    const { AZURE } = server.sources;
    const late = AZURE.write(async (em) => {
      await em.execute("update patients set first_name = 'Late' where id = 1");
      await delay(limits.transactionTimeoutMs + 300);
    });
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT', extensions: { retryable: true } });
    await delay(200);
    expect(await count('Late')).toBe(0);
  });

  it('that the server undid runs no further statement, and is not said to be committed', async () => {
    const { AZURE } = server.sources;
    let times = 0;
    const undone = AZURE.write(async (em) => {
      times += 1;
      const [mine, theirs] = times % 2 === 0 ? [1, 2] : [2, 1];
      await em.execute(`update patients set contact_number = '1' where id = ${mine}`);
      await direct.query('begin');
      // Of the two, the one that has changed fewer rows is undone.
      await direct.query(`update patients set contact_number = '2' where id in (3, 4, 5, ${theirs})`);
      const blocked = direct.query(`update patients set contact_number = '2' where id = ${mine}`);
      await delay(100);
      await em.execute(`update patients set contact_number = '1' where id = ${theirs}`).catch(() => {});
      await em.execute("update patients set first_name = 'Outside' where id = 1").catch(() => {});
      await blocked;
      await direct.query('rollback');
    });
    await expect(undone).rejects.toMatchObject({ code: 'CONFLICT', reason: 'DEADLOCK' });
    expect([times, await count('Outside')]).toEqual([3, 0]);
  });
});

describe.skipIf(!native || isByGraphqlJs())('where COMMIT is answered with an error', () => {
  let own: OwnServer;
  let source: Source;
  beforeAll(async () => {
    own = await startOwnServer();
    await migrateUp('AZURE', own.config, pool);
    source = await openSource('AZURE', own.config, pool);
    await seed(source, 5);
  });
  afterAll(async () => {
    await source?.close();
    await own?.[Symbol.asyncDispose]();
  });
  const named = (name: string) => own.sql(`select id from tandem.patients where first_name = '${name}'`);

  it('says READ_ONLY where the server has become read-only: nothing is changed', async () => {
    const write = source.write(async (em) => {
      await em.execute("update patients set first_name = 'Refused' where id = 1");
      await own.sql('set global super_read_only = on');
    });
    await expect(write).rejects.toMatchObject({ code: 'READ_ONLY', extensions: { retryable: true } });
    await own.sql('set global read_only = off');
    expect(await named('Refused')).toEqual([]);
  });

  it('says OUTCOME_UNKNOWN where it was interrupted', async () => {
    const locker = await connect(own.config, own.admin);
    let session = 0;
    const write = source.write(async (em) => {
      await em.execute("update patients set first_name = 'Interrupted' where id = 1");
      const [row] = await em.execute<{ id: number }[]>('select connection_id() as id');
      session = row?.id ?? 0;
      // COMMIT waits for this one, and is interrupted while it does.
      await locker.query('flush tables with read lock');
      setTimeout(() => own.sql(`kill query ${session}`), 300);
    });
    await expect(write).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', extensions: { retryable: false } });
    await locker.query('unlock tables');
    locker.destroy();
  });
});
