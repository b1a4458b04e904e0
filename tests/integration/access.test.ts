import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessRules, claim, type TablePermission } from '../../src/access/permission.ts';
import type { Doctor } from '../../src/entities/doctor.ts';
import type { MedicalRecord } from '../../src/entities/medical-record.ts';
import type { Patient } from '../../src/entities/patient.ts';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { type Answer, startServer, type TestServer } from '../helpers/server.ts';

const ownRecords = { doctor: { licenceNumber: { eq: claim('licence') } } };
const tables = {
  Patient: {
    doctor: { read: { rows: { records: { some: ownRecords } } }, update: { columns: ['contactNumber'] } },
    analyst: { read: { columns: ['dateOfBirth', 'gender'] } },
    others: { read: { rows: { not: { lastName: { eq: claim('family') } } } } },
    wards: { read: { rows: { key: { in: claim('keys') } } } },
    near: { read: { rows: { key: { lte: 30 } } } },
    exact: { read: { rows: { lastName: { eqExact: claim('family') } } } },
  } satisfies Record<string, TablePermission<Patient>>,
  Doctor: {
    doctor: { read: true },
    gcp: { read: { sources: ['GCP'] } },
  } satisfies Record<string, TablePermission<Doctor>>,
  MedicalRecord: {
    doctor: {
      read: { rows: ownRecords },
      create: true,
      update: { columns: ['treatment', 'doctor'] },
      delete: true,
    },
    analyst: { read: { columns: ['patient', 'diagnosis', 'dischargeDate'] } },
    others: { read: true },
    near: { read: true },
    gcp: { read: { columns: ['doctor'] } },
  } satisfies Record<string, TablePermission<MedicalRecord>>,
};
const names = ['doctor', 'analyst', 'others', 'wards', 'near', 'exact', 'gcp', 'operator'] as const;
const rules: AccessRules = {
  roles: {
    ...Object.fromEntries(names.map((name) => [name, { description: 'A test.' }])),
    operator: {
      description: 'A test.',
      features: ['introspection', 'metrics', 'sources', 'drift', 'erd'],
    },
    analyst: { description: 'A test.', features: ['introspection'] },
  },
  tables,
};

let databases: TestDatabases;
let server: TestServer;
let licence: string;
/** Keys that the doctor may read, by the administrator's own answer. */
let own: { patients: number[]; records: number[] };

const as = (caller: string, query: string, variables?: Record<string, unknown>) =>
  askAs(server, caller, query, variables);

beforeAll(async () => {
  databases = await createDatabases();
  const plain = await startServer(databases.config);
  await Promise.all(sourceNames.map((name) => seed(plain.sources[name], 60)));
  const { data } = await plain.ask(
    '{ patients(source: AZURE, first: 1) { nodes { lastName } } doctors(source: AZURE, first: 1) { nodes { licenceNumber records(first: 1000) { nodes { key patient { key } } } } } }',
  );
  const [
    {
      licenceNumber,
      records: { nodes: records },
    },
  ] = data.doctors.nodes;
  licence = licenceNumber;
  own = {
    patients: [
      ...new Set<number>(records.map(({ patient }: never) => (patient as { key: number }).key)),
    ].toSorted((a, b) => a - b),
    records: records.map(({ key }: { key: number }) => key).toSorted((a: number, b: number) => a - b),
  };
  await plain[Symbol.asyncDispose]();
  const family: string = data.patients.nodes[0].lastName;
  const auth = await authFor({
    admin: { roles: ['administrator'] },
    exact: { roles: ['exact'], claims: { family } },
    inexact: { roles: ['exact'], claims: { family: family.toLowerCase() } },
    doctor: { roles: ['doctor'], claims: { licence } },
    nameless: { roles: ['doctor'] },
    wrong: { roles: ['doctor'], claims: { licence: 0 } },
    analyst: { roles: ['analyst'] },
    others: { roles: ['others'], claims: { family: 'Zzyzx' } },
    othersNameless: { roles: ['others'] },
    wards: { roles: ['wards'], claims: { keys: [1, 3, 5] } },
    wardsWrong: { roles: ['wards'], claims: { keys: ['1', 3] } },
    gcp: { roles: ['gcp'] },
    near: { roles: ['near'] },
    operator: { roles: ['operator'] },
    nobody: { roles: ['visitor'] },
    ...Object.fromEntries(
      [...oddClaims(licence).entries()].map(([at, claims]) => [
        `odd${at}`,
        { roles: ['doctor', 'others', 'wards'], claims },
      ]),
    ),
  });
  server = await startServer({ ...databases.config, auth }, { rules });
}, 120_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

/** Claims that no rule can be true by: of other types of JSON, texts that are nearly the right one, lists that are none. */
const oddClaims = (right: string): Record<string, unknown>[] => [
  ...[[right], { eq: right }, null, true, [[right]], `${right} `, ` ${right}`, `${right}%`, '%'].map(
    (licence) => ({ licence, family: [licence], keys: { 0: 1 } }),
  ),
  { licence: right.repeat(10_000), family: { not: 'x' }, keys: [[1]] },
  JSON.parse(`{"__proto__":{"licence":"${right}","family":"x","keys":[1]}}`),
  { constructor: right, family: 1e308, keys: [1, 1.5] },
  { 'licence.eq': right, family: null, keys: [1, null] },
  { Licence: right, family: false, keys: Array.from({ length: 1001 }, () => 1) },
  { licence: 0, family: 0, keys: [2 ** 31] },
  { keys: '1,3,5' },
  { keys: ['1'] },
  { keys: 1 },
];

interface Nested {
  readonly records: { readonly totalCount: number; readonly nodes: readonly { key: number }[] };
  readonly recordsAggregate: readonly object[];
}

const keysOf = (rows: readonly { key: number }[]) => rows.map(({ key }) => key);

describe('a row rule', () => {
  it('bounds lists, single rows, counts, aggregates and groups, first and repeated', async () => {
    expect(own.patients.length).toBeGreaterThan(1);
    expect(own.patients.length).toBeLessThan(60);
    for (let time = 0; time < 3; time += 1) {
      const { data, errors } = await as(
        'doctor',
        `{ patients(source: AZURE, first: 60) { totalCount nodes { key records(first: 20) { totalCount nodes { key } } recordsAggregate { count } } }
           medicalRecords(source: AZURE, first: 500) { totalCount nodes { key patient { key } doctor { licenceNumber } } }
           patientsAggregate(source: AZURE) { count }
           medicalRecordsAggregate(source: AZURE, groupBy: [admissionDate]) { count group { admissionDate } } }`,
      );
      expect(errors).toBeUndefined();
      expect(keysOf(data.patients.nodes)).toEqual(own.patients);
      expect(data.patients.totalCount).toBe(own.patients.length);
      expect(data.patientsAggregate).toEqual([{ count: own.patients.length }]);
      expect(keysOf(data.medicalRecords.nodes)).toEqual(own.records);
      expect(data.medicalRecords.totalCount).toBe(own.records.length);
      expect(
        data.medicalRecordsAggregate.reduce((sum: number, { count }: { count: number }) => sum + count, 0),
      ).toBe(own.records.length);
      const nested = data.patients.nodes.flatMap(({ records, recordsAggregate }: Nested) => {
        expect(records.totalCount).toBe(records.nodes.length);
        expect(recordsAggregate).toEqual([{ count: records.nodes.length }]);
        return keysOf(records.nodes);
      });
      expect(nested.toSorted((a: number, b: number) => a - b)).toEqual(own.records);
    }
  });

  it('bounds nested lists of another table, and what filters see of it', async () => {
    const { data } = await as(
      'doctor',
      '{ doctors(source: AZURE, first: 100) { nodes { licenceNumber records(orderBy: [{ diagnosis: DESC }]) { totalCount nodes { key } } } } with: doctors(source: AZURE, where: { records: { some: {} } }) { nodes { licenceNumber } } every: doctors(source: AZURE, where: { records: { none: {} } }) { totalCount } all: doctors(source: AZURE) { totalCount } }',
    );
    for (const { licenceNumber, records } of data.doctors.nodes) {
      expect(records.nodes.length === 0).toBe(licenceNumber !== licence);
      expect(records.totalCount === 0).toBe(licenceNumber !== licence);
    }
    expect(data.with.nodes).toEqual([{ licenceNumber: licence }]);
    expect(data.every.totalCount).toBe(data.all.totalCount - 1);
  });

  it('answers a row that may not be read as one that is not there, by its key and by its id', async () => {
    const { data } = await as('admin', '{ patients(source: AZURE, first: 1000) { nodes { key id } } }');
    const hidden = data.patients.nodes.find(({ key }: { key: number }) => !own.patients.includes(key));
    const absent = Buffer.from('AZURE:Patient:999999').toString('base64url');
    const about = await as(
      'doctor',
      'query ($hidden: Int!, $ids: [ID!]!){ hidden: patient(source: AZURE, key: $hidden) { key } absent: patient(source: AZURE, key: 999999) { key } nodes(ids: $ids) { id } }',
      { hidden: hidden.key, ids: [hidden.id, absent] },
    );
    expect(about).toMatchObject({ data: { hidden: null, absent: null, nodes: [null, null] } });
    expect(about.errors).toBeUndefined();
    // A table that the role has no permission for is none, whatever its keys look like.
    const refusals = await Promise.all(
      ['AZURE:Doctor:1', 'AZURE:Doctor:x', 'AZURE:Doktor:1'].map(async (text) => {
        const id = Buffer.from(text).toString('base64url');
        const { data: found, errors } = await as('others', 'query ($id: ID!){ node(id: $id) { id } }', {
          id,
        });
        return { found, errors };
      }),
    );
    expect(refusals[0]).toMatchObject({
      found: { node: null },
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
    expect(refusals).toEqual(refusals.map(() => refusals[2]));
  });

  it('makes a relation null that leads to a hidden row, also where its key alone is asked', async () => {
    const { data } = await as('admin', '{ patients(source: AZURE, first: 1) { nodes { lastName } } }');
    const family = data.patients.nodes[0].lastName;
    const auth = await authFor({ others: { roles: ['others'], claims: { family } } });
    await using another = await startServer({ ...databases.config, auth }, { rules });
    for (const selection of ['key', 'key lastName', 'id', 'id source']) {
      const { data: read, errors } = await askAs(
        another,
        'others',
        `{ medicalRecords(source: AZURE, first: 1000) { nodes { key patient { ${selection} } } } }`,
      );
      expect(errors).toBeUndefined();
      const hidden = read.medicalRecords.nodes.filter(({ patient }: never) => patient === null);
      expect(hidden.length).toBeGreaterThan(0);
      expect(hidden.length).toBeLessThan(read.medicalRecords.nodes.length);
    }
    const { data: filtered } = await askAs(
      another,
      'others',
      '{ byKey: medicalRecords(source: AZURE, where: { patient: { key: { eq: 1 } } }) { totalCount } absent: medicalRecords(source: AZURE, where: { patient: { key: { isNull: true } } }) { totalCount } }',
    );
    expect(filtered.byKey.totalCount).toBe(0);
    expect(filtered.absent.totalCount).toBeGreaterThan(0);
    const order = 'orderBy: [{ patient: { lastName: DESC } }]';
    const walked: (string | null)[] = [];
    for (let cursor: string | null = null; ; ) {
      const { data: page, errors } = await askAs(
        another,
        'others',
        `query ($cursor: String) { medicalRecords(source: AZURE, first: 100, after: $cursor, ${order}) { nodes { patient { lastName } } pageInfo { hasNextPage endCursor } } }`,
        { cursor },
      );
      expect(errors).toBeUndefined();
      const { nodes, pageInfo } = page.medicalRecords;
      walked.push(
        ...nodes.map((row: { patient: { lastName: string } | null }) => row.patient?.lastName ?? null),
      );
      if (!pageInfo.hasNextPage) break;
      cursor = pageInfo.endCursor;
    }
    // A hidden row is in the place of one that is not there, which null has, and nothing tells its name.
    expect(walked).toHaveLength(
      (await as('admin', '{ medicalRecords(source: AZURE) { totalCount } }')).data.medicalRecords.totalCount,
    );
    expect(walked.slice(walked.indexOf(null)).every((name) => name === null)).toBe(true);
    expect(walked).not.toContain(family);
  });

  it('makes records compare as they look, whichever hidden row they refer to', async () => {
    const [moved] = await server.sources.AZURE.read((em) =>
      em.execute<{ id: number; patient_id: number }[]>(
        'select id, patient_id from medical_records where patient_id > 30 limit 1',
      ),
    );
    const { id = 0, patient_id: patient = 0 } = moved ?? {};
    const refer = (to: number) =>
      server.sources.AZURE.write((em) =>
        em.execute('update medical_records set patient_id = ? where id = ?', [to, id]),
      );
    const compared = async (caller: string) =>
      (
        await as(
          caller,
          `{ medicalRecordsCompared(where: { key: { eq: ${id} } }) { nodes { status differing azure { patient { key } } gcp { patient { key } } } } }`,
        )
      ).data.medicalRecordsCompared.nodes;
    await refer(patient === 60 ? 59 : patient + 1);
    expect(await compared('admin')).toMatchObject([{ status: 'DIFFERENT', differing: ['patient'] }]);
    expect(await compared('near')).toEqual([
      { status: 'SAME', differing: [], azure: { patient: null }, gcp: { patient: null } },
    ]);
    await refer(5);
    expect(await compared('near')).toMatchObject([
      { status: 'DIFFERENT', azure: { patient: { key: 5 } }, gcp: { patient: null } },
    ]);
    await refer(patient);
  });

  it('bounds the rows that an order counts', async () => {
    const { data } = await as(
      'doctor',
      '{ doctors(source: AZURE, first: 100, orderBy: [{ records: { count: DESC } }]) { nodes { licenceNumber key } } }',
    );
    const [first, ...others] = data.doctors.nodes;
    expect(first.licenceNumber).toBe(licence);
    // The others have none that the role sees, and so the same place.
    expect(keysOf(others)).toEqual(keysOf(others).toSorted((a, b) => b - a));
  });

  it('is false where its claim is missing or of another type, under `not` too', async () => {
    for (const caller of ['nameless', 'wrong', 'othersNameless', 'wardsWrong']) {
      const { data } = await as(caller, '{ patients(source: AZURE) { totalCount nodes { key } } }');
      expect(data.patients, caller).toEqual({ totalCount: 0, nodes: [] });
    }
    expect((await as('others', '{ patients(source: AZURE) { totalCount } }')).data.patients.totalCount).toBe(
      60,
    );
  });

  it('tells capitals in a claim apart where it says so', async () => {
    const countFor = async (caller: string) =>
      (await as(caller, '{ patients(source: AZURE) { totalCount } }')).data.patients.totalCount;
    expect(await countFor('exact')).toBeGreaterThan(0);
    expect(await countFor('inexact')).toBe(0);
  });

  it('is true by no claim of another form', async () => {
    for (const [at, claims] of oddClaims(licence).entries()) {
      for (const role of ['doctor', 'others', 'wards']) {
        const response = await fetch(`${server.url}/graphql`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            authorization: `Bearer odd${at}`,
            'x-tandem-role': role,
          },
          body: JSON.stringify({ query: '{ patients(source: AZURE) { totalCount nodes { key } } }' }),
        });
        const { data } = (await response.json()) as Answer;
        expect(data?.patients, `${role}: ${JSON.stringify(claims).slice(0, 200)}`).toEqual({
          totalCount: 0,
          nodes: [],
        });
      }
    }
  });

  it('takes a list of a claim', async () => {
    const { data } = await as('wards', '{ patients(source: AZURE) { nodes { key } } }');
    expect(keysOf(data.patients.nodes)).toEqual([1, 3, 5]);
  });

  it('keeps a cursor of another role within its rows', async () => {
    const { data } = await as('admin', '{ patients(source: AZURE, first: 1) { pageInfo { endCursor } } }');
    const { data: read } = await as(
      'wards',
      'query ($after: String){ patients(source: AZURE, after: $after) { nodes { key } } }',
      { after: data.patients.pageInfo.endCursor },
    );
    expect(keysOf(read.patients.nodes)).toEqual([3, 5]);
  });
});

describe('a permission of one source', () => {
  it('is refused in the other', async () => {
    const { data, errors } = await as(
      'gcp',
      '{ gcp: doctors(source: GCP) { totalCount } azure: doctors(source: AZURE) { totalCount } }',
    );
    expect(data.gcp.totalCount).toBeGreaterThan(0);
    expect(data.azure).toBeNull();
    expect(errors?.[0].extensions).toMatchObject({ code: 'FORBIDDEN', source: 'AZURE' });
  });

  it('is none there along relations either: rows refer to nothing, in any place of a document', async () => {
    const { data: all } = await as(
      'admin',
      '{ medicalRecords(source: AZURE, first: 1000) { nodes { key } } }',
    );
    const keys = keysOf(all.medicalRecords.nodes);
    const { data, errors } = await as(
      'gcp',
      `{ list: medicalRecords(source: AZURE, first: 1000, orderBy: [{ doctor: { lastName: DESC } }, { key: ASC }]) { nodes { key doctor { key } } }
         some: medicalRecords(source: AZURE, where: { doctor: { key: { isNull: false } } }) { totalCount }
         none: medicalRecords(source: AZURE, where: { doctor: { lastName: { isNull: true } } }) { totalCount }
         count: medicalRecordsAggregate(source: AZURE, where: { not: { doctor: { key: { gt: 0 } } } }) { count }
         gcp: medicalRecords(source: GCP, where: { doctor: { lastName: { isNull: false } } }) { totalCount } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.list.nodes).toEqual(keys.map((key) => ({ key, doctor: null })));
    expect([data.some.totalCount, data.none.totalCount]).toEqual([0, keys.length]);
    expect(data.gcp.totalCount).toBeGreaterThan(0);
  });

  it.each([
    'doctors(source: AZURE, orElse: GCP) { totalCount }',
    'doctor(source: AZURE, key: 1) { key }',
    'doctorsAggregate(source: AZURE) { count }',
    'doctorsCompared { nodes { key } }',
    `node(id: "${Buffer.from('AZURE:Doctor:1').toString('base64url')}") { id }`,
    `nodes(ids: ["${Buffer.from('AZURE:Doctor:1').toString('base64url')}"]) { id }`,
  ])('is refused in the other by each field that asks it: %s', async (field) => {
    const { data, errors } = await as('gcp', `{ it: ${field} }`);
    expect(errors?.[0].extensions).toMatchObject({ code: 'FORBIDDEN', source: 'AZURE' });
    expect([null, [null]]).toContainEqual(data.it);
  });
});

it('variables that name the prototype of objects give no variable, and no claim', async () => {
  const query =
    'query ($key: Int!, $where: PatientWhere) { patient(source: AZURE, key: $key) { key } patients(source: AZURE, where: $where) { totalCount } }';
  for (const variables of [
    '{"__proto__":{"key":1}}',
    '{"constructor":{"key":1}}',
    '{"key":1,"where":{"__proto__":{"key":{"eq":1}}}}',
  ]) {
    for (let time = 0; time < 3; time += 1) {
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer near' },
        body: `{"query":${JSON.stringify(query)},"variables":${variables}}`,
      });
      const { data, errors } = (await response.json()) as Answer;
      expect(data, variables).toBeUndefined();
      expect(errors?.[0].extensions.code, variables).toMatch(/^BAD_/);
    }
  }
});

describe('what is not granted', () => {
  const positions: readonly string[] = [
    '{ patients(source: AZURE) { nodes { lastName } } }',
    '{ patients(source: AZURE) { edges { node { lastName } } } }',
    '{ patient(source: AZURE, key: 1) { lastName } }',
    '{ medicalRecords(source: AZURE) { nodes { patient { lastName } } } }',
    '{ medicalRecords(source: AZURE) { nodes { admissionDate } } }',
    '{ patients(source: AZURE, where: { lastName: { eq: "x" } }) { totalCount } }',
    '{ patients(source: AZURE, where: { not: { lastName: { isNull: true } } }) { totalCount } }',
    '{ medicalRecords(source: AZURE, where: { patient: { lastName: { eq: "x" } } }) { totalCount } }',
    '{ medicalRecords(source: AZURE, where: { doctor: { key: { eq: 1 } } }) { totalCount } }',
    '{ patients(source: AZURE, orderBy: [{ lastName: ASC }]) { totalCount } }',
    '{ medicalRecords(source: AZURE, orderBy: [{ patient: { lastName: ASC } }]) { totalCount } }',
    '{ medicalRecords(source: AZURE, orderBy: [{ doctor: { key: ASC } }]) { totalCount } }',
    '{ patients(source: AZURE, orderBy: [{ records: { count: ASC } }]) { totalCount } }',
    '{ medicalRecords(source: AZURE, orderBy: [{ patient: { records: { count: ASC } } }]) { totalCount } }',
    '{ patientsAggregate(source: AZURE, groupBy: [lastName]) { count } }',
    '{ patientsAggregate(source: AZURE) { min { lastName } } }',
    '{ patientsAggregate(source: AZURE) { group { lastName } } }',
    '{ patientsAggregate(source: AZURE, where: { lastName: { startsWith: "A" } }) { count } }',
    '{ node(id: "x") { ... on Patient { lastName } } }',
    '{ node(id: "x") { ... on Doctor { key } } }',
    '{ doctors(source: AZURE) { totalCount } }',
    // In the order of a column that the role does not know.
    '{ patients(source: AZURE) { nodes { records { totalCount } } } }',
    '{ patients(source: AZURE) { nodes { recordsAggregate { count } } } }',
    '{ patients(source: AZURE, where: { records: { some: {} } }) { totalCount } }',
    '{ parity { state } }',
    'mutation { deletePatient(source: AZURE, key: 1) { key } }',
    'mutation { updatePatient(source: AZURE, key: 1, input: { gender: MALE }) { patient { key } } }',
    'mutation { createPatient(source: AZURE, input: { gender: MALE }) { patient { key } } }',
    '{ drift { azure { right } } }',
    '{ erd(source: AZURE) { mermaid } }',
    '{ sources { state } }',
  ];

  it.each(positions)('is refused before anything runs: %s', async (query) => {
    const { data, errors } = await as('analyst', query);
    expect(data).toBeUndefined();
    expect(errors?.[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(JSON.stringify(errors)).not.toMatch(/Did you mean[^"]*(lastName|admissionDate|doctor|drift)/);
  });

  it('is in no introspection', async () => {
    const { data, errors } = await as(
      'analyst',
      '{ __schema { types { name fields { name } inputFields { name } enumValues { name } } } }',
    );
    expect(errors).toBeUndefined();
    const text = JSON.stringify(data);
    expect(text).toContain('dateOfBirth');
    expect(text).not.toMatch(
      /lastName|firstName|contactNumber|licenceNumber|treatment|Doctor|Drift|Erd|SourceStatus|Input"/,
    );
    expect((await as('doctor', '{ __schema { types { name } } }')).errors?.[0].extensions.code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    );
  });

  it('is everything for a role without any permission', async () => {
    expect(await as('nobody', '{ __typename }')).toMatchObject({
      status: 403,
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
  });

  it('is a document that another role has made known', async () => {
    const query = '{ patients(source: AZURE, first: 1) { nodes { lastName } } }';
    for (let time = 0; time < 3; time += 1) {
      expect((await as('admin', query)).data.patients.nodes).toHaveLength(1);
      expect((await as('analyst', query)).errors?.[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    }
  });
});

describe('a document that roles share', () => {
  const shared = [
    // Refused to the analyst.
    '{ patients(source: AZURE, first: 1) { nodes { key lastName } } }',
    // Answered to each in another shape: `patient` can be null for a role with a row rule.
    '{ medicalRecords(source: AZURE, first: 500) { nodes { key patient { key } } } }',
  ] as const;
  const idOf = (query: string) => createHash('sha256').update(query).digest('hex');
  const ways: Record<string, (query: string) => object> = {
    'in plain text': (query) => ({ query }),
    'by its id in the manifest': (query) => ({ documentId: `sha256:${idOf(query)}` }),
    'by the hash of the manifest': (query) => ({
      extensions: { persistedQuery: { version: 1, sha256Hash: idOf(query) } },
    }),
    'registered by its text': (query) => ({
      query,
      extensions: { persistedQuery: { version: 1, sha256Hash: idOf(query) } },
    }),
  };
  const send = async (to: TestServer, caller: string, body: object) => {
    const response = await fetch(`${to.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${caller}` },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Answer;
  };
  let persisted: TestServer;
  beforeAll(async () => {
    const { data } = await as('admin', '{ patients(source: AZURE, first: 1) { nodes { lastName } } }');
    const family = data.patients.nodes[0].lastName;
    const auth = await authFor({
      admin: { roles: ['administrator'] },
      analyst: { roles: ['analyst'] },
      others: { roles: ['others'], claims: { family } },
    });
    const documents = new Map(shared.map((query) => [idOf(query), query]));
    persisted = await startServer(
      { ...databases.config, auth, persistedDocuments: { documents, only: false } },
      { rules },
    );
  });
  afterAll(() => persisted?.[Symbol.asyncDispose]());

  it.each(Object.keys(ways))(
    'is answered to each role by its own schema, in whatever order they ask: %s',
    async (way) => {
      const [lastName, nested] = shared.map((query) => ways[way]?.(query) ?? {}) as [object, object];
      // By Apollo, compiled, and by the fast path.
      for (const caller of ['admin', 'analyst', 'others', 'analyst', 'admin', 'others', 'admin', 'analyst']) {
        const { data, errors } = await send(persisted, caller, lastName);
        if (caller === 'analyst') {
          expect(errors?.[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
          expect(data).toBeUndefined();
        } else expect(data.patients.nodes[0].lastName).toEqual(expect.any(String));
        const { nodes } = (await send(persisted, caller, nested)).data.medicalRecords;
        const hidden = nodes.filter(({ patient }: { patient: object | null }) => patient === null).length;
        expect(hidden > 0).toBe(caller === 'others');
      }
    },
  );

  it('is not known to a role by the hash that another has registered', async () => {
    const query = '{ patients(source: AZURE, first: 2) { nodes { lastName } } }';
    const extensions = { persistedQuery: { version: 1, sha256Hash: idOf(query) } };
    expect((await send(persisted, 'admin', { query, extensions })).errors).toBeUndefined();
    expect((await send(persisted, 'admin', { extensions })).data.patients.nodes).toHaveLength(2);
    for (let time = 0; time < 3; time += 1) {
      const [unknown] = (await send(persisted, 'analyst', { extensions })).errors ?? [];
      expect(unknown.extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND');
      const [refused] = (await send(persisted, 'analyst', { query, extensions })).errors ?? [];
      expect(['GRAPHQL_VALIDATION_FAILED', 'PERSISTED_QUERY_NOT_FOUND']).toContain(refused.extensions.code);
    }
  });
});

describe('an operator', () => {
  it('sees the databases and no rows', async () => {
    const { data, errors } = await as(
      'operator',
      '{ sources { state } drift { azure { right } } erd(source: AZURE) { mermaid } }',
    );
    expect(errors).toBeUndefined();
    expect(data.sources).toHaveLength(2);
    expect(
      (await as('operator', '{ patients(source: AZURE) { totalCount } }')).errors?.[0].extensions.code,
    ).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  it('alone reads metrics', async () => {
    const statusOf = async (path: string, caller?: string) =>
      (await fetch(server.url + path, caller ? { headers: { authorization: `Bearer ${caller}` } } : {}))
        .status;
    expect(await statusOf('/metrics')).toBe(401);
    expect(await statusOf('/metrics', 'doctor')).toBe(403);
    expect(await statusOf('/metrics', 'operator')).toBe(200);
    expect(await statusOf('/metrics', 'admin')).toBe(200);
    for (const path of ['/livez', '/readyz']) expect(await statusOf(path)).toBe(200);
  });
});
