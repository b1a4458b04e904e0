import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, Field, Info, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../context.ts';
import { Patient } from '../entities/patient.ts';
import { SourceArgs } from './types/arguments.ts';
import { CreatePatientInput } from './types/patient-inputs.ts';

@ObjectType({ simpleResolvers: true, description: 'What createPatient did.' })
class CreatePatientPayload {
  @Field(() => Patient, { description: 'The patient, as the source now holds it.' })
  readonly patient!: Patient;
}

@Resolver()
export class PatientMutations {
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
