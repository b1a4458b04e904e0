import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, Field, Info, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../context.ts';
import { MedicalRecord } from '../entities/medical-record.ts';
import { SourceArgs } from './types/arguments.ts';
import { AddMedicalRecordInput } from './types/medical-record-inputs.ts';

@ObjectType({ simpleResolvers: true, description: 'What addMedicalRecord did.' })
class AddMedicalRecordPayload {
  @Field(() => MedicalRecord, { description: 'The record, as the source now holds it.' })
  readonly medicalRecord!: MedicalRecord;
}

@Resolver()
export class MedicalRecordMutations {
  @Mutation(() => AddMedicalRecordPayload, {
    nullable: true,
    description: 'Adds a medical record to a patient of one source.',
  })
  async addMedicalRecord(
    @Args(() => SourceArgs) { source }: SourceArgs,
    @Arg('input', () => AddMedicalRecordInput, { description: 'The record.' }) input: AddMedicalRecordInput,
    @Ctx() { sources, readers }: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const { patientKey, ...values } = input;
    const { key } = await sources[source].write(async (em) =>
      em.create(MedicalRecord, { ...values, patient: patientKey }),
    );
    return { medicalRecord: await readers[source].one(MedicalRecord, key, info, ['medicalRecord']) };
  }
}
