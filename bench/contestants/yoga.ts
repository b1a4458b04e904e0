// GraphQL Yoga with Pothos and Drizzle, each as its documentation shows it, and DataLoader for the records.
import { createServer } from 'node:http';
import SchemaBuilder from '@pothos/core';
import DataLoader from 'dataloader';
import { and, asc, count, eq, gt, inArray, like } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/mysql2';
import { createYoga } from 'graphql-yoga';
import { openPools, port, type Source } from './support/pools.ts';
import { medicalRecords, patients } from './support/tables.ts';

type Patient = typeof patients.$inferSelect & { readonly source: Source };
type MedicalRecord = typeof medicalRecords.$inferSelect;
interface Context {
  readonly records: Record<Source, DataLoader<number, MedicalRecord[]>>;
}

const pools = openPools();
const databases = { AZURE: drizzle({ client: pools.AZURE }), GCP: drizzle({ client: pools.GCP }) };

const sourced = (source: Source) => (row: typeof patients.$inferSelect) => ({ ...row, source });

const recordsLoader = (source: Source) =>
  new DataLoader(async (keys: readonly number[]) => {
    const rows = await databases[source]
      .select()
      .from(medicalRecords)
      .where(inArray(medicalRecords.patient, [...keys]))
      .orderBy(asc(medicalRecords.patient), asc(medicalRecords.admissionDate), asc(medicalRecords.key));
    const lists = new Map<number, MedicalRecord[]>(keys.map((key) => [key, []]));
    for (const row of rows) lists.get(row.patient)?.push(row);
    return keys.map((key) => lists.get(key) as MedicalRecord[]);
  });

const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  Objects: { Patient: Patient; MedicalRecord: MedicalRecord };
}>({ defaultFieldNullability: false });

const SourceEnum = builder.enumType('Source', { values: ['AZURE', 'GCP'] as const });
const Gender = builder.enumType('Gender', { values: ['FEMALE', 'MALE', 'OTHER', 'UNKNOWN'] as const });

const MedicalRecordType = builder.objectType('MedicalRecord', {
  fields: (t) => ({
    diagnosis: t.exposeString('diagnosis'),
    treatment: t.exposeString('treatment', { nullable: true }),
    admissionDate: t.exposeString('admissionDate'),
    dischargeDate: t.exposeString('dischargeDate', { nullable: true }),
  }),
});

const PatientType = builder.objectType('Patient', {
  fields: (t) => ({
    key: t.exposeInt('key'),
    firstName: t.exposeString('firstName'),
    lastName: t.exposeString('lastName'),
    dateOfBirth: t.exposeString('dateOfBirth'),
    gender: t.expose('gender', { type: Gender }),
    contactNumber: t.exposeString('contactNumber', { nullable: true }),
    records: t.field({
      type: [MedicalRecordType],
      resolve: ({ key, source }, _, { records }) => records[source].load(key),
    }),
  }),
});

const PatientPage = builder.objectRef<{ nodes: Patient[] }>('PatientPage').implement({
  fields: (t) => ({ nodes: t.field({ type: [PatientType], resolve: ({ nodes }) => nodes }) }),
});
const NamedPatients = builder.objectRef<{ totalCount: number; nodes: Patient[] }>('NamedPatients').implement({
  fields: (t) => ({
    totalCount: t.exposeInt('totalCount'),
    nodes: t.field({ type: [PatientType], resolve: ({ nodes }) => nodes }),
  }),
});
const CreatePatientPayload = builder.objectRef<{ patient: Patient }>('CreatePatientPayload').implement({
  fields: (t) => ({ patient: t.field({ type: PatientType, resolve: ({ patient }) => patient }) }),
});
const CreatePatientInput = builder.inputType('CreatePatientInput', {
  fields: (t) => ({
    firstName: t.string({ required: true }),
    lastName: t.string({ required: true }),
    dateOfBirth: t.string({ required: true }),
    gender: t.field({ type: Gender, required: true }),
    contactNumber: t.string(),
  }),
});

async function onePatient(source: Source, key: number): Promise<Patient | null> {
  const rows = await databases[source].select().from(patients).where(eq(patients.key, key));
  return rows.map(sourced(source))[0] ?? null;
}

builder.queryType({
  fields: (t) => ({
    patients: t.field({
      type: PatientPage,
      nullable: true,
      args: {
        source: t.arg({ type: SourceEnum, required: true }),
        first: t.arg.int({ required: true }),
        after: t.arg.int(),
      },
      async resolve(_, { source, first, after }) {
        const rows = await databases[source]
          .select()
          .from(patients)
          .where(and(gt(patients.key, after ?? 0)))
          .orderBy(asc(patients.key))
          .limit(first);
        return { nodes: rows.map(sourced(source)) };
      },
    }),
    patient: t.field({
      type: PatientType,
      nullable: true,
      args: { source: t.arg({ type: SourceEnum, required: true }), key: t.arg.int({ required: true }) },
      resolve: (_, { source, key }) => onePatient(source, key),
    }),
    patientsNamed: t.field({
      type: NamedPatients,
      nullable: true,
      args: {
        source: t.arg({ type: SourceEnum, required: true }),
        prefix: t.arg.string({ required: true }),
        first: t.arg.int({ required: true }),
      },
      async resolve(_, { source, prefix, first }) {
        const where = like(patients.lastName, `${prefix}%`);
        const [rows, [counted]] = await Promise.all([
          databases[source]
            .select()
            .from(patients)
            .where(where)
            .orderBy(asc(patients.dateOfBirth), asc(patients.key))
            .limit(first),
          databases[source].select({ count: count() }).from(patients).where(where),
        ]);
        return { totalCount: counted?.count ?? 0, nodes: rows.map(sourced(source)) };
      },
    }),
  }),
});

builder.mutationType({
  fields: (t) => ({
    createPatient: t.field({
      type: CreatePatientPayload,
      nullable: true,
      args: {
        source: t.arg({ type: SourceEnum, required: true }),
        input: t.arg({ type: CreatePatientInput, required: true }),
      },
      async resolve(_, { source, input }) {
        const [{ insertId }] = await databases[source].insert(patients).values(input);
        return { patient: (await onePatient(source, insertId)) as Patient };
      },
    }),
  }),
});

const yoga = createYoga({
  schema: builder.toSchema(),
  context: (): Context => ({ records: { AZURE: recordsLoader('AZURE'), GCP: recordsLoader('GCP') } }),
  logging: false,
  graphiql: false,
  landingPage: false,
});
createServer(yoga).listen(port, '127.0.0.1');
