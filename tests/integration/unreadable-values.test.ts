import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { globalId } from '../../src/reads/global-id.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { putOddRows } from '../helpers/odd-rows.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

let databases: TestDatabases;
/** Once compiled from the second time on, with the fast path; once by graphql-js alone. */
let servers: readonly TestServer[];
beforeAll(async () => {
  databases = await createDatabases();
  await putOddRows(databases.config);
  servers = [
    await startServer(databases.config, { compileAfter: 1 }),
    await startServer(databases.config, { compileAfter: Number.POSITIVE_INFINITY }),
  ];
});
afterAll(async () => {
  for (const server of servers ?? []) await server[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

/** The answer, which is the same each time and from each server. */
async function ask(query: string, variables?: Record<string, unknown>) {
  const answers = [];
  for (const server of servers) {
    for (let time = 0; time < 3; time++) {
      const { status, data, errors } = await server.ask(query, variables);
      answers.push({ status, data, errors });
    }
  }
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  return answers[0] as (typeof answers)[0];
}

const idOf = (key: number, type = 'Patient') => globalId('AZURE', type, key);
const errorsOf = (answer: {
  errors?: readonly { path?: unknown; message: string; extensions: object }[] | undefined;
}) => answer.errors?.map(({ path, message }) => [path, message]);

describe('a value that its field cannot have is an error that names the row, each time, and the rest stands', () => {
  it.each<[string, string, readonly number[]]>([
    ['an item of an enum', 'gender', [2, 3, 8]],
    ['a date', 'dateOfBirth', [4, 5, 6, 8]],
    ['null', 'firstName', [7]],
    ['a key', 'key', [3_000_000_000]],
  ])('in a page: %s', async (_what, field, odd) => {
    const { status, data, errors } = await ask(`{ patients(source: AZURE) { nodes { lastName ${field} } } }`);
    expect(status).toBe(200);
    const keys = [1, 2, 3, 4, 5, 6, 7, 8, 9, 3_000_000_000];
    expect(
      data.patients.nodes
        .map((node: unknown, at: number) => (node === null ? keys[at] : null))
        .filter(Boolean),
    ).toEqual(odd);
    expect(errors).toHaveLength(odd.length);
    for (const [at, key] of odd.entries()) {
      expect(errors?.[at]).toMatchObject({
        path: ['patients', 'nodes', keys.indexOf(key), field],
        message: expect.stringContaining(`The ${field} of Patient ${key} (id ${idOf(key)}) is`),
        extensions: { code: 'UNREADABLE_VALUE', source: 'AZURE', retryable: false },
      });
    }
  });

  it('under another name, and by a fragment', async () => {
    const answer = await ask(
      '{ all: patients(source: AZURE, where: { key: { in: [1, 2] } }) { edges { node { ...F } } } } fragment F on Patient { sex: gender }',
    );
    expect(answer.data).toEqual({ all: { edges: [{ node: { sex: 'FEMALE' } }, { node: null }] } });
    expect(errorsOf(answer)).toEqual([
      [['all', 'edges', 1, 'node', 'sex'], `The gender of Patient 2 (id ${idOf(2)}) is not a Gender.`],
    ]);
  });

  it('is asked of nothing where the field is not asked for', async () => {
    const { data, errors } = await ask('{ patients(source: AZURE, first: 9) { nodes { key lastName } } }');
    expect(errors).toBeUndefined();
    expect(data.patients.nodes).toHaveLength(9);
  });

  it('in one row', async () => {
    const answer = await ask('{ patient(source: AZURE, key: 4) { dateOfBirth } }');
    expect(answer.data).toEqual({ patient: null });
    expect(errorsOf(answer)).toEqual([
      [['patient', 'dateOfBirth'], `The dateOfBirth of Patient 4 (id ${idOf(4)}) is not a LocalDate.`],
    ]);
  });

  it('by id, among others', async () => {
    const answer = await ask(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Patient { gender } ... on MedicalRecord { dischargeDate } } }',
      {
        ids: [idOf(1), idOf(2), idOf(3, 'MedicalRecord'), idOf(4, 'MedicalRecord')],
      },
    );
    expect(answer.data.nodes).toEqual([
      { id: idOf(1), gender: 'FEMALE' },
      null,
      { id: idOf(3, 'MedicalRecord'), dischargeDate: null },
      { id: idOf(4, 'MedicalRecord'), dischargeDate: '2020-01-05' },
    ]);
    expect(errorsOf(answer)).toEqual([
      [['nodes', 1, 'gender'], `The gender of Patient 2 (id ${idOf(2)}) is not a Gender.`],
      [
        ['nodes', 2, 'dischargeDate'],
        expect.stringContaining(`MedicalRecord 3 (id ${idOf(3, 'MedicalRecord')})`),
      ],
    ]);
  });

  it('in a list within a row, which keeps its others', async () => {
    const answer = await ask(
      '{ patients(source: AZURE, first: 1) { nodes { records { nodes { key admissionDate } } } } }',
    );
    expect(answer.data.patients.nodes).toEqual([
      {
        records: {
          nodes: [null, { key: 1, admissionDate: '2020-01-01' }, { key: 6, admissionDate: '2020-01-01' }],
        },
      },
    ]);
    expect(errorsOf(answer)).toEqual([
      [
        ['patients', 'nodes', 0, 'records', 'nodes', 0, 'admissionDate'],
        expect.stringContaining('MedicalRecord 2 '),
      ],
    ]);
  });

  it('in the row that another belongs to, which takes that along where there must be one', async () => {
    const answer = await ask(
      '{ medicalRecords(source: AZURE, where: { key: { in: [3, 4, 8] } }) { nodes { key patient { gender } } } }',
    );
    expect(answer.data.medicalRecords.nodes).toEqual([
      null,
      { key: 4, patient: { gender: 'MALE' } },
      { key: 8, patient: { gender: 'UNKNOWN' } },
    ]);
    expect(errorsOf(answer)).toEqual([
      [['medicalRecords', 'nodes', 0, 'patient', 'gender'], expect.stringContaining('Patient 2 ')],
    ]);
  });

  it('and so is a row that must be there, and is not', async () => {
    const answer = await ask(
      '{ medicalRecords(source: AZURE, where: { key: { in: [5, 6] } }) { nodes { key patient { lastName } doctor { lastName } } } }',
    );
    expect(answer.data.medicalRecords.nodes).toEqual([
      null,
      { key: 6, patient: { lastName: 'First' }, doctor: null },
    ]);
    expect(errorsOf(answer)).toEqual([
      [
        ['medicalRecords', 'nodes', 0, 'patient'],
        `The patient of MedicalRecord 5 (id ${idOf(5, 'MedicalRecord')}) is not there, which it must be.`,
      ],
    ]);
  });

  it('in least and greatest values, and in what groups have in common', async () => {
    const answer = await ask(
      '{ patientsAggregate(source: AZURE, where: { key: { in: [1, 2, 3] } }) { count min { gender lastName } max { gender } } }',
    );
    expect(answer.data.patientsAggregate).toEqual([
      {
        count: 3,
        min: { gender: null, lastName: 'Added' },
        max: { gender: expect.toSatisfy((it) => it === null || it === 'FEMALE') },
      },
    ]);
    const grouped = await ask(
      '{ patientsAggregate(source: AZURE, groupBy: [gender], where: { key: { lt: 9 } }) { count group { gender } } }',
    );
    expect(
      grouped.data.patientsAggregate.map(({ group }: { group: { gender: unknown } }) => group.gender),
    ).toEqual([null, 'FEMALE', 'MALE', 'OTHER', null]);
    expect(grouped.errors?.map(({ path, extensions }) => [path, extensions.code, extensions.source])).toEqual(
      [
        [['patientsAggregate', 0, 'group', 'gender'], 'UNREADABLE_VALUE', 'AZURE'],
        [['patientsAggregate', 4, 'group', 'gender'], 'UNREADABLE_VALUE', 'AZURE'],
      ],
    );
    const days = await ask(
      '{ patientsAggregate(source: AZURE) { min { dateOfBirth } max { dateOfBirth key } } }',
    );
    expect(days.data.patientsAggregate).toEqual([
      { min: { dateOfBirth: null }, max: { dateOfBirth: null, key: null } },
    ]);
  });

  it('in what a mutation answers with, which has been made', async () => {
    for (const [at, server] of servers.entries()) {
      for (let time = 0; time < 3; time++) {
        const contactNumber = `${at}-${time}`;
        const { errors } = await server.ask(
          'mutation ($n: String) { updatePatient(source: AZURE, key: 3, input: { contactNumber: $n }) { patient { key gender } } }',
          { n: contactNumber },
        );
        expect(errors).toHaveLength(1);
        expect(errors?.[0].extensions).toMatchObject({ retryable: false });
        expect(errors?.[0].extensions.code).toMatch(/^(UNREADABLE_VALUE|PAYLOAD_UNAVAILABLE)$/);
        const { data } = await server.ask('{ patient(source: AZURE, key: 3) { contactNumber } }');
        expect(data.patient.contactNumber).toBe(contactNumber);
      }
    }
  });

  it('and is no place in a list that is left out: pages go past it', async () => {
    for (const order of ['dateOfBirth', 'lastName', 'firstName']) {
      const seen: string[] = [];
      let after: string | null = null;
      do {
        const { data, errors } = await ask(
          `query ($after: String) { patients(source: AZURE, first: 2, after: $after, orderBy: [{ ${order}: ASC }]) { nodes { lastName } pageInfo { endCursor hasNextPage } } }`,
          { after },
        );
        expect(errors).toBeUndefined();
        seen.push(...data.patients.nodes.map(({ lastName }: { lastName: string }) => lastName));
        after = data.patients.pageInfo.hasNextPage ? data.patients.pageInfo.endCursor : null;
      } while (after !== null);
      expect(new Set(seen).size).toBe(10);
      expect(seen).toHaveLength(10);
    }
  });

  it('and says nothing of the value, to the client or in the log', async () => {
    const { errors } = await ask('{ patients(source: AZURE) { nodes { gender } } }');
    expect(JSON.stringify(errors)).not.toMatch(/NEW/);
    for (const { log } of servers) {
      const lines = log.filter((line) => line.includes('UNREADABLE_VALUE')).map((line) => JSON.parse(line));
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) expect(line).toMatchObject({ level: 40, code: 'UNREADABLE_VALUE' });
      expect(lines.map((line) => JSON.stringify(line)).join()).not.toMatch(/NEW|0000-00-00/);
    }
  });
});

describe('more than a thousand of them in one answer', () => {
  const tooMany = {
    message:
      'The answer has more than 1000 values that cannot be read; ask for fewer rows, or leave such fields out.',
    extensions: expect.objectContaining({ code: 'OPERATION_TOO_COMPLEX', limit: 'unreadable' }),
  };
  const records = (first: number, fields = 'dischargeDate') =>
    `{ medicalRecords(source: AZURE, where: { doctor: { key: { eq: 77 } } }, first: ${first}) { nodes { ${fields} } } }`;

  beforeAll(async () => {
    const { AZURE } = databases.config.databases;
    const connection = await connect(AZURE, AZURE.migrator);
    for (const sql of [
      "set session sql_mode = '', foreign_key_checks = 0, cte_max_recursion_depth = 2000",
      "insert into doctors values (77, 'Of', 'Many', null, 'M77')",
      `insert into medical_records (patient_id, diagnosis, admission_date, discharge_date, doctor_id)
        with recursive n (i) as (select 1 union all select i + 1 from n where i < 1001)
        select 9, 'x', '2020-01-01', '0000-00-00', 77 from n`,
    ]) {
      await connection.query(sql);
    }
    connection.destroy();
  });

  it('are a thousand errors, and no further one', async () => {
    const { data, errors } = await ask(records(1000));
    expect(data.medicalRecords.nodes).toHaveLength(1000);
    expect(errors).toHaveLength(1000);
  });

  it.each([
    ['of one field', records(1000, 'dischargeDate a: dischargeDate')],
    [
      'of the rows of a row',
      '{ doctor(source: AZURE, key: 77) { records(first: 1000) { nodes { dischargeDate a: dischargeDate } } } }',
    ],
  ])(
    'are one error, and no data beside it that would say null of what is not null: %s',
    async (_which, query) => {
      const { data, errors } = await ask(query);
      expect({ data, errors }).toEqual({ data: null, errors: [tooMany] });
    },
  );

  it('leave a mutation made, and its error says so', async () => {
    const { data, errors } = await ask(
      'mutation { made: updateDoctor(source: AZURE, key: 77, input: { firstName: "Still" }) { doctor { records(first: 1000) { nodes { dischargeDate a: dischargeDate } } } } }',
    );
    expect(data).toBeNull();
    expect(errors).toEqual([
      expect.objectContaining({
        path: ['made'],
        extensions: expect.objectContaining({ code: 'PAYLOAD_UNAVAILABLE', keys: [77], retryable: false }),
      }),
    ]);
  });
});
