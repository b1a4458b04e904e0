import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, Info, Query, Resolver } from 'type-graphql';
import type { Context } from '../context.ts';
import { Patient } from '../entities/patient.ts';
import { PageArgs, RowArgs } from './types/arguments.ts';
import { connectionOf } from './types/connection.ts';

const PatientConnection = connectionOf(Patient);

@Resolver()
export class PatientResolver {
  @Query(() => PatientConnection, { nullable: true, description: 'Patients in the order of their keys.' })
  patients(
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { readers }: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    return readers[args.source].page(Patient, args, info);
  }

  @Query(() => Patient, { nullable: true, description: 'One patient; null where the source has none.' })
  patient(@Args(() => RowArgs) args: RowArgs, @Ctx() { readers }: Context, @Info() info: GraphQLResolveInfo) {
    return readers[args.source].one(Patient, args.key, info);
  }
}
