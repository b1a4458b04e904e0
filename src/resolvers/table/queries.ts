import type { GraphQLResolveInfo } from 'graphql';
import { Args, type ClassType, Ctx, Info, Query, Resolver } from 'type-graphql';
import { keyFromApi, tableKeyOf } from '../../column-types/table-key.ts';
import { type ComparedRequest, comparedPage } from '../../compare/compared-page.ts';
import type { Context } from '../../context.ts';
import type { TableNames } from '../../entities/table.ts';
import type { AggregateRequest } from '../../reads/aggregate.ts';
import type { PageRequest } from '../../reads/page.ts';
import { capitalized } from '../../util/capitalized.ts';
import { readFrom } from '../fallback.ts';
import { aggregateOf } from '../types/aggregate.ts';
import {
  comparedArgsOf,
  pageArgsOf,
  type ReadArgs,
  type ReadRowRequest,
  readRowArgsOf,
} from '../types/arguments.ts';
import { comparisonOf } from '../types/comparison.ts';
import { connectionOf } from '../types/connection.ts';
import { comparedSuffix } from './names.ts';
import { wordingOf } from './wording.ts';

/** The connection of a table. */
export function listQueriesOf(entity: ClassType<object>, { many }: TableNames): ClassType {
  const { rows } = wordingOf(entity);
  const EntityConnection = connectionOf(entity);
  const EntityPageArgs = pageArgsOf(entity);

  @Resolver()
  class ListQueries {
    @Query(() => EntityConnection, {
      name: many,
      nullable: true,
      description: `${capitalized(rows)}, filtered, ordered and by pages.`,
    })
    page(
      @Args(() => EntityPageArgs) args: ReadArgs & PageRequest,
      @Ctx() context: Context,
      @Info() info: GraphQLResolveInfo,
    ) {
      return readFrom(context, args, entity, info, (reader) => reader.page(entity, args, info));
    }
  }
  return ListQueries;
}

/** One row by its key. */
export function rowQueriesOf(entity: ClassType<object>, { one }: TableNames): ClassType {
  const { row } = wordingOf(entity);
  const EntityRowArgs = readRowArgsOf(entity);
  const tableKey = tableKeyOf(entity);

  @Resolver()
  class RowQueries {
    @Query(() => entity, {
      name: one,
      nullable: true,
      description: `One ${row}; null where the source has none.`,
    })
    one(
      @Args(() => EntityRowArgs) args: ReadRowRequest,
      @Ctx() context: Context,
      @Info() info: GraphQLResolveInfo,
    ) {
      const key = keyFromApi(tableKey, args.key);
      return readFrom(context, args, entity, info, (reader) => reader.one(entity, key, info));
    }
  }
  return RowQueries;
}

/** Functions of rows. */
export function aggregateQueriesOf(entity: ClassType<object>, { many }: TableNames): ClassType {
  const { rows } = wordingOf(entity);
  const EntityAggregate = aggregateOf(entity);

  @Resolver()
  class AggregateQueries {
    @Query(() => [EntityAggregate.type], {
      name: `${many}Aggregate`,
      nullable: true,
      description: `${capitalized(rows)} counted and summed up, as a whole or by group.`,
    })
    aggregate(
      @Args(() => EntityAggregate.args) args: ReadArgs & AggregateRequest,
      @Ctx() context: Context,
      @Info() info: GraphQLResolveInfo,
    ) {
      return readFrom(context, args, entity, info, (reader) => reader.aggregate(entity, args, info));
    }
  }
  return AggregateQueries;
}

/** The rows of both clouds side by side, by their keys. */
export function comparedQueriesOf(entity: ClassType<object>, { many }: TableNames): ClassType {
  const { rows } = wordingOf(entity);
  const ComparisonConnection = comparisonOf(entity);
  const ComparedArgs = comparedArgsOf(entity);

  @Resolver()
  class ComparedQueries {
    @Query(() => ComparisonConnection, {
      name: `${many}${comparedSuffix}`,
      nullable: true,
      description: `${capitalized(rows)} of both clouds, aligned by key: those of AZURE in their order, then those that match in GCP alone.`,
    })
    compared(
      @Args(() => ComparedArgs) args: ComparedRequest,
      @Ctx() context: Context,
      @Info() info: GraphQLResolveInfo,
    ) {
      return comparedPage(context, entity, args, info);
    }
  }
  return ComparedQueries;
}
