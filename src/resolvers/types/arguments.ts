import { ArgsType, type ClassType, Field, Int } from 'type-graphql';
import type { ComparedRequest } from '../../compare/compared-page.ts';
import type { Where } from '../../reads/filter-to-condition.ts';
import type { PageRequest } from '../../reads/page.ts';
import { SourceName } from '../../source-name.ts';
import { keyInputTypeOf } from './key.ts';
import { orderByOf } from './order-by.ts';
import { whereOf } from './where.ts';

@ArgsType()
export class SourceArgs {
  @Field(() => SourceName, { description: 'The cloud to ask.' })
  source!: SourceName;
}

/** The arguments of a field that reads one source, or another one where that does not answer. */
@ArgsType()
export class ReadArgs extends SourceArgs {
  @Field(() => SourceName, {
    nullable: true,
    description: 'The cloud to ask where the other does not answer; `extensions.fallbacks` tells.',
  })
  orElse?: SourceName | null;
}

/** A row of one source. */
export interface RowRequest {
  readonly source: SourceName;
  /** As the API has it. */
  readonly key: unknown;
}

/** The arguments of a field that is about one row of an entity. */
export function rowArgsOf(entity: ClassType): ClassType<RowRequest> {
  @ArgsType()
  class RowArgs extends SourceArgs {
    @Field(() => keyInputTypeOf(entity) as never, { description: 'The primary key.' })
    readonly key!: unknown;
  }
  return RowArgs;
}

export interface ReadRowRequest extends RowRequest, ReadArgs {
  readonly source: SourceName;
}

/** The same of a field that reads it. */
export function readRowArgsOf(entity: ClassType): ClassType<ReadRowRequest> {
  @ArgsType()
  class ReadRowArgs extends ReadArgs {
    @Field(() => keyInputTypeOf(entity) as never, { description: 'The primary key.' })
    readonly key!: unknown;
  }
  return ReadRowArgs;
}

/** The arguments of a connection that compares an entity's rows of both clouds. */
export function comparedArgsOf(entity: ClassType): ClassType<ComparedRequest> {
  const where = whereOf(entity);
  const orderBy = orderByOf(entity);

  @ArgsType()
  class ComparedArgs {
    @Field(() => where, {
      nullable: true,
      description: 'Which rows: those that match in one cloud at least; all of them where it is left out.',
    })
    where?: Where | null;

    @Field(() => [orderBy], {
      nullable: true,
      description:
        'In which order, the first step first: that of the rows of AZURE, then that of the rows that match in GCP alone.',
    })
    orderBy?: NonNullable<PageRequest['orderBy']> | null;

    @Field(() => Int, { nullable: true, description: 'Rows at most, 0 to 1000; 20 by default.' })
    first?: number | null;

    @Field(() => String, { nullable: true, description: 'Only rows after this cursor.' })
    after?: string | null;
  }
  return ComparedArgs;
}

/** The arguments of a connection of an entity: https://relay.dev/graphql/connections.htm#sec-Arguments */
export function pageArgsOf(entity: ClassType): ClassType<ReadArgs & PageRequest> {
  const where = whereOf(entity);
  const orderBy = orderByOf(entity);

  @ArgsType()
  class PageArgs extends ReadArgs {
    @Field(() => where, { nullable: true, description: 'Which rows; all of them where it is left out.' })
    where?: Where | null;

    @Field(() => [orderBy], {
      nullable: true,
      description:
        'In which order, the first step first; rows that it leaves equal are in the order of their keys.',
    })
    orderBy?: NonNullable<PageRequest['orderBy']> | null;

    @Field(() => Int, {
      nullable: true,
      description: 'Rows at most from the start, 0 to 1000; 20 by default.',
    })
    first?: number | null;

    @Field(() => String, { nullable: true, description: 'Only rows after this cursor.' })
    after?: string | null;

    @Field(() => Int, {
      nullable: true,
      description: 'Rows at most from the end, 0 to 1000, instead of first.',
    })
    last?: number | null;

    @Field(() => String, { nullable: true, description: 'Only rows before this cursor.' })
    before?: string | null;
  }
  return PageArgs;
}
