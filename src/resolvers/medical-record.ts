import type { GraphQLResolveInfo } from 'graphql';
import { GraphQLLocalDate } from 'graphql-scalars';
import {
  Arg,
  Args,
  Ctx,
  Field,
  Info,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql';
import type { Context } from '../context.ts';
import { MedicalRecord } from '../entities/medical-record.ts';
import { PageArgs, RowArgs, SourceArgs } from './types/arguments.ts';
import { connectionOf } from './types/connection.ts';

const MedicalRecordConnection = connectionOf(MedicalRecord);

@InputType({ description: 'A medical record to be added to a patient.' })
class AddMedicalRecordInput {
  @Field(() => Int, { description: 'Key of the patient, who must exist in the same source.' })
  patientKey!: number;

  @Field(() => String, { description: 'What was found, at most 100 characters.' })
  diagnosis!: string;

  @Field(() => String, { nullable: true, description: 'What was done about it, at most 200 characters.' })
  treatment?: string | null;

  @Field(() => GraphQLLocalDate, { description: 'Day of admission.' })
  admissionDate!: string;

  @Field(() => GraphQLLocalDate, { nullable: true, description: 'Day of discharge, not before admission.' })
  dischargeDate?: string | null;
}

@ObjectType({ simpleResolvers: true, description: 'What addMedicalRecord did.' })
class AddMedicalRecordPayload {
  @Field(() => MedicalRecord, { description: 'The record, as the source now holds it.' })
  readonly medicalRecord!: MedicalRecord;
}

@Resolver()
export class MedicalRecordResolver {
  @Query(() => MedicalRecordConnection, {
    nullable: true,
    description: 'Medical records in the order of their keys.',
  })
  medicalRecords(
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { readers }: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    return readers[args.source].page(MedicalRecord, args, info);
  }

  @Query(() => MedicalRecord, {
    nullable: true,
    description: 'One medical record; null where the source has none.',
  })
  medicalRecord(
    @Args(() => RowArgs) args: RowArgs,
    @Ctx() { readers }: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    return readers[args.source].one(MedicalRecord, args.key, info);
  }

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
