import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, Info, Query, Resolver } from 'type-graphql';
import type { Context } from '../context.ts';
import { MedicalRecord } from '../entities/medical-record.ts';
import type { AggregateRequest } from '../reads/aggregate.ts';
import type { PageRequest } from '../reads/page.ts';
import { aggregateOf } from './types/aggregate.ts';
import { pageArgsOf, RowArgs, type SourceArgs } from './types/arguments.ts';
import { connectionOf } from './types/connection.ts';

const MedicalRecordConnection = connectionOf(MedicalRecord);
const MedicalRecordPageArgs = pageArgsOf(MedicalRecord);
const MedicalRecordAggregate = aggregateOf(MedicalRecord);

@Resolver()
export class MedicalRecordResolver {
  @Query(() => MedicalRecordConnection, {
    nullable: true,
    description: 'Medical records, filtered, ordered and by pages.',
  })
  medicalRecords(
    @Args(() => MedicalRecordPageArgs) args: SourceArgs & PageRequest,
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

  @Query(() => [MedicalRecordAggregate.type], {
    nullable: true,
    description: 'Medical records counted and summed up, as a whole or by group.',
  })
  medicalRecordsAggregate(
    @Args(() => MedicalRecordAggregate.args) args: SourceArgs & AggregateRequest,
    @Ctx() { readers }: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    return readers[args.source].aggregate(MedicalRecord, args, info);
  }
}
