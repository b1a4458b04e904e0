import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, Info, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../context.ts';
import { MedicalRecord } from '../entities/medical-record.ts';
import type { Input } from '../writes/input.ts';
import { withIdentity, withRow, withRows } from './answering.ts';
import { RowArgs, SourceArgs } from './types/arguments.ts';
import { AddMedicalRecordInput, UpdateMedicalRecordInput } from './types/medical-record-inputs.ts';
import { deletedPayloadOf, payloadOf } from './types/payload.ts';

const AddMedicalRecordPayload = payloadOf('addMedicalRecord', 'medicalRecord', MedicalRecord);
const AddMedicalRecordsPayload = payloadOf('addMedicalRecords', 'medicalRecords', [MedicalRecord]);
const UpdateMedicalRecordPayload = payloadOf('updateMedicalRecord', 'medicalRecord', MedicalRecord);
const DeleteMedicalRecordPayload = deletedPayloadOf('deleteMedicalRecord');

@Resolver()
export class MedicalRecordMutations {
  @Mutation(() => AddMedicalRecordPayload, {
    nullable: true,
    description: 'Adds a medical record to a patient of one source.',
  })
  async addMedicalRecord(
    @Args(() => SourceArgs) { source }: SourceArgs,
    @Arg('input', () => AddMedicalRecordInput, { description: 'The medical record.' }) input: Input,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const answering = withRow(context, { source, entity: MedicalRecord, info }, 'medicalRecord');
    return context.writers[source].create(MedicalRecord, input, answering);
  }

  @Mutation(() => AddMedicalRecordsPayload, {
    nullable: true,
    description: 'Adds medical records to patients of one source: all of them or none.',
  })
  async addMedicalRecords(
    @Args(() => SourceArgs) { source }: SourceArgs,
    @Arg('inputs', () => [AddMedicalRecordInput], { description: 'The medical records, at most 1000.' })
    inputs: readonly Input[],
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const answering = withRows(context, { source, entity: MedicalRecord, info }, 'medicalRecords');
    return context.writers[source].createMany(MedicalRecord, inputs, answering);
  }

  @Mutation(() => UpdateMedicalRecordPayload, {
    nullable: true,
    description: 'Changes the given fields of a medical record, and no others.',
  })
  async updateMedicalRecord(
    @Args(() => RowArgs) { source, key }: RowArgs,
    @Arg('input', () => UpdateMedicalRecordInput, { description: 'The fields to be changed, at least one.' })
    input: Input,
    @Arg('expected', () => UpdateMedicalRecordInput, {
      nullable: true,
      description:
        'What the medical record must still hold; else nothing is changed and the error is CONFLICT.',
    })
    expected: Input | null,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const answering = withRow(context, { source, entity: MedicalRecord, info }, 'medicalRecord');
    return context.writers[source].update(MedicalRecord, key, { input, expected }, answering);
  }

  @Mutation(() => DeleteMedicalRecordPayload, { nullable: true, description: 'Deletes a medical record.' })
  async deleteMedicalRecord(
    @Args(() => RowArgs) { source, key }: RowArgs,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const answering = withIdentity(context, { source, entity: MedicalRecord, info });
    return context.writers[source].delete(MedicalRecord, key, answering);
  }
}
