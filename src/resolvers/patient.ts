import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, Info, Query, Resolver } from 'type-graphql';
import type { Context } from '../context.ts';
import { Patient } from '../entities/patient.ts';
import type { AggregateRequest } from '../reads/aggregate.ts';
import type { PageRequest } from '../reads/page.ts';
import { aggregateOf } from './types/aggregate.ts';
import { pageArgsOf, RowArgs, type SourceArgs } from './types/arguments.ts';
import { connectionOf } from './types/connection.ts';

const PatientConnection = connectionOf(Patient);
const PatientPageArgs = pageArgsOf(Patient);
const PatientAggregate = aggregateOf(Patient);

@Resolver()
export class PatientResolver {
  @Query(() => PatientConnection, {
    nullable: true,
    description: 'Patients, filtered, ordered and by pages.',
  })
  patients(
    @Args(() => PatientPageArgs) args: SourceArgs & PageRequest,
    @Ctx() { readers }: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    return readers[args.source].page(Patient, args, info);
  }

  @Query(() => Patient, { nullable: true, description: 'One patient; null where the source has none.' })
  patient(@Args(() => RowArgs) args: RowArgs, @Ctx() { readers }: Context, @Info() info: GraphQLResolveInfo) {
    return readers[args.source].one(Patient, args.key, info);
  }

  @Query(() => [PatientAggregate.type], {
    nullable: true,
    description: 'Patients counted and summed up, as a whole or by group.',
  })
  patientsAggregate(
    @Args(() => PatientAggregate.args) args: SourceArgs & AggregateRequest,
    @Ctx() { readers }: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    return readers[args.source].aggregate(Patient, args, info);
  }
}
