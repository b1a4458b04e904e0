import { setTimeout as delay } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../src/seeders/random.ts';
import { createDatabases, pool, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { startProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';

const seconds = process.env.TANDEM_LONG === '1' ? 60 : 3;
const seed = Number(process.env.TANDEM_SEED ?? Date.now() % 1_000_000);
const writers = 60;

let databases: TestDatabases;
let direct: Awaited<ReturnType<typeof connect>>;

beforeAll(async () => {
  databases = await createDatabases();
  const { AZURE } = databases.config.databases;
  direct = await connect(AZURE, AZURE.migrator);
});
afterAll(async () => {
  direct?.destroy();
  await databases?.[Symbol.asyncDispose]();
});

/** One write, and what the client was told of it. */
interface Write {
  readonly kind:
    | 'create'
    | 'plain create'
    | 'nested create'
    | 'bulk create'
    | 'update'
    | 'plain update'
    | 'delete';
  /** What no other write has: a first name, or the key of a row that no other touches. */
  readonly mark: string;
  readonly rows: number;
  code: string;
  retryable: boolean;
  /** Keys in the answer, or in the error. */
  keys: readonly number[];
}

const payload = '{ key firstName records { nodes { key doctor { key lastName } } } }';
const person = '{ lastName: "B", dateOfBirth: "2000-01-01", gender: OTHER, firstName: $mark';
const stays =
  '[{ diagnosis: "Hay fever", admissionDate: "2024-05-01" }, { diagnosis: "Cold", admissionDate: "2024-05-02" }]';

/** A mutation of each kind; its rows are told from all others' by `$mark`, or by `$key`. */
const mutations: Readonly<Record<Write['kind'], (rows: number) => string>> = {
  create: () => `createPatient(source: AZURE, input: ${person} }) { patient ${payload} }`,
  // Of one statement, and a payload that is read after it.
  'plain create': () => `createPatient(source: AZURE, input: ${person} }) { patient { key firstName } }`,
  'nested create': () =>
    `createPatient(source: AZURE, input: ${person}, records: ${stays} }) { patient ${payload} }`,
  'bulk create': (rows) =>
    `createPatients(source: AZURE, inputs: [${`${person} } `.repeat(rows)}]) { patients ${payload} }`,
  update: () =>
    `updatePatient(source: AZURE, key: $key, input: { contactNumber: $mark }) { patient ${payload} }`,
  'plain update': () =>
    'updatePatient(source: AZURE, key: $key, input: { contactNumber: $mark }) { patient { key contactNumber } }',
  delete: () => 'deletePatient(source: AZURE, key: $key) { key }',
};

describe.each([20, 4])('with POOL_MAX=%i', (max) => {
  it(`${seconds} s of killed statements, lost connections and full pools: no answer is wrong about what was written`, {
    timeout: (seconds + 150) * 1000,
  }, async () => {
    const next = randomStream(seed + max);
    const whole = (most: number) => Math.floor(next() * most);
    const first = await rowsToChange(seconds * 1500);
    let untouched = first;

    const proxy = await startProxy(databases.config.databases.AZURE.port);
    const server = await startServer(throughProxy(proxy, max));
    // What a process runs for the first time takes its time.
    await Promise.all(
      Array.from({ length: 20 }, () => server.ask('{ patients(source: AZURE) { nodes { key } } }')),
    );
    const begun = performance.now();
    const writes: Write[] = [];
    const enough = (kind: (one: Write) => boolean) => writes.filter(kind).length > 10;
    // A machine that is busy needs longer for some of each.
    const isOver = () => {
      const ms = performance.now() - begun;
      if (ms < seconds * 1000) return false;
      if (ms > (seconds + 60) * 1000) return true;
      return enough(({ code }) => code === 'ok') && enough(({ retryable }) => retryable);
    };
    const write = async (writer: number) => {
      for (let n = 0; !isOver(); n++) {
        const batch = Array.from({ length: 1 + Number(whole(8) === 0) }, (_, at) =>
          newWrite(whole(kinds.length), `${max}w${writer}-${n}-${at}`, 2 + whole(3), () => untouched++),
        );
        writes.push(...batch);
        await perform(server, batch);
      }
    };
    await Promise.all([
      ...Array.from({ length: writers }, (_, writer) => write(writer)),
      killing(isOver, whole),
      breaking(proxy, isOver, whole),
      locking(first, isOver, whole),
    ]);
    await server[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await settled();

    const ghosts: unknown[] = [];
    for (const one of writes) {
      const there = await lookUp(one);
      if (!isTold(one, there)) ghosts.push({ ...one, there });
    }
    const told = Map.groupBy(writes, ({ kind, code }) => `${kind}: ${code}`);
    if (seconds > 10)
      console.error(
        [...told]
          .map(([what, { length }]) => `${what} ${length}`)
          .sort()
          .join(', '),
      );
    expect(ghosts, `TANDEM_SEED=${seed}`).toEqual([]);
    expect(writes.filter(({ code }) => code === 'ok').length).toBeGreaterThan(10);
    expect(writes.filter(({ retryable }) => retryable).length).toBeGreaterThan(10);
    expect([...new Set(writes.map(({ code }) => code))].filter((code) => !honest.has(code))).toEqual([]);
  });
});

/** What these faults may come out as. */
const honest: ReadonlySet<string> = new Set([
  'ok',
  'PAYLOAD_UNAVAILABLE',
  'SOURCE_UNAVAILABLE',
  'POOL_TIMEOUT',
  'TIMEOUT',
  'CONFLICT',
  'OUTCOME_UNKNOWN',
]);

function throughProxy({ port }: TcpProxy, max: number) {
  const { config } = databases;
  const limits = {
    max,
    // A login on a busy machine can take a second: then nothing would be written, and this is not about that.
    connectTimeoutMs: 10_000,
    acquireTimeoutMs: 1500,
    statementTimeoutMs: 800,
    transactionTimeoutMs: 1800,
  };
  const AZURE = { ...config.databases.AZURE, port };
  return { ...config, pool: { ...pool, ...limits }, databases: { ...config.databases, AZURE } };
}

/** @returns the key of the first of many rows that nobody has touched */
async function rowsToChange(count: number): Promise<number> {
  const values = Array.from({ length: 1000 }, () => "('Untouched', 'B', '2000-01-01', 'OTHER')").join();
  const insert = `insert into patients (first_name, last_name, date_of_birth, gender) values ${values}`;
  const [result] = await direct.query(insert);
  for (let done = 1000; done < count; done += 1000) await direct.query(insert);
  return (result as { insertId: number }).insertId;
}

const kinds = Object.keys(mutations) as Write['kind'][];

/** Whether it changes a row that is there. */
function isByKey(kind: Write['kind']): boolean {
  return kind === 'delete' || kind === 'update' || kind === 'plain update';
}

function newWrite(kind: number, name: string, rows: number, untouched: () => number): Write {
  const { [kind]: what = 'create' } = kinds;
  const mark = isByKey(what) ? String(untouched()) : name;
  return { kind: what, mark, rows: what === 'bulk create' ? rows : 1, code: '', retryable: false, keys: [] };
}

/** Sends writes as one operation, and notes what is answered of each. */
async function perform(server: TestServer, batch: readonly Write[]): Promise<void> {
  const fields = batch.map(({ kind, rows }, at) => {
    const field = mutations[kind](rows).replaceAll('$mark', `$mark${at}`).replaceAll('$key', `$key${at}`);
    return `m${at}: ${field}`;
  });
  const variables = Object.fromEntries(
    batch.flatMap(({ kind, mark }, at) => [
      ...(kind === 'delete' ? [] : [[`mark${at}`, mark] as const]),
      ...(isByKey(kind) ? [[`key${at}`, Number(mark)] as const] : []),
    ]),
  );
  const types = Object.keys(variables).map(
    (name) => `$${name}: ${name.startsWith('key') ? 'Int!' : 'String!'}`,
  );
  const { data, errors = [] } = await server.ask(`mutation (${types}) { ${fields.join(' ')} }`, variables);
  for (const [at, one] of batch.entries()) {
    const error = errors.find(({ path }) => path?.[0] === `m${at}`);
    const { code = 'ok', retryable = false, keys } = error?.extensions ?? {};
    const answer = data?.[`m${at}`];
    const rows = answer?.patients ?? [answer?.patient ?? answer];
    Object.assign(one, {
      code,
      retryable,
      keys: keys ?? (code === 'ok' ? rows.map((row: { key: number }) => row.key) : []),
    });
  }
}

/** The keys of a write's rows as the database has them, looked up when all is over. */
async function lookUp({ kind, mark }: Write): Promise<number[]> {
  const [rows] = await (kind === 'delete'
    ? direct.query<RowDataPacket[]>('select id from patients where id = ?', [Number(mark)])
    : isByKey(kind)
      ? direct.query<RowDataPacket[]>('select id from patients where id = ? and contact_number = ?', [
          Number(mark),
          mark,
        ])
      : direct.query<RowDataPacket[]>('select id from patients where first_name = ? order by id', [mark]));
  return rows.map(({ id }) => id);
}

/** Whether what the client was told of a write is true. */
function isTold({ kind, code, rows, keys }: Write, there: readonly number[]): boolean {
  const made = kind === 'delete' ? there.length === 0 : there.length === rows;
  const unmade = kind === 'delete' ? there.length === 1 : there.length === 0;
  const isKey = kind === 'delete' || String(there) === String(keys);
  if (code === 'ok' || code === 'PAYLOAD_UNAVAILABLE') return made && isKey;
  // The keys of rows are known from the answer to INSERT, and then COMMIT follows; where that is one, they are not.
  if (code === 'OUTCOME_UNKNOWN' && kind === 'plain create') return keys.length === 0 && (made || unmade);
  if (code === 'OUTCOME_UNKNOWN') return keys.length === rows && (made ? isKey : unmade);
  return unmade;
}

type Whole = (most: number) => number;

/** Ends statements and sessions of the server’s account at random. */
async function killing(isOver: () => boolean, whole: Whole): Promise<void> {
  const { AZURE } = databases.config.databases;
  const killer = await connect(AZURE);
  while (!isOver()) {
    const [sessions] = await killer.query<RowDataPacket[]>(
      "select id from information_schema.processlist where db = database() and id <> connection_id() and user = substring_index(user(), '@', 1)",
    );
    const id: number | undefined = sessions[whole(sessions.length)]?.id;
    if (id !== undefined)
      await killer.query(whole(10) === 0 ? `kill ${id}` : `kill query ${id}`).catch(() => {});
    await delay(whole(20));
  }
  killer.destroy();
}

/** Resets connections, loses what is sent or answered, and delays it. */
async function breaking(proxy: TcpProxy, isOver: () => boolean, whole: Whole): Promise<void> {
  const faults = [
    () => proxy.reset(),
    () => proxy.reset(),
    () => {
      proxy.mode = 'answers lost';
    },
    () => {
      proxy.mode = 'black hole';
    },
    () => {
      proxy.delayMs = whole(20);
    },
  ];
  while (!isOver()) {
    await delay(500 + whole(1500));
    faults[whole(faults.length)]?.();
    await delay(whole(100));
    // What was lost in between is lost: the bytes of a connection would not fit together any more.
    if (proxy.mode !== 'pass') proxy.reset();
    proxy.mode = 'pass';
    proxy.delayMs = 0;
  }
}

/** Holds rows that are to be changed, and tables that payloads read. */
async function locking(first: number, isOver: () => boolean, whole: Whole): Promise<void> {
  const { AZURE } = databases.config.databases;
  const [holder, changer] = [await connect(AZURE, AZURE.migrator), await connect(AZURE, AZURE.migrator)];
  while (!isOver()) {
    await holder.query('begin');
    const table = whole(2) === 0 ? 'medical_records' : 'doctors';
    await holder.query(`select 1 from ${table} limit 1`);
    await holder.query('select 1 from patients where id between ? and ? for update', [
      first,
      first + whole(500),
    ]);
    const changed = whole(2) === 0 ? changer.query(`alter table ${table} comment = 'changed'`) : undefined;
    await delay(whole(4) === 0 ? 1000 : whole(60));
    await holder.query('rollback');
    await changed;
    await delay(100 + whole(500));
  }
  holder.destroy();
  changer.destroy();
}

/** Waits until the server has ended whatever was left of the sessions, and so rolled back what they had not committed. */
async function settled(): Promise<void> {
  const watcher = await connect(databases.config.databases.AZURE);
  for (let left = 1; left > 0; await delay(20)) {
    const [rows] = await watcher.query<RowDataPacket[]>(
      "select count(*) as count from information_schema.processlist where db = database() and id <> connection_id() and user = substring_index(user(), '@', 1)",
    );
    left = rows[0]?.count;
  }
  watcher.destroy();
}
