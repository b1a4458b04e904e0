import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessRules } from '../../src/access/permission.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { asMigrator, createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { plansOf } from '../helpers/query-plans.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

// A patient with very many records: a page of them costs what the first page of a root list costs.

const count = process.env.TANDEM_LONG === '1' ? 100_000 : 20_000;
let databases: TestDatabases;
let server: TestServer;

beforeAll(async () => {
  databases = await createDatabases();
  server = await startServer(databases.config);
  // Past the server's pool, whose statements have a deadline.
  const { AZURE } = databases.config.databases;
  const connection = await connect(AZURE, AZURE.migrator);
  const patients = [1, 2, 3].map((key) => `(${key}, 'P', 'P${key}', '2000-01-01', 'OTHER', null)`);
  for (const sql of [
    `insert into patients values ${patients.join()}`,
    `set session cte_max_recursion_depth = ${count}`,
    // Patient 1 has them all but a few, with many on each day.
    `insert into medical_records (patient_id, diagnosis, admission_date)
      with recursive n (at) as (select 1 union all select at + 1 from n where at < ${count})
      select if(at <= 10, 2 + at % 2, 1), concat('x', at), '2000-01-01' + interval (at * 7919) % 5000 day from n`,
    'analyze table patients, medical_records',
  ]) {
    await connection.query(sql);
  }
  await connection.end();
}, 120_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

/** Plans by the indexes of records. */
async function recordPlansOf(query: string) {
  const { plans, ...read } = await plansOf(server, 'medical_records', query);
  const ofRecords = plans.filter(
    ({ table, key }) => (table === 'child' || table === 'row') && key?.startsWith('medical_records'),
  );
  return { ...read, plans: ofRecords.map(({ type, key, Extra }) => ({ type, key, Extra })) };
}

const index = 'medical_records_patient_id_admission_date_index';

describe('a page in the order of an index', () => {
  const cursorAt = async (last: number) => {
    const { data } = await server.ask(
      `{ patient(source: AZURE, key: 1) { records(last: ${last}) { pageInfo { startCursor } } } }`,
    );
    return data.patient.records.pageInfo.startCursor as string;
  };

  it.each([
    [
      'below one row',
      '{ patient(source: AZURE, key: 1) { records(first: 20) { nodes { diagnosis } pageInfo { hasNextPage } } } }',
    ],
    [
      'below several rows',
      '{ patients(source: AZURE) { nodes { records(first: 20) { nodes { diagnosis } } } } }',
    ],
    ['from the end', '{ patients(source: AZURE) { nodes { records(last: 20) { nodes { diagnosis } } } } }'],
    [
      'beside another list',
      '{ patients(source: AZURE) { nodes { records { nodes { key } } again: records(last: 20) { nodes { key } } } } }',
    ],
    [
      'below a row of a row',
      '{ medicalRecords(source: AZURE, first: 3) { nodes { patient { records { nodes { diagnosis } } } } } }',
    ],
    [
      'by day, the last first',
      '{ patients(source: AZURE) { nodes { records(orderBy: [{ admissionDate: DESC }]) { nodes { diagnosis } } } } }',
    ],
  ])('is read by it, up to its limit: %s', async (_where, query) => {
    const { plans, rows } = await recordPlansOf(query);
    expect(plans.length).toBeGreaterThan(0);
    for (const { type, key, Extra } of plans) {
      if (key === index) expect(type).toBe('ref');
      expect(Extra ?? '').not.toContain('filesort');
    }
    expect(rows).toBeLessThan(400);
  });

  it.each([count / 2, 30])('is entered at the cursor, %i rows before the end', async (last) => {
    const after = last > 1000 ? await deepCursor() : await cursorAt(last);
    const { data, plans, rows } = await recordPlansOf(
      `{ patient(source: AZURE, key: 1) { records(first: 20, after: "${after}") { nodes { key } pageInfo { hasNextPage } } } }`,
    );
    expect(data.patient.records.nodes).toHaveLength(20);
    expect(plans).toEqual([{ type: 'range', key: index, Extra: expect.not.stringContaining('filesort') }]);
    expect(rows).toBeLessThan(100);
  });

  async function deepCursor() {
    const { data } = await server.ask(
      '{ patient(source: AZURE, key: 1) { records(first: 1, where: { admissionDate: { gte: "2007-01-01" } }) { pageInfo { endCursor } } } }',
    );
    return data.patient.records.pageInfo.endCursor as string;
  }
});

describe('what no index serves', () => {
  it.each([
    ['another order', 'records(orderBy: [{ diagnosis: ASC }]) { nodes { key } }', 5000],
    ['a filter', 'records(where: { diagnosis: { contains: "x1" } }) { nodes { key } }', 6000],
    [
      'a filter by values that many rows can have, though an index has them',
      'records(where: { doctor: { key: { eq: 1 } } }) { nodes { key } }',
      6000,
    ],
    ['a count', 'records { totalCount }', 5000],
    ['an aggregate', 'recordsAggregate { max { key } }', 5000],
    ['a count of some', 'records(where: { diagnosis: { contains: "x1" } }) { totalCount }', 6000],
  ])('costs as much as reading a table: %s', async (_what, fields, cost) => {
    const query = `{ patients(source: AZURE, first: 2) { nodes { ${fields} } } }`;
    const limited = (most: number) =>
      startServer({ ...databases.config, limits: { ...databases.config.limits, cost: most } });
    await using enough = await limited(cost + 200);
    expect((await enough.ask(query)).errors).toBeUndefined();
    await using tooFew = await limited(cost - 1);
    expect((await tooFew.ask(query)).errors?.[0]?.message).toMatch(/could read too many whole tables/);
  });

  it('is no filter by a unique key', async () => {
    await using server = await startServer({
      ...databases.config,
      limits: { ...databases.config.limits, cost: 4999 },
    });
    const list = 'records(where: { key: { in: [1, 2] } }) { nodes { key } }';
    const { errors } = await server.ask(`{ patients(source: AZURE) { nodes { ${list} } } }`);
    expect(errors).toBeUndefined();
  });

  it('is a cursor below several rows', async () => {
    const { data } = await server.ask(
      '{ patient(source: AZURE, key: 1) { records(first: 1) { pageInfo { endCursor } } } }',
    );
    const after = data.patient.records.pageInfo.endCursor;
    await using tooFew = await startServer({
      ...databases.config,
      limits: { ...databases.config.limits, cost: 4999 },
    });
    const list = `records(first: 1, after: "${after}") { nodes { key } }`;
    const below = (first: number) => `{ patients(source: AZURE, first: ${first}) { nodes { ${list} } } }`;
    expect((await tooFew.ask(below(1))).errors).toBeUndefined();
    expect((await tooFew.ask(below(2))).errors?.[0]?.message).toMatch(/could read too many whole tables/);
  });
});

it('keeps its memory flat where a row has very many others', async () => {
  const query = '{ patients(source: AZURE) { nodes { records(first: 1000) { nodes { key diagnosis } } } } }';
  for (let n = 0; n < 5; n++) await server.ask(query);
  const before = process.memoryUsage.rss();
  for (let n = 0; n < 20; n++) expect((await server.ask(query)).errors).toBeUndefined();
  // All records of the patient would be 18 MB, twenty times.
  expect(process.memoryUsage.rss() - before).toBeLessThan(60e6);
});

describe('where nearly all rows have one parent, so that an index finds no fewer than a scan,', () => {
  beforeAll(() =>
    asMigrator(databases.config.databases.AZURE, [
      'delete from medical_records where patient_id > 1',
      "update medical_records set diagnosis = concat('x', id % 2)",
      'create index medical_records_diagnosis_index on medical_records (diagnosis)',
      'analyze table medical_records',
    ]),
  );

  it.each([
    ['few rows have, by a key', 'key: { eq: 17 }'],
    ['few rows have, by keys', 'key: { in: [15, 16, 17] }'],
    ['most rows have, by a key', 'key: { gt: 3 }'],
    ['half of the rows have, by another index', 'diagnosis: { eq: "x0" }'],
  ])('a filter reads no others, of what %s', async (_what, where) => {
    const { rows, data, plans } = await plansOf(
      server,
      'medical_records',
      `{ patients(source: AZURE) { nodes { records(first: 20, where: { ${where} }) { nodes { key } } } } }`,
    );
    expect(data.patients.nodes[0].records.nodes.length).toBeGreaterThan(0);
    expect(rows).toBeLessThan(200);
    // A single row is found by its key, and not among those of its parent.
    const { key } = plans.find(({ table }) => table === 'child') ?? {};
    expect(key).toBe(/eq: 17|in:/.test(where) ? 'PRIMARY' : index);
  });

  const readsNoOthers = async (asked: TestServer) => {
    const { rows, data } = await plansOf(
      asked,
      'medical_records',
      '{ patients(source: AZURE) { nodes { records(first: 20) { nodes { diagnosis } } } } }',
    );
    const lists = data.patients.nodes.map(({ records }: { records: { nodes: unknown[] } }) => records.nodes);
    expect(lists.map(({ length }: unknown[]) => length)).toEqual([20, 0, 0]);
    expect(rows).toBeLessThan(400);
  };

  it('a list reads no others', () => readsNoOthers(server));

  it.each([
    ['without an index', { diagnosis: { ne: '' } }],
    ['of another index', { key: { gt: 0 } }],
  ])('a list reads no others for a role that has a rule %s', async (_of, rows) => {
    const auth = await authFor({ clerk: { roles: ['clerk'] } });
    const rules: AccessRules = {
      roles: { clerk: { description: 'A test.' } },
      tables: {
        Patient: { clerk: { read: true } },
        MedicalRecord: { clerk: { read: { rows } } },
      },
    };
    await using guarded = await startServer({ ...databases.config, auth }, { rules });
    await readsNoOthers({ ...guarded, ask: (query, variables) => askAs(guarded, 'clerk', query, variables) });
  });

  it('a page of them by another index reads no further than its limit', async () => {
    const { rows, data } = await plansOf(
      server,
      'medical_records',
      '{ medicalRecords(source: AZURE, first: 20, where: { patient: { key: { eq: 1 } } }, orderBy: [{ key: ASC }]) { nodes { diagnosis } } }',
    );
    expect(data.medicalRecords.nodes).toHaveLength(20);
    expect(rows).toBeLessThan(400);
  });
});
