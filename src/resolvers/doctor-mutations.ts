import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, Info, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../context.ts';
import { Doctor } from '../entities/doctor.ts';
import type { Input } from '../writes/input.ts';
import { withIdentity, withRow, withRows } from './answering.ts';
import { RowArgs, SourceArgs } from './types/arguments.ts';
import { CreateDoctorInput, UpdateDoctorInput } from './types/doctor-inputs.ts';
import { deletedPayloadOf, payloadOf } from './types/payload.ts';

const CreateDoctorPayload = payloadOf('createDoctor', 'doctor', Doctor);
const CreateDoctorsPayload = payloadOf('createDoctors', 'doctors', [Doctor]);
const UpdateDoctorPayload = payloadOf('updateDoctor', 'doctor', Doctor);
const DeleteDoctorPayload = deletedPayloadOf('deleteDoctor');

@Resolver()
export class DoctorMutations {
  @Mutation(() => CreateDoctorPayload, {
    nullable: true,
    description: 'Creates a doctor in one source.',
  })
  async createDoctor(
    @Args(() => SourceArgs) { source }: SourceArgs,
    @Arg('input', () => CreateDoctorInput, { description: 'The doctor.' }) input: Input,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const answering = withRow(context, { source, entity: Doctor, info }, 'doctor');
    return context.writers[source].create(Doctor, input, answering);
  }

  @Mutation(() => CreateDoctorsPayload, {
    nullable: true,
    description: 'Creates doctors in one source: all of them or none.',
  })
  async createDoctors(
    @Args(() => SourceArgs) { source }: SourceArgs,
    @Arg('inputs', () => [CreateDoctorInput], { description: 'The doctors, at most 1000.' })
    inputs: readonly Input[],
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const answering = withRows(context, { source, entity: Doctor, info }, 'doctors');
    return context.writers[source].createMany(Doctor, inputs, answering);
  }

  @Mutation(() => UpdateDoctorPayload, {
    nullable: true,
    description: 'Changes the given fields of a doctor, and no others.',
  })
  async updateDoctor(
    @Args(() => RowArgs) { source, key }: RowArgs,
    @Arg('input', () => UpdateDoctorInput, { description: 'The fields to be changed, at least one.' })
    input: Input,
    @Arg('expected', () => UpdateDoctorInput, {
      nullable: true,
      description: 'What the doctor must still hold; else nothing is changed and the error is CONFLICT.',
    })
    expected: Input | null,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const answering = withRow(context, { source, entity: Doctor, info }, 'doctor');
    return context.writers[source].update(Doctor, key, { input, expected }, answering);
  }

  @Mutation(() => DeleteDoctorPayload, {
    nullable: true,
    description:
      'Deletes a doctor who answers for no medical records; for one who does, the error is REFERENCED.',
  })
  async deleteDoctor(
    @Args(() => RowArgs) { source, key }: RowArgs,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    const answering = withIdentity(context, { source, entity: Doctor, info });
    return context.writers[source].delete(Doctor, key, answering);
  }
}
