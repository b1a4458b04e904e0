// What Tandem's own libraries cost when used as their introductions show them: Apollo's standalone server,
// TypeGraphQL, hydrated MikroORM entities, DataLoader. The entities are Tandem's.
import 'reflect-metadata';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { MikroORM, type SqlEntityManager } from '@mikro-orm/mysql';
import DataLoader from 'dataloader';
import {
  Arg,
  buildSchema,
  Ctx,
  Field,
  FieldResolver,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { loadConfig } from '../../src/config/config.ts';
import { Gender } from '../../src/entities/gender.ts';
import { MedicalRecord } from '../../src/entities/medical-record.ts';
import { Patient } from '../../src/entities/patient.ts';
import { perSource, SourceName } from '../../src/source-name.ts';
import { ormOptions } from '../../src/sources/orm-options.ts';

type PerSource<T> = Record<SourceName, T>;
interface Context {
  readonly em: PerSource<SqlEntityManager>;
  readonly records: PerSource<DataLoader<number, MedicalRecord[]>>;
}

@ObjectType()
class PatientPage {
  @Field(() => [Patient])
  nodes!: Patient[];
}

@ObjectType()
class NamedPatients extends PatientPage {
  @Field(() => Int)
  totalCount!: number;
}

@ObjectType()
class CreatePatientPayload {
  @Field(() => Patient)
  patient!: Patient;
}

@InputType()
class CreatePatientInput {
  @Field(() => String)
  firstName!: string;

  @Field(() => String)
  lastName!: string;

  @Field(() => String)
  dateOfBirth!: string;

  @Field(() => Gender)
  gender!: Gender;

  @Field(() => String, { nullable: true })
  contactNumber?: string | null;
}

/** The entity, told where it is from: the field resolver must know which database to ask. */
const from = (source: SourceName) => (patient: Patient) => Object.assign(patient, { source });

@Resolver(() => Patient)
class PatientResolver {
  @Query(() => PatientPage, { nullable: true })
  async patients(
    @Arg('source', () => SourceName) source: SourceName,
    @Arg('first', () => Int) first: number,
    @Arg('after', () => Int, { nullable: true }) after: number | undefined,
    @Ctx() { em }: Context,
  ) {
    const where = { key: { $gt: after ?? 0 } };
    const rows = await em[source].find(Patient, where, { orderBy: { key: 'asc' }, limit: first });
    return { nodes: rows.map(from(source)) };
  }

  @Query(() => Patient, { nullable: true })
  async patient(
    @Arg('source', () => SourceName) source: SourceName,
    @Arg('key', () => Int) key: number,
    @Ctx() { em }: Context,
  ) {
    const patient = await em[source].findOne(Patient, { key });
    return patient && from(source)(patient);
  }

  @Query(() => NamedPatients, { nullable: true })
  async patientsNamed(
    @Arg('source', () => SourceName) source: SourceName,
    @Arg('prefix', () => String) prefix: string,
    @Arg('first', () => Int) first: number,
    @Ctx() { em }: Context,
  ) {
    const [rows, totalCount] = await em[source].findAndCount(
      Patient,
      { lastName: { $like: `${prefix}%` } },
      { orderBy: { dateOfBirth: 'asc', key: 'asc' }, limit: first },
    );
    return { totalCount, nodes: rows.map(from(source)) };
  }

  @Mutation(() => CreatePatientPayload, { nullable: true })
  async createPatient(
    @Arg('source', () => SourceName) source: SourceName,
    @Arg('input', () => CreatePatientInput) input: CreatePatientInput,
    @Ctx() { em }: Context,
  ) {
    const patient = em[source].create(Patient, { ...input });
    await em[source].flush();
    return { patient: from(source)(patient) };
  }

  @FieldResolver(() => [MedicalRecord])
  records(@Root() { key, source }: Patient, @Ctx() { records }: Context) {
    return records[source].load(key);
  }
}

const { databases, pool } = loadConfig();
const orms = {
  AZURE: await MikroORM.init(ormOptions('AZURE', databases.AZURE, databases.AZURE.runtime, pool)),
  GCP: await MikroORM.init(ormOptions('GCP', databases.GCP, databases.GCP.runtime, pool)),
};

function recordsLoader(em: SqlEntityManager): DataLoader<number, MedicalRecord[]> {
  return new DataLoader(async (keys) => {
    const rows = await em.find(
      MedicalRecord,
      { patient: { $in: [...keys] } },
      { orderBy: { admissionDate: 'asc', key: 'asc' } },
    );
    const lists = new Map<number, MedicalRecord[]>(keys.map((key) => [key, []]));
    for (const row of rows) lists.get(row.patient.key)?.push(row);
    return keys.map((key) => lists.get(key) as MedicalRecord[]);
  });
}

const server = new ApolloServer<Context>({
  schema: await buildSchema({ resolvers: [PatientResolver], validate: false }),
});
await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: Number(process.env.PORT) },
  context: async () => {
    const em = perSource((name) => orms[name].em.fork());
    return { em, records: perSource((name) => recordsLoader(em[name])) };
  },
});
