import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, Info, Query, Resolver } from 'type-graphql';
import type { Context } from '../context.ts';
import { MedicalRecord } from '../entities/medical-record.ts';
import { PageArgs, RowArgs } from './types/arguments.ts';
import { connectionOf } from './types/connection.ts';

const MedicalRecordConnection = connectionOf(MedicalRecord);

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
}
