import { Args, Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../context.ts';
import { withPublicNames } from '../errors/explanation.ts';
import { type MigrationReview, reviewMigrations } from '../migrator/review.ts';
import { inTime } from '../sources/operation-deadline.ts';
import { SourceArgs } from './types/arguments.ts';
import { Migration } from './types/migrations.ts';

@Resolver()
export class MigrationsResolver {
  @Query(() => [Migration], {
    nullable: true,
    description:
      'The migrations of a source in their order: what ran, and what those that did not would do. It changes nothing.',
  })
  async migrations(
    @Args(() => SourceArgs) { source }: SourceArgs,
    @Ctx() { caller, sources }: Context,
  ): Promise<Migration[]> {
    return (await inTime(caller, reviewMigrations(sources[source]), source)).map(migrationOf);
  }
}

function migrationOf({ name, state, row, up, down, lint }: MigrationReview): Migration {
  return {
    name,
    state,
    startedAt: row === null ? null : `${row.startedAt.replace(' ', 'T')}Z`,
    ms: row?.ms ?? null,
    account: row?.account ?? null,
    error: row?.error ?? null,
    up,
    down,
    findings: lint?.findings.map((finding) => withPublicNames('lint', finding)) ?? [],
    impacts: lint?.impacts ?? [],
  };
}
