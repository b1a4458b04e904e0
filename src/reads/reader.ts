import type { EntityClass, EntityMetadata } from '@mikro-orm/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { RowKey } from '../column-types/table-key.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';
import type { Caller } from '../sources/pool/caller.ts';
import type { Source } from '../sources/source.ts';
import type { Reads } from '../sources/transaction.ts';
import type { AggregateRequest } from './aggregate.ts';
import type { Aggregate } from './aggregate-maker.ts';
import type { ComparedSide } from './compared-side.ts';
import { explicitCollations } from './explicit-collations.ts';
import { findLinks } from './link.ts';
import type { Budget } from './operation-budget.ts';
import type { Page, PageRequest } from './page.ts';
import type { Row } from './row.ts';
import type { RowGuard } from './row-guard.ts';
import { itemPositionsOf } from './sorted-columns.ts';
import { SourceReader } from './source-reader.ts';
import { SourceRunner } from './source-runner.ts';
import { createStatements } from './statement-cache.ts';

/** Reads one source: plain rows, only what the operation selects, one statement a level. */
export interface Reader {
  /** A page of a table. The total is counted, in a statement of its own, only where it is asked for. */
  page(entity: EntityClass<object>, request: PageRequest, info: GraphQLResolveInfo): Promise<Page>;
  /** Counts, extremes, averages and sums of the rows that a filter lets through, as a whole or by group. */
  aggregate(
    entity: EntityClass<object>,
    request: AggregateRequest,
    info: GraphQLResolveInfo,
  ): Promise<readonly Aggregate[]>;
  /** One row, or null where the source has none with this key. `path`: where it stands below the field. */
  one(
    entity: EntityClass<object>,
    key: RowKey,
    info: GraphQLResolveInfo,
    path?: readonly string[],
  ): Promise<Row | null>;
  /** Rows by their keys, in the order of the keys; what the source does not have is left out. */
  many(
    entity: EntityClass<object>,
    keys: readonly RowKey[],
    info: GraphQLResolveInfo,
    path?: readonly string[],
  ): Promise<Row[]>;
  /** The reads of a comparison of an entity's rows with those of another source, from this one. */
  side(
    entity: EntityClass<object>,
    info: GraphQLResolveInfo,
    paths: readonly (readonly string[])[],
  ): ComparedSide;
  /** @throws TandemError FORBIDDEN where the caller may read nothing of the table in this source */
  check(entity: EntityClass<object>): void;
  /**
   * Whether one statement reads all that an operation selects of one row, and nothing in the operation can be the reason that it
   * is refused.
   */
  readsInOneStatement(
    entity: EntityClass<object>,
    info: GraphQLResolveInfo,
    path: readonly string[],
  ): boolean;
  /** Whether there may be rows that the caller does not see. */
  readonly isGuarded: boolean;
  /** A reader of the same source that reads in a transaction, and so sees what that has written. */
  within(transaction: Reads): Reader;
}

/** Makes the readers of requests: what they ask ends when the request's caller goes away. */
export function readersOf(
  source: Source,
): (caller: Caller, budget: Budget, guard?: RowGuard | null) => Reader {
  const metadata = source.orm.getMetadata();
  findLinks(metadata);
  const metaOf = (entity: EntityClass<object>) => metadata.get(entity as never) as unknown as EntityMetadata;
  const makeStatement = createStatements(source.orm.em.fork());
  const itemPositions = itemPositionsOf();
  const collations = explicitCollations();
  return (caller, budget, guard = null) =>
    new SourceReader(
      new SourceRunner({ reads: source, makeStatement, collations }, { caller, budget, guard }),
      guard === null ? metaOf : (entity) => readable(metaOf(entity), source.name, guard),
      itemPositions,
    );
}

/** @throws TandemError FORBIDDEN where the caller may read nothing of the table in this source */
function readable(meta: EntityMetadata, source: SourceName, guard: RowGuard): EntityMetadata {
  if (guard.mayRead(meta)) return meta;
  throw new TandemError('FORBIDDEN', {
    source,
    message: `You may not read ${meta.className} rows of ${source}.`,
  });
}
