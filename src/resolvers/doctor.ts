import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, Info, Query, Resolver } from 'type-graphql';
import type { Context } from '../context.ts';
import { Doctor } from '../entities/doctor.ts';
import type { AggregateRequest } from '../reads/aggregate.ts';
import type { PageRequest } from '../reads/page.ts';
import { aggregateOf } from './types/aggregate.ts';
import { pageArgsOf, RowArgs, type SourceArgs } from './types/arguments.ts';
import { connectionOf } from './types/connection.ts';

const DoctorConnection = connectionOf(Doctor);
const DoctorPageArgs = pageArgsOf(Doctor);
const DoctorAggregate = aggregateOf(Doctor);

@Resolver()
export class DoctorResolver {
  @Query(() => DoctorConnection, {
    nullable: true,
    description: 'Doctors, filtered, ordered and by pages.',
  })
  doctors(
    @Args(() => DoctorPageArgs) args: SourceArgs & PageRequest,
    @Ctx() { readers }: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    return readers[args.source].page(Doctor, args, info);
  }

  @Query(() => Doctor, { nullable: true, description: 'One doctor; null where the source has none.' })
  doctor(@Args(() => RowArgs) args: RowArgs, @Ctx() { readers }: Context, @Info() info: GraphQLResolveInfo) {
    return readers[args.source].one(Doctor, args.key, info);
  }

  @Query(() => [DoctorAggregate.type], {
    nullable: true,
    description: 'Doctors counted and summed up, as a whole or by group.',
  })
  doctorsAggregate(
    @Args(() => DoctorAggregate.args) args: SourceArgs & AggregateRequest,
    @Ctx() { readers }: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    return readers[args.source].aggregate(Doctor, args, info);
  }
}
