import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inventPatient } from '../../src/seeders/people.ts';
import { sourceNames } from '../../src/source-name.ts';
import { startSeededServer, type TestServer } from '../helpers/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startSeededServer(50, { bothExecutors: true });
});
afterAll(() => server?.[Symbol.asyncDispose]());

describe('both clouds in one operation', () => {
  const fields = 'nodes { key firstName records { nodes { diagnosis } } }';

  it('answers with the rows of each', async () => {
    const { data, errors } = await server.ask(
      `{ azure: patients(source: AZURE, first: 20) { ${fields} } gcp: patients(source: GCP, first: 20) { ${fields} } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.azure.nodes).toHaveLength(20);
    expect(data.azure).toEqual(data.gcp);
    const { patient, records } = inventPatient(1);
    expect(data.azure.nodes[0]).toEqual({
      key: 1,
      firstName: patient.firstName,
      records: { nodes: expect.arrayContaining(records.map(({ diagnosis }) => ({ diagnosis }))) },
    });
  });

  it('keeps what is written to one out of the other', async () => {
    const { data } = await server.ask(`mutation {
      createPatient(source: GCP, input: { firstName: "Only", lastName: "Here", dateOfBirth: "2001-05-06", gender: OTHER }) {
        patient { key source }
      }
    }`);
    const { key, source } = data.createPatient.patient;
    expect(source).toBe('GCP');
    const found = await server.ask(
      `{ azure: patient(source: AZURE, key: ${key}) { firstName } gcp: patient(source: GCP, key: ${key}) { firstName } }`,
    );
    expect(found.data).toEqual({ azure: null, gcp: { firstName: 'Only' } });
  });

  it('gives one row two ids, one for each cloud, and one key', async () => {
    const { data } = await server.ask(
      '{ azure: patient(source: AZURE, key: 3) { id key source } gcp: patient(source: GCP, key: 3) { id key source } }',
    );
    expect(data.azure).toMatchObject({ key: 3, source: 'AZURE' });
    expect(data.gcp).toMatchObject({ key: 3, source: 'GCP' });
    expect(data.azure.id).not.toBe(data.gcp.id);
  });

  it('reports both sources as up, over TLS, at the same migration', async () => {
    const { data } = await server.ask(
      '{ sources { source state latencyMs serverVersion tlsVersion migration maxConnections } }',
    );
    const expected = (source: string) => ({
      source,
      state: 'UP',
      latencyMs: expect.any(Number),
      serverVersion: expect.stringMatching(/^\d+\.\d+/),
      tlsVersion: expect.stringMatching(/^TLSv1\.[23]$/),
      migration: expect.stringMatching(/^Migration\d{14}/),
      maxConnections: 20,
    });
    expect(data.sources).toEqual([expected('AZURE'), expected('GCP')]);
    expect(data.sources[0].migration).toBe(data.sources[1].migration);
  });
});

describe.each(sourceNames)('%s', (source) => {
  const connection = (args: string, fields: string) =>
    server.ask(`{ list: ${args.replace('SOURCE', `source: ${source}`)} { ${fields} } }`);

  it('pages through every patient once, in the order of the keys', async () => {
    const keys: number[] = [];
    let after: string | null = null;
    let pages = 0;
    do {
      const { data, errors } = await server.ask(
        `query ($after: String) { patients(source: ${source}, first: 7, after: $after) {
          nodes { key } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
        { after },
      );
      expect(errors).toBeUndefined();
      const { nodes, edges, pageInfo } = data.patients;
      keys.push(...nodes.map((node: { key: number }) => node.key));
      expect(pageInfo.hasPreviousPage).toBe(after !== null);
      expect(pageInfo.startCursor).toBe(edges[0].cursor);
      expect(pageInfo.endCursor).toBe(edges.at(-1).cursor);
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
      pages += 1;
    } while (after !== null);
    expect(pages).toBeGreaterThan(7);
    expect(keys.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('returns twenty rows where first is not given, and none for 0', async () => {
    const { data } = await server.ask(
      `{ some: patients(source: ${source}) { nodes { key } } none: patients(source: ${source}, first: 0) { nodes { key } pageInfo { hasNextPage endCursor } } }`,
    );
    expect(data.some.nodes).toHaveLength(20);
    expect(data.none).toEqual({ nodes: [], pageInfo: { hasNextPage: true, endCursor: null } });
  });

  it('tells of rows beyond an empty page, and of those beyond the cursor that ends one', async () => {
    const info = 'pageInfo { hasNextPage hasPreviousPage }';
    const { data } = await server.ask(
      `{ first: patients(source: ${source}, first: 0) { ${info} }
         last: patients(source: ${source}, last: 0) { nodes { key } ${info} }
         none: patients(source: ${source}, first: 0, where: { key: { lt: 0 } }) { ${info} }
         whole: patients(source: ${source}, first: 2) { pageInfo { endCursor } } }`,
    );
    expect(data.first.pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: false });
    expect(data.last).toEqual({ nodes: [], pageInfo: { hasNextPage: false, hasPreviousPage: true } });
    expect(data.none.pageInfo).toEqual({ hasNextPage: false, hasPreviousPage: false });
    const before = await server.ask(
      `query ($c: String!) { patients(source: ${source}, before: $c) { nodes { key } ${info} } }`,
      { c: data.whole.pageInfo.endCursor },
    );
    expect(before.data.patients).toEqual({
      nodes: [{ key: 1 }],
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
    });
  });

  it('answers aliases, fragments and directives as the specification says', async () => {
    const { data } = await server.ask(
      `query ($with: Boolean!) {
        patient(source: ${source}, key: 2) {
          given: firstName
          ...Family
          ... on Patient { records @include(if: $with) { nodes { diagnosis } } again: records { nodes { key patient { key lastName } } } }
          contactNumber @skip(if: true)
        }
      }
      fragment Family on Patient { family: lastName __typename }`,
      { with: false },
    );
    const { patient, records } = inventPatient(2);
    expect(data.patient).toEqual({
      given: patient.firstName,
      family: patient.lastName,
      __typename: 'Patient',
      again: {
        nodes: records.map(() => ({
          key: expect.any(Number),
          patient: { key: 2, lastName: patient.lastName },
        })),
      },
    });
  });

  it('lists medical records with their patients', async () => {
    const { data, errors } = await connection(
      'medicalRecords(SOURCE, first: 5)',
      'nodes { id key source diagnosis treatment admissionDate dischargeDate patient { firstName } }',
    );
    expect(errors).toBeUndefined();
    expect(data.list.nodes).toHaveLength(5);
    expect(data.list.nodes[0]).toMatchObject({ source, patient: { firstName: expect.any(String) } });
    const one = await server.ask(
      `{ medicalRecord(source: ${source}, key: ${data.list.nodes[0].key}) { id diagnosis } }`,
    );
    expect(one.data.medicalRecord).toEqual({
      id: data.list.nodes[0].id,
      diagnosis: data.list.nodes[0].diagnosis,
    });
  });

  it('orders the records of a patient by the day of admission', async () => {
    const { data } = await connection(
      'patients(SOURCE, first: 50)',
      'nodes { records { nodes { admissionDate } } }',
    );
    for (const { records } of data.list.nodes) {
      const days = records.nodes.map((record: { admissionDate: string }) => record.admissionDate);
      expect(days).toEqual(days.toSorted());
    }
  });

  it('answers null for a key that is not there', async () => {
    const { data, errors } = await server.ask(`{ patient(source: ${source}, key: 123456) { key } }`);
    expect(errors).toBeUndefined();
    expect(data.patient).toBeNull();
  });

  it('creates a patient and a record, and reads both back', async () => {
    const created = await server.ask(
      `mutation ($input: CreatePatientInput!) { createPatient(source: ${source}, input: $input) {
        patient { key firstName lastName dateOfBirth gender contactNumber records { nodes { key } } } } }`,
      { input: { firstName: 'Zoë', lastName: 'O’Sample 😀', dateOfBirth: '2000-02-29', gender: 'UNKNOWN' } },
    );
    expect(created.errors).toBeUndefined();
    const { key, ...patient } = created.data.createPatient.patient;
    expect(patient).toEqual({
      firstName: 'Zoë',
      lastName: 'O’Sample 😀',
      dateOfBirth: '2000-02-29',
      gender: 'UNKNOWN',
      contactNumber: null,
      records: { nodes: [] },
    });
    const added = await server.ask(
      `mutation ($input: AddMedicalRecordInput!) { addMedicalRecord(source: ${source}, input: $input) {
        medicalRecord { diagnosis treatment dischargeDate patient { lastName records { nodes { diagnosis } } } } } }`,
      { input: { patientKey: key, diagnosis: 'Hay fever', admissionDate: '2024-05-01' } },
    );
    expect(added.errors).toBeUndefined();
    expect(added.data.addMedicalRecord.medicalRecord).toEqual({
      diagnosis: 'Hay fever',
      treatment: null,
      dischargeDate: null,
      patient: { lastName: 'O’Sample 😀', records: { nodes: [{ diagnosis: 'Hay fever' }] } },
    });
  });

  it.each([
    ['first: -1', 'first is -1; it can be 0 to 1000.'],
    ['first: 1001', 'first is 1001; it can be 0 to 1000.'],
    ['after: "nonsense"', expect.stringMatching(/^after is not a cursor/)],
    ['after: "WyIra2V5IiwxLDJd"', expect.stringMatching(/^after is not a cursor/)],
  ])('refuses %s by name', async (argument, message) => {
    const { data, errors } = await connection(`patients(SOURCE, ${argument})`, 'nodes { key }');
    expect(data.list).toBeNull();
    expect(errors?.[0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
  });

  it('refuses a day that is not in the calendar', async () => {
    const { status, errors } = await server.ask(
      `mutation { createPatient(source: ${source}, input: { firstName: "A", lastName: "B", dateOfBirth: "2023-02-29", gender: MALE }) { patient { key } } }`,
    );
    expect(status).toBe(400);
    expect(errors?.[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});
