import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, Info, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../context.ts';
import { Patient } from '../entities/patient.ts';
import type { Input } from '../writes/input.ts';
import { withIdentity, withRow, withRows } from './answering.ts';
import { RowArgs, SourceArgs } from './types/arguments.ts';
import { CreatePatientInput, UpdatePatientInput } from './types/patient-inputs.ts';
import { deletedPayloadOf, payloadOf } from './types/payload.ts';

const CreatePatientPayload = payloadOf('createPatient', 'patient', Patient);
const CreatePatientsPayload = payloadOf('createPatients', 'patients', [Patient]);
const UpdatePatientPayload = payloadOf('updatePatient', 'patient', Patient);
const DeletePatientPayload = deletedPayloadOf('deletePatient');

@Resolver()
export class PatientMutations {
  @Mutation(() => CreatePatientPayload, {
    nullable: true,
    description: 'Creates a patient in one source, with the medical records in its input.',
  })
  async createPatient(
    @Args(() => SourceArgs) { source }: SourceArgs,
    @Arg('input', () => CreatePatientInput, { description: 'The patient.' }) input: Input,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const answering = withRow(context, { source, entity: Patient, info }, 'patient');
    return context.writers[source].create(Patient, input, answering);
  }

  @Mutation(() => CreatePatientsPayload, {
    nullable: true,
    description:
      'Creates patients in one source, with the medical records in their inputs: all of them or none.',
  })
  async createPatients(
    @Args(() => SourceArgs) { source }: SourceArgs,
    @Arg('inputs', () => [CreatePatientInput], { description: 'The patients, at most 1000.' })
    inputs: readonly Input[],
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const answering = withRows(context, { source, entity: Patient, info }, 'patients');
    return context.writers[source].createMany(Patient, inputs, answering);
  }

  @Mutation(() => UpdatePatientPayload, {
    nullable: true,
    description: 'Changes the given fields of a patient, and no others.',
  })
  async updatePatient(
    @Args(() => RowArgs) { source, key }: RowArgs,
    @Arg('input', () => UpdatePatientInput, { description: 'The fields to be changed, at least one.' })
    input: Input,
    @Arg('expected', () => UpdatePatientInput, {
      nullable: true,
      description: 'What the patient must still hold; else nothing is changed and the error is CONFLICT.',
    })
    expected: Input | null,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const answering = withRow(context, { source, entity: Patient, info }, 'patient');
    return context.writers[source].update(Patient, key, { input, expected }, answering);
  }

  @Mutation(() => DeletePatientPayload, {
    nullable: true,
    description: 'Deletes a patient who has no medical records; for one who has, the error is REFERENCED.',
  })
  async deletePatient(
    @Args(() => RowArgs) { source, key }: RowArgs,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const answering = withIdentity(context, { source, entity: Patient, info });
    return context.writers[source].delete(Patient, key, answering);
  }
}
