import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessRules, claim, type TablePermission } from '../../src/access/permission.ts';
import type { Doctor } from '../../src/entities/doctor.ts';
import type { MedicalRecord } from '../../src/entities/medical-record.ts';
import type { Patient } from '../../src/entities/patient.ts';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const ownRecords = { doctor: { licenceNumber: { eq: claim('licence') } } };
const rules: AccessRules = {
  roles: {
    doctor: { description: 'A test.' },
    clerk: { description: 'A test.' },
    reader: { description: 'A test.' },
    azure: { description: 'A test.' },
    checker: { description: 'A test.' },
    split: { description: 'A test.' },
  },
  tables: {
    Patient: {
      doctor: { read: { rows: { records: { some: ownRecords } } }, update: { columns: ['contactNumber'] } },
      clerk: {
        read: { rows: { lastName: { eq: claim('family') } } },
        create: { columns: ['firstName', 'dateOfBirth', 'gender'], presets: { lastName: claim('family') } },
        update: { rows: { gender: { eq: 'FEMALE' } } },
        delete: { rows: { gender: { eq: 'FEMALE' } } },
      },
      reader: { read: true },
      azure: { read: true, update: { sources: ['AZURE'], columns: ['contactNumber'] } },
      checker: {
        read: true,
        create: { check: { lastName: { in: claim('families') } } },
        update: { check: { not: { gender: { eq: 'OTHER' } } } },
      },
      split: {
        read: { rowsIn: { AZURE: { gender: { eq: 'FEMALE' } }, GCP: { gender: { eq: claim('gender') } } } },
        update: { rowsIn: { AZURE: { lastName: { eq: 'Nobody' } } } },
      },
    } satisfies Record<string, TablePermission<Patient>>,
    Doctor: {
      doctor: { read: true },
      clerk: { read: { rows: { specialty: { isNull: true } } }, create: true, update: true },
      checker: { read: true },
    } satisfies Record<string, TablePermission<Doctor>>,
    MedicalRecord: {
      doctor: {
        read: { rows: ownRecords },
        create: true,
        update: { columns: ['treatment', 'doctor'] },
        delete: true,
      },
      clerk: { read: { rows: { diagnosis: { eq: 'Admission' } } }, create: true },
      checker: {
        read: true,
        create: { check: ownRecords },
        update: { check: { and: [ownRecords, { diagnosis: { ne: 'Secret' } }] } },
        delete: true,
      },
    } satisfies Record<string, TablePermission<MedicalRecord>>,
  },
};

let databases: TestDatabases;
let server: TestServer;
let doctors: readonly { key: number; licenceNumber: string }[];
let own: number[];
let foreign: number[];

const as = (caller: string, query: string, variables?: Record<string, unknown>) =>
  askAs(server, caller, query, variables);

beforeAll(async () => {
  databases = await createDatabases();
  const plain = await startServer(databases.config);
  await Promise.all(sourceNames.map((name) => seed(plain.sources[name], 40)));
  const { data } = await plain.ask(
    `{ doctors(source: AZURE, first: 2) { nodes { key licenceNumber } }
       medicalRecords(source: AZURE, first: 1000) { nodes { key doctor { licenceNumber } } } }`,
  );
  doctors = data.doctors.nodes;
  const licence = doctors[0]?.licenceNumber;
  const isOwn = ({ doctor }: { doctor: { licenceNumber: string } | null }) =>
    doctor?.licenceNumber === licence;
  const records = data.medicalRecords.nodes;
  own = records.filter(isOwn).map(({ key }: { key: number }) => key);
  foreign = records.filter((record: never) => !isOwn(record)).map(({ key }: { key: number }) => key);
  await plain[Symbol.asyncDispose]();
  const auth = await authFor({
    admin: { roles: ['administrator'] },
    doctor: { roles: ['doctor'], claims: { licence } },
    clerk: { roles: ['clerk'], claims: { family: 'Exampleton' } },
    nameless: { roles: ['clerk'] },
    reader: { roles: ['reader'] },
    azure: { roles: ['azure'] },
    checker: { roles: ['checker'], claims: { licence, families: ['Right', 'Fine'] } },
    claimless: { roles: ['checker'] },
    split: { roles: ['split'], claims: { gender: 'MALE' } },
    splitWrong: { roles: ['split'], claims: { gender: 7 } },
  });
  server = await startServer({ ...databases.config, auth }, { rules });
}, 180_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

const treat = (key: number, treatment: string, expected = '') =>
  `mutation { updateMedicalRecord(source: AZURE, key: ${key}, input: { treatment: "${treatment}" }${expected}) { medicalRecord { key treatment } } }`;
const recordOf = async (key: number) =>
  (await as('admin', `{ medicalRecord(source: AZURE, key: ${key}) { treatment doctor { key } } }`)).data
    .medicalRecord;
const notFound = (key: number, type = 'MedicalRecord') => ({
  code: 'NOT_FOUND',
  message: `AZURE has no ${type} with the key ${key}.`,
});
const errorOf = ({ errors }: { errors?: { message: string; extensions: { code: string } }[] }) =>
  errors?.[0] && { code: errors[0].extensions.code, message: errors[0].message };

describe('a change', () => {
  it('is made to a row that the role may change, and to no other', async () => {
    const [mine, theirs] = [own[0] as number, foreign[0] as number];
    expect((await as('doctor', treat(mine, 'rest'))).data.updateMedicalRecord.medicalRecord).toEqual({
      key: mine,
      treatment: 'rest',
    });
    const before = await recordOf(theirs);
    expect(errorOf(await as('doctor', treat(theirs, 'none')))).toEqual(notFound(theirs));
    expect(errorOf(await as('doctor', treat(999_999, 'none')))).toEqual(notFound(999_999));
    // With an expectation, too: what the row holds would answer it.
    const expected = `, expected: { treatment: ${JSON.stringify(before.treatment)} }`;
    expect(errorOf(await as('doctor', treat(theirs, 'none', expected)))).toEqual(notFound(theirs));
    expect(errorOf(await as('doctor', treat(theirs, 'none', ', expected: { treatment: "x" }')))).toEqual(
      notFound(theirs),
    );
    expect((await recordOf(theirs)).treatment).toBe(before.treatment);
    expect(errorOf(await as('doctor', treat(mine, 'more', ', expected: { treatment: "x" }')))?.code).toBe(
      'CONFLICT',
    );
  });

  it('is undone that would take the row from the role’s sight', async () => {
    const mine = own[1] as number;
    const move = `mutation { updateMedicalRecord(source: AZURE, key: ${mine}, input: { doctorKey: ${doctors[1]?.key} }) { medicalRecord { key } } }`;
    for (const query of [move, move.replace('{ medicalRecord { key } }', '{ __typename }')]) {
      expect(errorOf(await as('doctor', query))).toEqual({
        code: 'FORBIDDEN',
        message: 'You may not write a MedicalRecord that you may not read.',
      });
    }
    expect((await recordOf(mine)).doctor.key).toBe(doctors[0]?.key);
  });

  it('has its own row rule beside that for reading', async () => {
    const create = (first: string, gender: string) =>
      `mutation { createPatient(source: AZURE, input: { firstName: "${first}", dateOfBirth: "1990-01-01", gender: ${gender} }) { patient { key lastName } } }`;
    const { data: one } = await as('clerk', create('Ada', 'FEMALE'));
    const { data: other } = await as('clerk', create('Ben', 'MALE'));
    expect(one.createPatient.patient.lastName).toBe('Exampleton');
    const rename = (key: number) =>
      `mutation { updatePatient(source: AZURE, key: ${key}, input: { firstName: "Eve" }) { patient { firstName } } }`;
    const remove = (key: number) => `mutation { deletePatient(source: AZURE, key: ${key}) { key } }`;
    const man = other.createPatient.patient.key;
    expect(errorOf(await as('clerk', rename(man)))).toEqual(notFound(man, 'Patient'));
    expect(errorOf(await as('clerk', remove(man)))).toEqual(notFound(man, 'Patient'));
    expect(
      (await as('clerk', `{ patient(source: AZURE, key: ${man}) { firstName } }`)).data.patient.firstName,
    ).toBe('Ben');
    const woman = one.createPatient.patient.key;
    expect((await as('clerk', rename(woman))).data.updatePatient.patient.firstName).toBe('Eve');
    expect((await as('clerk', remove(woman))).data.deletePatient.key).toBe(woman);
    expect(errorOf(await as('clerk', remove(woman)))).toEqual(notFound(woman, 'Patient'));
  });

  it('is refused in a source, and for a role, without the permission', async () => {
    const change = (source: string) =>
      `mutation { updatePatient(source: ${source}, key: 1, input: { contactNumber: "1" }) { patient { key } } }`;
    expect((await as('azure', change('AZURE'))).errors).toBeUndefined();
    expect(errorOf(await as('azure', change('GCP')))).toEqual({
      code: 'FORBIDDEN',
      message: 'You may not update Patient rows of GCP.',
    });
    for (const query of [
      change('AZURE'),
      'mutation { deletePatient(source: AZURE, key: 1) { key } }',
      'mutation { createDoctor(source: AZURE, input: { firstName: "a", lastName: "b", licenceNumber: "c" }) { doctor { key } } }',
    ]) {
      expect(errorOf(await as('reader', query))?.code).toBe('GRAPHQL_VALIDATION_FAILED');
    }
    for (const input of ['{ lastName: "x" }', '{ contactNumber: "1", gender: MALE }']) {
      const query = `mutation { updatePatient(source: AZURE, key: 1, input: ${input}) { patient { key } } }`;
      expect(errorOf(await as('doctor', query))?.code).toBe('GRAPHQL_VALIDATION_FAILED');
    }
  });
});

describe('a delete', () => {
  it('reaches no row that the role may not read', async () => {
    const theirs = foreign[1] as number;
    const remove = (key: number) => `mutation { deleteMedicalRecord(source: AZURE, key: ${key}) { key } }`;
    expect(errorOf(await as('doctor', remove(theirs)))).toEqual(notFound(theirs));
    expect(await recordOf(theirs)).not.toBeNull();
    const mine = own.at(-1) as number;
    expect((await as('doctor', remove(mine))).data.deleteMedicalRecord.key).toBe(mine);
    expect(await recordOf(mine)).toBeNull();
  });
});

describe('a new row', () => {
  const add = (patient: number, doctor: number | null) =>
    `mutation { addMedicalRecord(source: AZURE, input: { diagnosis: "Cough", admissionDate: "2025-01-01", patientKey: ${patient}, doctorKey: ${doctor} }) { medicalRecord { key } } }`;
  const count = async () =>
    (await as('admin', '{ medicalRecords(source: AZURE) { totalCount } }')).data.medicalRecords.totalCount;

  it('is connected to rows that the role may read, and must be one that it may read', async () => {
    const { data } = await as('doctor', '{ patients(source: AZURE, first: 1) { nodes { key } } }');
    const { data: all } = await as('admin', '{ patients(source: AZURE, first: 100) { nodes { key } } }');
    const { data: seen } = await as('doctor', '{ patients(source: AZURE, first: 100) { nodes { key } } }');
    const visible = new Set(seen.patients.nodes.map(({ key }: { key: number }) => key));
    const hidden = all.patients.nodes.find(({ key }: { key: number }) => !visible.has(key)).key;
    const patient = data.patients.nodes[0].key;
    const me = doctors[0]?.key as number;
    const before = await count();
    const noPatient = { code: 'NOT_FOUND', message: 'input.patientKey is the key of no Patient.' };
    expect(errorOf(await as('doctor', add(hidden, me)))).toEqual(noPatient);
    expect(errorOf(await as('doctor', add(999_999, me)))).toEqual(noPatient);
    for (const doctor of [doctors[1]?.key as number, null]) {
      expect(errorOf(await as('doctor', add(patient, doctor)))?.code).toBe('FORBIDDEN');
    }
    expect(await count()).toBe(before);
    expect((await as('doctor', add(patient, me))).data.addMedicalRecord.medicalRecord.key).toBeGreaterThan(0);
    expect(await count()).toBe(before + 1);
  });

  it('brings no children along that the role may not read', async () => {
    const create = (diagnosis: string) =>
      `mutation { createPatient(source: AZURE, input: { firstName: "Cy", dateOfBirth: "1990-01-01", gender: OTHER, records: [{ diagnosis: "Admission", admissionDate: "2025-01-01" }, { diagnosis: "${diagnosis}", admissionDate: "2025-01-02" }] }) { patient { records { totalCount } } } }`;
    const before = await count();
    expect(errorOf(await as('clerk', create('Cough')))).toEqual({
      code: 'FORBIDDEN',
      message: 'You may not write a MedicalRecord that you may not read.',
    });
    expect(await count()).toBe(before);
    expect((await as('clerk', create('Admission'))).data.createPatient.patient.records.totalCount).toBe(2);
  });

  it('takes presets from claims, which no input gives', async () => {
    const create = (more = '') =>
      `mutation { createPatients(source: AZURE, inputs: [{ firstName: "Dee", dateOfBirth: "1990-01-01", gender: OTHER${more} }]) { patients { lastName } } }`;
    expect((await as('clerk', create())).data.createPatients.patients).toEqual([{ lastName: 'Exampleton' }]);
    expect(errorOf(await as('clerk', create(', lastName: "Other"')))?.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(errorOf(await as('nameless', create()))?.code).toBe('FORBIDDEN');
  });
});

describe('an error of a write', () => {
  const createDoctor = (licence: string) =>
    `mutation { createDoctor(source: AZURE, input: { firstName: "a", lastName: "b", licenceNumber: "${licence}" }) { doctor { key } } }`;

  it('names no row, column or constraint to a role that does not see everything', async () => {
    const taken = doctors[0]?.licenceNumber as string;
    const refused = {
      code: 'WRITE_REFUSED',
      message: 'The change contradicts rows of AZURE, or a rule of its tables.',
    };
    const answer = await as('clerk', createDoctor(taken));
    expect(errorOf(answer)).toEqual(refused);
    expect(answer.errors?.[0].extensions.fields).toBeUndefined();
    expect(errorOf(await as('admin', createDoctor(taken)))).toMatchObject({ code: 'DUPLICATE' });
    // A patient of whom the clerk sees no record.
    const { data } = await as(
      'admin',
      `mutation { createPatient(source: AZURE, input: { firstName: "Flo", lastName: "Exampleton", dateOfBirth: "1990-01-01", gender: FEMALE, records: [{ diagnosis: "Secret", admissionDate: "2025-01-01" }] }) { patient { key } } }`,
    );
    const { key } = data.createPatient.patient;
    expect(
      (await as('clerk', `{ patient(source: AZURE, key: ${key}) { records { totalCount } } }`)).data.patient
        .records.totalCount,
    ).toBe(0);
    expect(
      errorOf(await as('clerk', `mutation { deletePatient(source: AZURE, key: ${key}) { key } }`)),
    ).toEqual(refused);
  });
});

describe('a rule for the row as it becomes', () => {
  const create = (lastName: string, records = '') =>
    `mutation { createPatient(source: GCP, input: { firstName: "C", lastName: "${lastName}", dateOfBirth: "1990-01-01", gender: MALE${records} }) { patient { key } } }`;
  const refused = { code: 'FORBIDDEN', message: 'You may not make a Patient what this change makes it.' };
  const refusedRecord = {
    ...refused,
    message: 'You may not make a MedicalRecord what this change makes it.',
  };
  const count = async (where: string) =>
    (await as('admin', `{ patients(source: GCP, where: ${where}) { totalCount } }`)).data.patients.totalCount;

  it('lets a row be created that it holds for, and no other', async () => {
    expect((await as('checker', create('Right'))).errors).toBeUndefined();
    expect(errorOf(await as('checker', create('Wrong')))).toEqual(refused);
    expect(errorOf(await as('claimless', create('Right')))).toEqual(refused);
    expect(await count('{ lastName: { eq: "Wrong" } }')).toBe(0);
    expect(await count('{ lastName: { eq: "Right" } }')).toBe(1);
  });

  it('is of each of many rows, and of the rows below', async () => {
    const many = (second: string) =>
      `mutation { createPatients(source: GCP, inputs: [{ firstName: "M", lastName: "Fine", dateOfBirth: "1990-01-01", gender: MALE }, { firstName: "M", lastName: "${second}", dateOfBirth: "1990-01-01", gender: MALE }]) { patients { key } } }`;
    expect(errorOf(await as('checker', many('Wrong')))).toEqual(refused);
    expect((await as('checker', many('Fine'))).data.createPatients.patients).toHaveLength(2);
    const doctor = doctors[0]?.key;
    const other = doctors[1]?.key;
    const record = (doctorKey: unknown) =>
      `, records: [{ diagnosis: "c", admissionDate: "2024-01-01", doctorKey: ${doctorKey} }]`;
    expect(errorOf(await as('checker', create('Right', record(other))))).toEqual(refusedRecord);
    expect(errorOf(await as('checker', create('Right', record(null))))).toEqual(refusedRecord);
    expect((await as('checker', create('Right', record(doctor)))).errors).toBeUndefined();
  });

  it('lets no row be changed into what it does not hold for, whatever the row was', async () => {
    const key = own[0] as number;
    const change = (input: string, of = key) =>
      as(
        'checker',
        `mutation { updateMedicalRecord(source: AZURE, key: ${of}, input: { ${input} }) { medicalRecord { key } } }`,
      );
    const before = await recordOf(key);
    expect(errorOf(await change('diagnosis: "Secret"'))).toEqual(refusedRecord);
    expect(errorOf(await change(`doctorKey: ${doctors[1]?.key}`))).toEqual(refusedRecord);
    expect(errorOf(await change('treatment: "x"', foreign[0]))).toEqual(refusedRecord);
    expect(await recordOf(key)).toEqual(before);
    expect((await change('treatment: "checked"')).errors).toBeUndefined();
    // It is no rule for the row as it was: one of another doctor may be taken over.
    expect((await change(`doctorKey: ${doctors[0]?.key}`, foreign[0])).errors).toBeUndefined();
    expect(
      errorOf(
        await as(
          'checker',
          'mutation { updatePatient(source: AZURE, key: 1, input: { gender: OTHER }) { patient { key } } }',
        ),
      ),
    ).toEqual(refused);
  });
});

describe('a rule of one source', () => {
  it('holds there alone, for reads, writes and comparisons', async () => {
    const genders = async (caller: string, source: string) =>
      new Set(
        (
          await as(caller, `{ patients(source: ${source}, first: 1000) { nodes { gender } } }`)
        ).data.patients.nodes.map(({ gender }: { gender: string }) => gender),
      );
    expect(await genders('split', 'AZURE')).toEqual(new Set(['FEMALE']));
    expect(await genders('split', 'GCP')).toEqual(new Set(['MALE']));
    // A claim of another type makes the rule of that source false, and leaves that of the other.
    expect(await genders('splitWrong', 'GCP')).toEqual(new Set());
    expect(await genders('splitWrong', 'AZURE')).toEqual(new Set(['FEMALE']));
    const { data } = await as(
      'split',
      '{ patientsCompared(first: 1000) { nodes { azure { gender } gcp { gender } } } }',
    );
    for (const { azure, gcp } of data.patientsCompared.nodes) {
      expect(azure?.gender ?? 'FEMALE').toBe('FEMALE');
      expect(gcp?.gender ?? 'MALE').toBe('MALE');
    }
    const keyOf = async (source: string) =>
      (await as('split', `{ patients(source: ${source}, first: 1) { nodes { key } } }`)).data.patients
        .nodes[0].key;
    const change = (source: string, key: number) =>
      as(
        'split',
        `mutation { updatePatient(source: ${source}, key: ${key}, input: { contactNumber: "s" }) { patient { key } } }`,
      );
    const azure = await keyOf('AZURE');
    expect(errorOf(await change('AZURE', azure))).toEqual(notFound(azure, 'Patient'));
    expect((await change('GCP', await keyOf('GCP'))).errors).toBeUndefined();
  });
});
