import type { GraphQLResolveInfo } from 'graphql';
import { GraphQLLocalDate } from 'graphql-scalars';
import { Arg, Args, Ctx, Field, Info, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import type { Context } from '../context.ts';
import { Gender } from '../entities/gender.ts';
import { Patient } from '../entities/patient.ts';
import { PageArgs, RowArgs, SourceArgs } from './types/arguments.ts';
import { connectionOf } from './types/connection.ts';

const PatientConnection = connectionOf(Patient);

@InputType({ description: 'A patient to be created.' })
class CreatePatientInput {
  @Field(() => String, { description: 'Given name, at most 50 characters.' })
  firstName!: string;

  @Field(() => String, { description: 'Family name, at most 50 characters.' })
  lastName!: string;

  @Field(() => GraphQLLocalDate, { description: 'Day of birth.' })
  dateOfBirth!: string;

  @Field(() => Gender, { description: 'Administrative gender.' })
  gender!: Gender;

  @Field(() => String, { nullable: true, description: 'Telephone number, at most 20 characters.' })
  contactNumber?: string | null;
}

@ObjectType({ simpleResolvers: true, description: 'What createPatient did.' })
class CreatePatientPayload {
  @Field(() => Patient, { description: 'The patient, as the source now holds it.' })
  readonly patient!: Patient;
}

@Resolver()
export class PatientResolver {
  @Query(() => PatientConnection, { nullable: true, description: 'Patients in the order of their keys.' })
  patients(
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { readers }: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    return readers[args.source].page(Patient, args, info);
  }

  @Query(() => Patient, { nullable: true, description: 'One patient; null where the source has none.' })
  patient(@Args(() => RowArgs) args: RowArgs, @Ctx() { readers }: Context, @Info() info: GraphQLResolveInfo) {
    return readers[args.source].one(Patient, args.key, info);
  }

  @Mutation(() => CreatePatientPayload, { nullable: true, description: 'Creates a patient in one source.' })
  async createPatient(
    @Args(() => SourceArgs) { source }: SourceArgs,
    @Arg('input', () => CreatePatientInput, { description: 'The patient.' }) input: CreatePatientInput,
    @Ctx() { sources, readers }: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const { key } = await sources[source].write(async (em) => em.create(Patient, { ...input }));
    return { patient: await readers[source].one(Patient, key, info, ['patient']) };
  }
}
