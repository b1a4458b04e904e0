import { Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.ts';
import { compareSources, compareWithEntities } from '../drift/drift.ts';
import { observedSchema } from './observed-schema.ts';
import { Drift, DriftComparison } from './types/drift.ts';

@Resolver(() => Drift)
export class DriftResolver {
  @Query(() => Drift, {
    nullable: true,
    description:
      'How the two databases, the entities and the migrations that ran differ, asked now with the server’s own account. `tandem drift` asks with the migrator’s, which sees more.',
  })
  drift(): Drift {
    return new Drift();
  }

  @FieldResolver(() => DriftComparison, {
    nullable: true,
    description: 'AZURE beside GCP; AZURE is taken for right.',
  })
  async sources(@Root() _drift: Drift, @Ctx() context: Context): Promise<DriftComparison> {
    const [azure, gcp] = await Promise.all([
      observedSchema(context, 'AZURE'),
      observedSchema(context, 'GCP'),
    ]);
    return compareSources(azure, gcp);
  }

  @FieldResolver(() => DriftComparison, {
    nullable: true,
    description: 'The entities and migrations of this build beside AZURE.',
  })
  async azure(@Root() _drift: Drift, @Ctx() context: Context): Promise<DriftComparison> {
    return compareWithEntities(context.sources.AZURE.orm, await observedSchema(context, 'AZURE'));
  }

  @FieldResolver(() => DriftComparison, {
    nullable: true,
    description: 'The entities and migrations of this build beside GCP.',
  })
  async gcp(@Root() _drift: Drift, @Ctx() context: Context): Promise<DriftComparison> {
    return compareWithEntities(context.sources.GCP.orm, await observedSchema(context, 'GCP'));
  }
}
