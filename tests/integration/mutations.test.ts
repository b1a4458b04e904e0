import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourceNames } from '../../src/source-name.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { startSeededServer, type TestServer } from '../helpers/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startSeededServer(5);
});
afterAll(() => server?.[Symbol.asyncDispose]());

const person = { firstName: 'Ada', lastName: 'Exampleton', dateOfBirth: '1990-02-28', gender: 'FEMALE' };
const stay = { diagnosis: 'Hay fever', admissionDate: '2024-05-01' };
const numbered = (count: number, prefix = 'P') =>
  Array.from({ length: count }, (_, n) => ({ ...person, firstName: `${prefix}${n}` }));

const patientFields = 'key firstName lastName dateOfBirth gender contactNumber';
const recordFields = 'key diagnosis treatment admissionDate dischargeDate patient { key }';

describe.each(sourceNames)('%s', (source) => {
  type Mutation = readonly [name: string, type: string, payload: string];
  const createPatient: Mutation = ['createPatient', 'CreatePatientInput!', `patient { ${patientFields} }`];
  const createPatients: Mutation = [
    'createPatients',
    '[CreatePatientInput!]!',
    'patients { key firstName records { nodes { diagnosis } } }',
  ];
  const addRecord: Mutation = [
    'addMedicalRecord',
    'AddMedicalRecordInput!',
    `medicalRecord { ${recordFields} }`,
  ];
  const addRecords: Mutation = [
    'addMedicalRecords',
    '[AddMedicalRecordInput!]!',
    `medicalRecords { ${recordFields} }`,
  ];

  async function create([name, type, payload]: Mutation, input: unknown) {
    const argument = type.startsWith('[') ? 'inputs' : 'input';
    const { data, errors } = await server.ask(
      `mutation ($input: ${type}) { ${name}(source: ${source}, ${argument}: $input) { ${payload} } }`,
      { input },
    );
    return { answer: data?.[name], error: errors?.[0], errors };
  }

  async function update(name: 'Patient' | 'MedicalRecord', key: number, input: object, expected?: object) {
    const [field, fields] = name === 'Patient' ? ['patient', patientFields] : ['medicalRecord', recordFields];
    const { data, errors } = await server.ask(
      `mutation ($key: Int!, $input: Update${name}Input!, $expected: Update${name}Input) {
        update${name}(source: ${source}, key: $key, input: $input, expected: $expected) { ${field} { ${fields} } } }`,
      { key, input, expected },
    );
    return { row: data[`update${name}`]?.[field as string], error: errors?.[0], errors };
  }

  async function remove(name: 'Patient' | 'MedicalRecord', key: number) {
    const { data, errors } = await server.ask(
      `mutation { delete${name}(source: ${source}, key: ${key}) { key id } }`,
    );
    return { deleted: data[`delete${name}`], error: errors?.[0] };
  }

  const newPatient = async (input: object = {}) =>
    (await create(createPatient, { ...person, ...input })).answer.patient;
  const newRecord = async (input: object) =>
    (await create(addRecord, { ...stay, ...input })).answer.medicalRecord;
  const read = async (key: number) =>
    (await server.ask(`{ patient(source: ${source}, key: ${key}) { ${patientFields} } }`)).data.patient;
  const countPatients = async () => {
    const [row] = await server.sources[source].read((em) =>
      em.execute<{ count: number }[]>('select count(*) as count from patients'),
    );
    return row?.count;
  };

  const verbs = (statements: readonly string[]) =>
    statements.map((sql) => sql.split(' ', 1)[0]?.toLowerCase());
  const statements = (work: () => Promise<unknown>) => statementsOf(server.sources[source], work);

  describe('creating', () => {
    it('writes a patient in one insert and reads the payload in one select', async () => {
      const sent = await statements(() => newPatient());
      expect(verbs(sent)).toEqual(['insert', 'select']);
    });

    it('writes a patient with the records in the input, in one transaction', async () => {
      const payload =
        'patient { firstName records { nodes { diagnosis dischargeDate patient { firstName } } } }';
      const sent = await statements(async () => {
        const { answer, errors } = await create(['createPatient', 'CreatePatientInput!', payload], {
          ...person,
          records: [
            { ...stay, diagnosis: 'Second', admissionDate: '2024-06-02' },
            { ...stay, diagnosis: 'First', dischargeDate: '2024-05-03' },
          ],
        });
        expect(errors).toBeUndefined();
        const patient = { firstName: 'Ada' };
        expect(answer.patient).toEqual({
          ...patient,
          records: {
            nodes: [
              { diagnosis: 'First', dischargeDate: '2024-05-03', patient },
              { diagnosis: 'Second', dischargeDate: null, patient },
            ],
          },
        });
      });
      expect(verbs(sent)).toEqual(['begin', 'insert', 'insert', 'select', 'select', 'commit']);
    });

    it('writes a hundred patients with three records each in six statements', async () => {
      const inputs = numbered(100).map((patient) => ({
        ...patient,
        records: ['a', 'b', 'c'].map((letter) => ({ ...stay, diagnosis: `${patient.firstName}${letter}` })),
      }));
      const sent = await statements(async () => {
        const { answer, errors } = await create(createPatients, inputs);
        expect(errors).toBeUndefined();
        expect(answer.patients).toEqual(
          inputs.map(({ firstName, records }) => ({
            key: expect.any(Number),
            firstName,
            records: { nodes: records.map(({ diagnosis }) => ({ diagnosis })) },
          })),
        );
      });
      expect(verbs(sent)).toEqual(['start', 'insert', 'select', 'insert', 'select', 'commit']);
    });

    it('answers in the order of the inputs, also beside other writers', async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, writer) => create(createPatients, numbered(40, `W${writer}-`))),
      );
      for (const [writer, { answer }] of answers.entries()) {
        expect(answer.patients.map(({ firstName }: { firstName: string }) => firstName)).toEqual(
          numbered(40, `W${writer}-`).map(({ firstName }) => firstName),
        );
      }
    });

    it('takes a thousand rows, an empty list without a statement, and refuses 1001', async () => {
      expect((await create(createPatients, numbered(1000))).answer.patients).toHaveLength(1000);
      const before = await countPatients();
      const sent = await statements(async () => {
        expect(await create(createPatients, [])).toMatchObject({ answer: { patients: [] } });
        const { answer, error } = await create(createPatients, numbered(1001));
        expect(answer).toBeNull();
        expect(error).toMatchObject({
          message: 'inputs takes at most 1000 rows, has 1001.',
          extensions: { code: 'BAD_USER_INPUT' },
        });
      });
      expect(sent).toEqual([]);
      expect(await countPatients()).toBe(before);
    });

    it('counts the rows of a list each time that it is named', async () => {
      const patients = Array.from(
        { length: 11 },
        () =>
          '{ firstName: "A", lastName: "B", dateOfBirth: "2000-01-01", gender: OTHER, records: $records }',
      );
      const { errors } = await server.ask(
        `mutation ($records: [CreatePatientRecordInput!]) {
          createPatients(source: ${source}, inputs: [${patients}]) { patients { key } } }`,
        { records: Array.from({ length: 1000 }, () => stay) },
      );
      expect(errors?.[0].message).toBe('inputs takes at most 10000 rows with those inside them, has 11011.');
    });

    it('writes all of a list or none of it', async () => {
      const before = await countPatients();
      const records = [{ ...stay, dischargeDate: '2024-04-30' }];
      const { answer, error } = await create(createPatients, [person, { ...person, records }]);
      expect(answer).toBeNull();
      expect(error.extensions.code).toBe('CHECK_FAILED');
      expect(await countPatients()).toBe(before);
    });

    it('names every value that cannot be, by its path, before the database hears of any', async () => {
      const sent = await statements(async () => {
        const { answer, error } = await create(createPatients, [
          person,
          {
            ...person,
            firstName: '😀'.repeat(51),
            lastName: ' \t',
            contactNumber: '',
            records: [stay, { ...stay, diagnosis: 'x'.repeat(101), treatment: 'y'.repeat(201) }],
          },
        ]);
        expect(answer).toBeNull();
        expect(error).toEqual({
          message: 'inputs.1.firstName takes at most 50 characters, has 51 (and 4 more, in fields).',
          locations: expect.anything(),
          path: ['createPatients'],
          extensions: {
            code: 'BAD_USER_INPUT',
            source,
            remedy: expect.any(String),
            retryable: false,
            fields: [
              { path: 'inputs.1.firstName', message: 'takes at most 50 characters, has 51' },
              { path: 'inputs.1.lastName', message: 'cannot be blank' },
              {
                path: 'inputs.1.contactNumber',
                message: 'cannot be blank: null says that there is none',
              },
              { path: 'inputs.1.records.1.diagnosis', message: 'takes at most 100 characters, has 101' },
              { path: 'inputs.1.records.1.treatment', message: 'takes at most 200 characters, has 201' },
            ],
          },
        });
      });
      expect(sent).toEqual([]);
    });

    it('counts characters as the column does: fifty emojis fit', async () => {
      const firstName = '😀'.repeat(50);
      expect((await newPatient({ firstName })).firstName).toBe(firstName);
    });

    it('writes and expects text as it is, whatever it looks like', async () => {
      const text = `'; -- ? ?? :a \\ " \0 % $1`;
      const { key, firstName } = await newPatient({ firstName: text });
      expect(firstName).toBe(text);
      const { row } = await update('Patient', key, { lastName: text }, { firstName: text });
      expect(row).toMatchObject({ firstName: text, lastName: text });
    });

    it('names the records whose patient is not there', async () => {
      const single = await create(addRecord, { ...stay, patientKey: 999_999 });
      expect(single.error).toMatchObject({
        message: 'input.patientKey is the key of no Patient.',
        extensions: {
          code: 'NOT_FOUND',
          source,
          fields: [{ path: 'input.patientKey', message: 'is the key of no Patient' }],
        },
      });
      const { answer, error } = await create(
        addRecords,
        [1, 999_999, 2, 0].map((patientKey) => ({ ...stay, patientKey })),
      );
      expect(answer).toBeNull();
      expect(error.extensions.fields.map(({ path }: { path: string }) => path)).toEqual([
        'inputs.1.patientKey',
        'inputs.3.patientKey',
      ]);
    });

    it('adds records of several patients, and reads them back in the order of the inputs', async () => {
      const patients = [await newPatient(), await newPatient()];
      const sent = await statements(async () => {
        const { answer } = await create(
          addRecords,
          patients.map(({ key }, n) => ({ ...stay, patientKey: key, treatment: `t${n}` })),
        );
        expect(answer.medicalRecords).toEqual(
          patients.map(({ key }, n) => ({
            ...stay,
            key: expect.any(Number),
            treatment: `t${n}`,
            dischargeDate: null,
            patient: { key },
          })),
        );
      });
      expect(verbs(sent)).toEqual(['start', 'insert', 'select', 'select', 'commit']);
    });

    it('says the rule that the values contradict, and no value', async () => {
      const { answer, errors, error } = await create(addRecord, {
        ...stay,
        patientKey: 1,
        diagnosis: 'canary',
        dischargeDate: '2024-04-30',
      });
      expect(answer).toBeNull();
      expect(error).toMatchObject({
        message:
          'The values contradict the rule medical_records_discharge_date_check: dischargeDate is null or dischargeDate >= admissionDate.',
        extensions: {
          code: 'CHECK_FAILED',
          source,
          fields: [{ path: 'dischargeDate' }, { path: 'admissionDate' }],
        },
      });
      expect(JSON.stringify(errors)).not.toMatch(/canary|insert|2024/);
    });
  });

  describe('updating', () => {
    it('sets the given columns alone, in one statement', async () => {
      const patient = await newPatient({ contactNumber: '555-0100' });
      const sent = await statements(async () => {
        const { row, errors } = await update('Patient', patient.key, { lastName: 'Married' });
        expect(errors).toBeUndefined();
        expect(row).toEqual({ ...patient, lastName: 'Married' });
      });
      expect(verbs(sent)).toEqual(['update', 'select']);
      expect(sent[0]).toBe('update `patients` set `last_name` = ? where `id` = ?');
    });

    it('sets null where null is given, and leaves what is not given', async () => {
      const patient = await newPatient({ contactNumber: '555-0100' });
      const { row } = await update('Patient', patient.key, { contactNumber: null });
      expect(row).toEqual({ ...patient, contactNumber: null });
    });

    it('leaves out a field whose variable is not given', async () => {
      const { key } = await newPatient({ contactNumber: '555-0100' });
      const { data } = await server.ask(
        `mutation ($number: String, $name: String) { updatePatient(source: ${source}, key: ${key}, input: { firstName: $name, contactNumber: $number }) {
          patient { firstName contactNumber } } }`,
        { name: 'Bea' },
      );
      expect(data.updatePatient.patient).toEqual({ firstName: 'Bea', contactNumber: '555-0100' });
    });

    it('is content where the row holds the values already', async () => {
      const patient = await newPatient();
      const { row } = await update('Patient', patient.key, { firstName: patient.firstName });
      expect(row).toEqual(patient);
    });

    it.each([
      [{}, 'input', 'has no field to change'],
      [{ firstName: null }, 'input.firstName', 'cannot be null'],
      [{ lastName: ' ' }, 'input.lastName', 'cannot be blank'],
      [{ contactNumber: '5'.repeat(21) }, 'input.contactNumber', 'takes at most 20 characters, has 21'],
    ])('refuses %o', async (input, path, message) => {
      const sent = await statements(async () => {
        const { row, error } = await update('Patient', 1, input);
        expect(row).toBeUndefined();
        expect(error).toMatchObject({
          message: `${path} ${message}.`,
          extensions: { code: 'BAD_USER_INPUT', fields: [{ path, message }] },
        });
      });
      expect(sent).toEqual([]);
    });

    it('moves a record to another patient, who has to be there', async () => {
      const [from, to] = [await newPatient(), await newPatient()];
      const { key } = await newRecord({ patientKey: from.key });
      expect((await update('MedicalRecord', key, { patientKey: to.key })).row.patient).toEqual({
        key: to.key,
      });
      expect((await update('MedicalRecord', key, { patientKey: 999_999 })).error.extensions).toMatchObject({
        code: 'NOT_FOUND',
        fields: [{ path: 'input.patientKey', message: 'is the key of no Patient' }],
      });
      const { error } = await update('MedicalRecord', key, { dischargeDate: '1999-01-01' });
      expect(error.extensions.code).toBe('CHECK_FAILED');
    });

    it('says that the row is not there, also where something is expected of it', async () => {
      for (const expected of [undefined, { firstName: 'x' }]) {
        const { error } = await update('Patient', 999_999, { firstName: 'x' }, expected);
        expect(error).toMatchObject({
          message: `${source} has no Patient with the key 999999.`,
          extensions: { code: 'NOT_FOUND', source },
        });
      }
    });
  });

  describe('expecting', () => {
    it('changes a row that holds what is expected, in the same one statement', async () => {
      const { key, ...values } = await newPatient();
      const sent = await statements(async () => {
        const { row } = await update('Patient', key, { contactNumber: '555-0101' }, values);
        expect(row).toEqual({ key, ...values, contactNumber: '555-0101' });
      });
      expect(verbs(sent)).toEqual(['update', 'select']);
    });

    it.each([
      [{ firstName: 'Eve' }, ['firstName']],
      [{ firstName: 'ada' }, ['firstName']],
      [{ firstName: 'Ada ' }, ['firstName']],
      [{ lastName: 'Exampletön' }, ['lastName']],
      [{ contactNumber: '555-0100' }, ['contactNumber']],
      [{ gender: 'MALE', dateOfBirth: '1990-02-27', firstName: 'Ada' }, ['dateOfBirth', 'gender']],
      [{ firstName: null }, ['firstName']],
    ])('changes nothing where %o is expected and not held', async (expected, fields) => {
      const patient = await newPatient();
      const { row, error } = await update('Patient', patient.key, { lastName: 'Lost' }, expected);
      expect(row).toBeUndefined();
      expect(error.extensions).toEqual({
        code: 'CONFLICT',
        source,
        remedy: expect.stringContaining('Read the row again'),
        retryable: false,
        fields: fields.map((field) => ({
          path: `expected.${field}`,
          message: 'differs from what the source holds',
        })),
      });
      expect(await read(patient.key)).toEqual(patient);
    });

    it('takes null for null, and not for a value', async () => {
      const without = await newPatient();
      const withNumber = await newPatient({ contactNumber: '555-0100' });
      const expected = { contactNumber: null };
      expect((await update('Patient', without.key, { firstName: 'Bea' }, expected)).row.firstName).toBe(
        'Bea',
      );
      const { error } = await update('Patient', withNumber.key, { firstName: 'Bea' }, expected);
      expect(error.extensions.code).toBe('CONFLICT');
    });

    it('compares the patient of a record by key', async () => {
      const { key } = await newPatient();
      const record = await newRecord({ patientKey: key });
      const right = await update('MedicalRecord', record.key, { treatment: 'Tea' }, { patientKey: key });
      expect(right.row.treatment).toBe('Tea');
      const wrong = await update('MedicalRecord', record.key, { treatment: 'No' }, { patientKey: 1 });
      expect(wrong.error.extensions.fields).toMatchObject([{ path: 'expected.patientKey' }]);
    });

    it('lets one of many win who read the same row', async () => {
      const { key } = await newPatient({ contactNumber: '0' });
      const answers = await Promise.all(
        Array.from({ length: 15 }, (_, n) =>
          update('Patient', key, { contactNumber: `${n + 1}` }, { contactNumber: '0' }),
        ),
      );
      const winners = answers.filter(({ error }) => error === undefined);
      expect(winners).toHaveLength(1);
      expect(answers.flatMap(({ error }) => error?.extensions.code ?? [])).toEqual(
        Array.from({ length: 14 }, () => 'CONFLICT'),
      );
      expect((await read(key)).contactNumber).toBe(winners[0]?.row.contactNumber);
    });

    it('tells a row that vanishes from one that changes, whichever way the race goes', async () => {
      const patients = await Promise.all(Array.from({ length: 8 }, () => newPatient()));
      await Promise.all(
        patients.map(async ({ key }) => {
          const [{ error, row }, { deleted }] = await Promise.all([
            update('Patient', key, { firstName: 'Late' }, { firstName: 'Ada' }),
            remove('Patient', key),
          ]);
          expect(deleted).toMatchObject({ key });
          expect([undefined, 'NOT_FOUND']).toContain(error?.extensions.code);
          if (error === undefined) expect(row.firstName).toBe('Late');
        }),
      );
    });
  });

  describe('deleting', () => {
    it('answers with the key and the id of what is gone', async () => {
      const { key } = await newPatient();
      const { data } = await server.ask(`{ patient(source: ${source}, key: ${key}) { id } }`);
      const sent = await statements(async () => {
        expect((await remove('Patient', key)).deleted).toEqual({ key, id: data.patient.id });
      });
      expect(verbs(sent)).toEqual(['delete']);
      expect(await read(key)).toBeNull();
      expect((await remove('Patient', key)).error.extensions).toMatchObject({ code: 'NOT_FOUND', source });
    });

    it('keeps a patient who has records, until they are deleted', async () => {
      const patient = await newPatient();
      const record = await newRecord({ patientKey: patient.key });
      const { deleted, error } = await remove('Patient', patient.key);
      expect(deleted).toBeNull();
      expect(error).toMatchObject({
        message: 'There are MedicalRecord rows that refer to this one by patientKey.',
        extensions: { code: 'REFERENCED', source, remedy: expect.stringContaining('Delete') },
      });
      expect(await read(patient.key)).toEqual(patient);
      expect((await remove('MedicalRecord', record.key)).deleted).toMatchObject({ key: record.key });
      expect((await remove('Patient', patient.key)).deleted).toMatchObject({ key: patient.key });
    });
  });
});

it('answers the example of docs/writes.md as it is there', async () => {
  const blocks = [...readFileSync('docs/writes.md', 'utf8').matchAll(/```(graphql|json)\n(.*?)```/gs)];
  const [query, answer] = blocks.slice(-2).map(([, , text]) => text as string);
  const { data, errors } = await server.ask(query as string);
  expect(data).toEqual({ createPatient: null });
  expect(errors).toEqual([JSON.parse(answer as string)]);
});

describe('several mutations in one operation', () => {
  it('stand or fall each for itself, one after the other', async () => {
    const patient = '{ firstName: "A", lastName: "B", dateOfBirth: "2000-01-01", gender: OTHER }';
    const { data, errors } = await server.ask(`mutation {
      azure: createPatient(source: AZURE, input: ${patient}) { patient { source } }
      none: deletePatient(source: AZURE, key: 999999) { key }
      gcp: createPatient(source: GCP, input: ${patient}) { patient { source } }
    }`);
    expect(data).toEqual({
      azure: { patient: { source: 'AZURE' } },
      none: null,
      gcp: { patient: { source: 'GCP' } },
    });
    expect(errors).toMatchObject([{ path: ['none'], extensions: { code: 'NOT_FOUND' } }]);
  });
});
