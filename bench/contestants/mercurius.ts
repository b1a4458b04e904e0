// Mercurius, the fastest well-known GraphQL server for fastify: JIT on, hand-written SQL, its own loaders.
import fastify from 'fastify';
import mercurius from 'mercurius';
import { openPools, port } from './support/pools.ts';
import { type PatientRow, patientQueries } from './support/queries.ts';
import { typeDefinitions } from './support/schema.ts';

type Sourced<T> = T & { readonly source: 'AZURE' | 'GCP' };

const pools = openPools();
const queries = { AZURE: patientQueries(pools.AZURE, 'AZURE'), GCP: patientQueries(pools.GCP, 'GCP') };

const app = fastify({ logger: false });
await app.register(mercurius, {
  schema: typeDefinitions,
  jit: 1,
  resolvers: {
    Query: {
      patients: async (_: unknown, { source, first, after }: Sourced<{ first: number; after?: number }>) => ({
        nodes: await queries[source].page(first, after ?? 0),
      }),
      patient: (_: unknown, { source, key }: Sourced<{ key: number }>) => queries[source].one(key),
      patientsNamed: (_: unknown, { source, prefix, first }: Sourced<{ prefix: string; first: number }>) =>
        queries[source].named(prefix, first),
      patientsByGender: (_: unknown, { source, after }: Sourced<{ after: number }>) =>
        queries[source].byGender(after),
    },
    Mutation: {
      createPatient: async (_: unknown, { source, input }: Sourced<{ input: Record<string, string> }>) => ({
        patient: await queries[source].one(await queries[source].create(input)),
      }),
      createPatients: async (
        _: unknown,
        { source, inputs }: Sourced<{ inputs: Record<string, string>[] }>,
      ) => ({
        patients: await queries[source].createMany(inputs),
      }),
      updatePatient: async (
        _: unknown,
        { source, key, input }: Sourced<{ key: number; input: Record<string, string> }>,
      ) => ({ patient: await queries[source].one(await queries[source].update(key, input)) }),
    },
  },
  loaders: {
    Patient: {
      records: {
        // The patients of both clouds come in one batch when an operation asks both.
        async loader(asked: { obj: PatientRow }[]) {
          const lists = new Map<PatientRow, unknown[]>();
          await Promise.all(
            (['AZURE', 'GCP'] as const).map(async (source) => {
              const patients = asked.map(({ obj }) => obj).filter((patient) => patient.source === source);
              if (patients.length === 0) return;
              const records = await queries[source].recordsOf(patients.map(({ key }) => key));
              for (const patient of patients) lists.set(patient, records.get(patient.key) ?? []);
            }),
          );
          return asked.map(({ obj }) => lists.get(obj));
        },
        // A cache would be keyed by the serialised patient: nothing here is asked for twice.
        opts: { cache: false },
      },
      treated: {
        async loader(asked: { obj: PatientRow; params: { first: number } }[]) {
          const { first } = asked[0]?.params ?? { first: 0 };
          const lists = await queries.AZURE.treatedOf(
            asked.map(({ obj }) => obj.key),
            first,
          );
          return asked.map(({ obj }) => lists.get(obj.key) ?? []);
        },
        opts: { cache: false },
      },
    },
  },
});

await app.listen({ host: '127.0.0.1', port });
