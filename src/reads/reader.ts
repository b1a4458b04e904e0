import type { EntityClass, EntityMetadata } from '@mikro-orm/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Caller } from '../sources/pool/session.ts';
import type { Source } from '../sources/source.ts';
import type { Reads } from '../sources/transaction.ts';
import {
  type Aggregate,
  type AggregateRequest,
  aggregateFunctions,
  aggregateRows,
  countRows,
} from './aggregate.ts';
import type { Budget } from './budget.ts';
import { among, type Connection, fetchRows } from './fetch.ts';
import { type Page, type PageRequest, planPage } from './page.ts';
import { remember } from './remember.ts';
import type { Row } from './row.ts';
import { below, namesAt, type Selection, selectionAt, spotOf } from './selection.ts';
import { createStatements } from './statement.ts';

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
    key: number,
    info: GraphQLResolveInfo,
    path?: readonly string[],
  ): Promise<Row | null>;
  /** Rows by their keys, in the order of the keys; what the source does not have is left out. */
  many(
    entity: EntityClass<object>,
    keys: readonly number[],
    info: GraphQLResolveInfo,
    path?: readonly string[],
  ): Promise<Row[]>;
  /** A reader of the same source that reads in a transaction, and so sees what that has written. */
  within(transaction: Reads): Reader;
}

/** Makes the readers of requests: what they ask ends when the request's caller goes away. */
export function readersOf(source: Source): (caller: Caller, budget: Budget) => Reader {
  const metadata = source.orm.getMetadata();
  const metaOf = (entity: EntityClass<object>) => metadata.get(entity as never) as unknown as EntityMetadata;
  const statement = createStatements(source.orm.em.fork());
  return (caller, budget) =>
    createReader(
      {
        source: source.name,
        budget,
        statement,
        rows: (prepared) => source.rows(prepared, caller),
        arrays: (prepared) => source.arrays(prepared, caller),
      },
      metaOf,
    );
}

function createReader(
  connection: Connection,
  metaOf: (entity: EntityClass<object>) => EntityMetadata,
): Reader {
  async function byKeys(
    entity: EntityClass<object>,
    keys: readonly number[],
    info: GraphQLResolveInfo,
    path: readonly string[],
  ): Promise<Row[]> {
    if (keys.length === 0) return [];
    const selection = remember(info, () =>
      selectionAt(info, metaOf(entity), [below(info, spotOf(info), path)]),
    );
    return fetchRows(connection, selection, among('key', keys));
  }

  return {
    async page(entity, request, info) {
      const meta = metaOf(entity);
      const plan = planPage(meta, request, connection.budget);
      const asked = remember(info, () => askedOfPage(info, meta));
      const { limit } = plan.range;
      const range = {
        ...plan.range,
        limit: asked.pageInfo ? limit + 1 : limit,
        ...(asked.cursors && { needed: plan.order.map(({ property }) => property) }),
      };
      const [rows, totalCount] = await Promise.all([
        asked.rows ? fetchRows(connection, asked.selection, range) : [],
        asked.total ? countRows(connection, meta, plan.whole) : undefined,
      ]);
      return plan.toPage(rows, totalCount);
    },

    aggregate(entity, request, info) {
      return aggregateRows(
        connection,
        metaOf(entity),
        request,
        remember(info, () => functionsAsked(info)),
      );
    },

    async one(entity, key, info, path = []) {
      const [row] = await byKeys(entity, [key], info, path);
      return row ?? null;
    },

    async many(entity, keys, info, path = []) {
      const byKey = new Map((await byKeys(entity, keys, info, path)).map((row) => [row.key, row]));
      return keys.flatMap((key) => byKey.get(key) ?? []);
    },

    within: ({ rows, arrays }) => createReader({ ...connection, rows, arrays }, metaOf),
  };
}

/** What an operation asks of a connection. */
interface AskedOfPage {
  readonly selection: Selection;
  readonly rows: boolean;
  readonly cursors: boolean;
  readonly pageInfo: boolean;
  readonly total: boolean;
}

function askedOfPage(info: GraphQLResolveInfo, meta: EntityMetadata): AskedOfPage {
  const spot = spotOf(info);
  const names = namesAt(info, spot);
  const edges = below(info, spot, ['edges']);
  const pageInfo = names.has('pageInfo');
  return {
    selection: selectionAt(info, meta, [below(info, spot, ['nodes']), edges && below(info, edges, ['node'])]),
    rows: names.has('nodes') || edges !== null || pageInfo,
    pageInfo,
    cursors: pageInfo || (edges !== null && namesAt(info, edges).has('cursor')),
    total: names.has('totalCount'),
  };
}

/** The properties that each aggregate function is asked of. */
function functionsAsked(info: GraphQLResolveInfo) {
  const spot = spotOf(info);
  return new Map(
    aggregateFunctions.map((name) => {
      const at = below(info, spot, [name]);
      return [name, at === null ? [] : [...namesAt(info, at)]] as const;
    }),
  );
}
