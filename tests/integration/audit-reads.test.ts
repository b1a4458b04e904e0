import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, mkdtemp, open, readFile, rename, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEventFile } from '../../src/audit/event-file.ts';
import { ReadRecord } from '../../src/audit/read-record.ts';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { type Answer, startServer, type TestServer } from '../helpers/server.ts';

let databases: TestDatabases;
let server: TestServer;
let file: string;
let licence: string;

beforeAll(async () => {
  databases = await createDatabases();
  file = join(await mkdtemp(join(tmpdir(), 'tandem-reads-')), 'reads.jsonl');
  const plain = await startServer(databases.config);
  await Promise.all(sourceNames.map((name) => seed(plain.sources[name], 5)));
  const { data } = await plain.ask(
    '{ medicalRecords(source: AZURE, first: 1, where: { doctor: { key: { isNull: false } } }) { nodes { doctor { licenceNumber } } } }',
  );
  licence = data.medicalRecords.nodes[0].doctor.licenceNumber;
  await plain[Symbol.asyncDispose]();
  const auth = await authFor({
    admin: { roles: ['administrator'] },
    doctor: { roles: ['doctor'], claims: { licence } },
  });
  server = await startServer({ ...databases.config, auth, audit: { reads: file } });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

const eventsIn = async (path = file) =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
/** The answer, and the events that came with it. */
async function asked(
  caller: string,
  query: string,
  to = server,
  path = file,
): Promise<{ answer: Answer; events: ReturnType<typeof JSON.parse>[] }> {
  const before = (await eventsIn(path)).length;
  const answer = await askAs(to, caller, query);
  return { answer, events: (await eventsIn(path)).slice(before) };
}

describe('an operation that reads', () => {
  it('is one event: who, which operation, tables, rows, and the keys of tables that are marked so', async () => {
    const query =
      'query Ward { patients(source: AZURE, first: 2, orderBy: [{ key: ASC }]) { nodes { lastName records { nodes { doctor { key lastName } } } } } gcp: doctors(source: GCP) { totalCount } }';
    // By Apollo first, then by the fast path.
    for (let time = 0; time < 3; time += 1) {
      const { answer, events } = await asked('admin', query);
      const records = answer.data.patients.nodes.flatMap(
        (node: { records: { nodes: object[] } }) => node.records.nodes,
      );
      expect(events).toHaveLength(1);
      const [{ tables, ...event }] = events;
      expect(event).toMatchObject({
        subject: 'admin',
        role: 'administrator',
        operation: 'Ward',
        type: 'query',
        requestId: expect.any(String),
      });
      expect(server.log.join('')).toContain(event.requestId);
      const of = (table: string, source = 'AZURE') =>
        tables.find((one: { table: string; source: string }) => one.table === table && one.source === source);
      expect(of('patients')).toEqual({ source: 'AZURE', table: 'patients', rows: 2, keys: [1, 2] });
      expect(of('medical_records')).toMatchObject({ rows: records.length });
      expect(of('medical_records').keys).toHaveLength(records.length);
      expect(of('doctors').rows).toBe(
        new Set(records.flatMap((record: { doctor?: { key: number } }) => record.doctor?.key ?? [])).size,
      );
      expect(of('doctors').keys).toBeUndefined();
      expect(of('doctors', 'GCP')).toEqual({ source: 'GCP', table: 'doctors', rows: 0 });
      expect(tables).toHaveLength(4);
      expect(JSON.stringify(events)).not.toContain(answer.data.patients.nodes[0].lastName);
    }
  });

  it.each([
    [
      'a filter',
      '{ patients(source: AZURE, where: { records: { some: { doctor: { lastName: { startsWith: "Q" } } } } }) { nodes { key } } }',
      ['patients', 'medical_records', 'doctors'],
    ],
    ['a count', '{ medicalRecords(source: AZURE) { totalCount } }', ['medical_records']],
    [
      'an aggregate',
      '{ patientsAggregate(source: AZURE, groupBy: [gender]) { count group { gender } } }',
      ['patients'],
    ],
    [
      'an order',
      '{ medicalRecords(source: AZURE, first: 1, orderBy: [{ patient: { lastName: ASC } }]) { nodes { key } } }',
      ['medical_records', 'patients'],
    ],
  ])('names the tables of %s', async (_what, query, tables) => {
    const { answer, events } = await asked('admin', query);
    expect(answer.errors).toBeUndefined();
    expect(events[0].tables.map(({ table }: { table: string }) => table).toSorted()).toEqual(
      tables.toSorted(),
    );
  });

  it('names the rows that a role has seen, and not the tables that its rules look into', async () => {
    const { answer, events } = await asked('doctor', '{ patients(source: AZURE) { nodes { key } } }');
    const keys = answer.data.patients.nodes.map(({ key }: { key: number }) => key);
    expect(keys.length).toBeGreaterThan(0);
    expect(events[0]).toMatchObject({
      role: 'doctor',
      tables: [{ source: 'AZURE', table: 'patients', rows: keys.length, keys }],
    });
  });

  it('by a comparison, by node, and by the payload of a mutation is one, too', async () => {
    const { data } = await askAs(server, 'admin', '{ patient(source: AZURE, key: 3) { id } }');
    for (const query of [
      '{ patientsCompared(first: 1) { nodes { key azure { lastName } } } }',
      `{ node(id: "${data.patient.id}") { ... on Patient { lastName } } }`,
      'mutation { updatePatient(source: AZURE, key: 3, input: { contactNumber: "1" }) { patient { lastName } } }',
    ]) {
      const { answer, events } = await asked('admin', query);
      expect(answer.errors, query).toBeUndefined();
      expect(events, query).toHaveLength(1);
      expect(
        events[0].tables.find(({ table }: { table: string }) => table === 'patients').rows,
        query,
      ).toBeGreaterThan(0);
    }
  });

  it('of nothing has none', async () => {
    for (const query of ['{ __typename }', '{ patients(source: AZURE) { nodes { nothing } } }']) {
      expect((await asked('admin', query)).events).toEqual([]);
    }
  });

  it('is not answered where its event cannot be written, and a change says that it was made', async () => {
    await using full = await startServer({ ...databases.config, audit: { reads: '/dev/full' } });
    const read = '{ patients(source: AZURE, first: 1) { nodes { lastName } } }';
    for (let time = 0; time < 2; time += 1) {
      const { status, data, errors } = await full.ask(read);
      expect({ status, code: errors?.[0].extensions.code }).toEqual({
        status: 503,
        code: 'AUDIT_UNAVAILABLE',
      });
      expect(JSON.stringify(data ?? null)).not.toContain('lastName');
      // Beyond the pause in which nothing is begun.
      if (time === 0) await new Promise((resolve) => setTimeout(resolve, 1100));
    }
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const change = (number: string) =>
      full.ask(
        `mutation { updatePatient(source: AZURE, key: 2, input: { contactNumber: "${number}" }) { patient { lastName } } }`,
      );
    const { data, errors } = await change('made');
    expect(data).toEqual({ updatePatient: null });
    expect(errors).toMatchObject([
      { path: ['updatePatient'], extensions: { code: 'PAYLOAD_UNAVAILABLE', keys: [2] } },
    ]);
    // While the file takes nothing, no change is begun.
    expect((await change('not made')).errors?.[0].extensions).toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
      retryable: true,
    });
    const { data: left } = await askAs(
      server,
      'admin',
      '{ patient(source: AZURE, key: 2) { contactNumber } }',
    );
    expect(left.patient.contactNumber).toBe('made');
  });
});

describe('the file of events', () => {
  it('has each of many lines that come at once, whole, from several writers', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'tandem-reads-')), 'many.jsonl');
    await using one = await openEventFile(path);
    await using other = await openEventFile(path);
    const line = (at: number) => JSON.stringify({ at, text: 'x'.repeat(at % 500) });
    await Promise.all(Array.from({ length: 2000 }, (_, at) => (at % 2 === 0 ? one : other).write(line(at))));
    expect((await eventsIn(path)).map(({ at }) => at).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 2000 }, (_, at) => at),
    );
  });

  it('is made anew where it was moved away, and only its owner may read it', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'tandem-reads-')), 'moved.jsonl');
    await using events = await openEventFile(path);
    await events.write('{"n":1}');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await rename(path, `${path}.1`);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await events.write('{"n":2}');
    expect(await eventsIn(`${path}.1`)).toEqual([{ n: 1 }]);
    expect(await eventsIn(path)).toEqual([{ n: 2 }]);
  });

  it('that cannot be opened keeps the server from starting', async () => {
    await expect(startServer({ ...databases.config, audit: { reads: '/nonexistent/file' } })).rejects.toThrow(
      /ENOENT/,
    );
  });
});

describe('a named pipe in place of the file', () => {
  async function pipe(): Promise<string> {
    const path = join(await mkdtemp(join(tmpdir(), 'tandem-reads-')), 'events.fifo');
    await promisify(execFile)('mkfifo', [path]);
    return path;
  }
  const reader = (path: string) => open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const linesOf = (text: string) => text.split('\n').filter(Boolean);
  /** All that it holds now. */
  async function drained(from: FileHandle): Promise<string> {
    const chunk = Buffer.alloc(65_536);
    let text = '';
    for (;;) {
      const bytesRead = await from.read(chunk).then(
        (read) => read.bytesRead,
        (error: NodeJS.ErrnoException) => (error.code === 'EAGAIN' ? 0 : Promise.reject(error)),
      );
      if (bytesRead === 0) return text;
      text += chunk.toString('latin1', 0, bytesRead);
    }
  }

  it('that nobody reads keeps the server from starting, and does not hold it', async () => {
    const path = await pipe();
    const opened = openEventFile(path).then(
      () => 'opened',
      ({ code }: NodeJS.ErrnoException) => code,
    );
    const outcome = await Promise.race([opened, delay(3000, 'still waiting')]);
    await (await reader(path)).close();
    expect(outcome).toBe('ENXIO');
  });

  it('takes whole lines, refuses what it has no room for, and goes on when it is read again', async () => {
    const path = await pipe();
    await using from = await reader(path);
    await using events = await openEventFile(path);
    const line = (at: number) => `{"at":${at},"text":"${'x'.repeat(1500)}"}`;
    const sent = Array.from({ length: 120 }, (_, at) => line(at));
    const outcomes = await Promise.allSettled(sent.map((each) => events.write(each)));
    const taken = sent.filter((_, at) => outcomes[at]?.status === 'fulfilled');
    expect(taken.length).toBeLessThan(sent.length);
    expect(events.isFailing).toBe(true);
    const before = linesOf(await drained(from));
    await events.write('{"again":true}');
    const after = linesOf(await drained(from));
    for (const each of taken) expect(before).toContain(each);
    // What it took a part of is ended before the next.
    expect(after.at(-1)).toBe('{"again":true}');
  });

  it('waits for a reader that is slow, and leaves nothing out', async () => {
    const path = await pipe();
    await using from = await reader(path);
    await using events = await openEventFile(path);
    const sent = Array.from({ length: 200 }, (_, at) => `{"at":${at},"text":"${'x'.repeat(1500)}"}`);
    let text = '';
    let over = false;
    const reading = (async () => {
      while (!over) {
        text += await drained(from);
        await delay(20);
      }
    })();
    await Promise.all(sent.map((each) => events.write(each)));
    over = true;
    await reading;
    text += await drained(from);
    expect(linesOf(text)).toEqual(sent);
  });

  it('refuses events where its reader is gone, and takes them where another one comes', async () => {
    const path = await pipe();
    const from = await reader(path);
    await using events = await openEventFile(path);
    await from.close();
    await expect(events.write('{"lost":true}')).rejects.toMatchObject({ code: 'EPIPE' });
    expect(events.isFailing).toBe(true);
    await using next = await reader(path);
    await events.write('{"kept":true}');
    expect(linesOf(await drained(next))).toEqual(['{"kept":true}']);
  });
});

it('the record of an operation names 1000 keys at most, and counts all rows', () => {
  const record = new ReadRecord(new Set(['t']));
  for (let at = 0; at < 3; at += 1)
    record.take(
      'GCP',
      't',
      Array.from({ length: 400 }, (_, row) => ({ key: at * 400 + row })),
    );
  expect(record.tables).toMatchObject([{ rows: 1200 }]);
  expect(record.tables[0]?.keys).toHaveLength(1000);
});
