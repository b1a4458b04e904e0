import type { EntityClass, EntityMetadata } from '@mikro-orm/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { RowKey } from '../column-types/table-key.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';
import type { Caller } from '../sources/pool/caller.ts';
import type { Source } from '../sources/source.ts';
import type { Reads } from '../sources/transaction.ts';
import {
  type Aggregate,
  type AggregateRequest,
  aggregateRows,
  countRows,
  planAggregate,
} from './aggregate.ts';
import type { Times } from './answer-size.ts';
import { storedKey } from './bound-key.ts';
import { type Binding, bindPlan } from './bound-plan.ts';
import type { Budget } from './budget.ts';
import { type ComparedSide, comparedSide } from './compared-side.ts';
import { fetchByKeys, fetchRows } from './fetch.ts';
import { findLinks } from './link.ts';
import { toOrder } from './order.ts';
import { type Page, type PageRequest, planPage } from './page.ts';
import type { QueryRunner } from './query-runner.ts';
import { ReadPlan } from './read-plan.ts';
import { keyOfRow, type Row } from './row.ts';
import type { RowGuard } from './row-guard.ts';
import { costOfPage, costOfWhole } from './scan.ts';
import { aggregateSelectionAt, pageSelectionAt, selectionAt } from './selection.ts';
import { selectionCache } from './selection-cache.ts';
import { below, selectionNodesOf } from './selection-nodes.ts';
import { type ItemPositionsOf, itemPositionsOf, needsPositions } from './sorted-columns.ts';
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
  /** What a comparison of an entity's rows with those of another source asks of this one. */
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

const noPositions: Binding['positions'] = new Map();

/** By the next turn of microtasks, all fields of an operation have been planned: one that costs too much is not begun. */
const planned = Promise.resolve();

/** Makes the readers of requests: what they ask ends when the request's caller goes away. */
export function readersOf(
  source: Source,
): (caller: Caller, budget: Budget, guard?: RowGuard | null) => Reader {
  const metadata = source.orm.getMetadata();
  findLinks(metadata);
  const metaOf = (entity: EntityClass<object>) => metadata.get(entity as never) as unknown as EntityMetadata;
  const statement = createStatements(source.orm.em.fork());
  const itemPositions = itemPositionsOf();
  return (caller, budget, guard = null) =>
    createReader(
      {
        source: source.name,
        budget,
        guard,
        statement: guard === null ? statement : (spec, values) => statement(spec, values, guard),
        async rows(statement) {
          await planned;
          budget.check();
          budget.reads?.touch(source.name, statement.tables ?? []);
          return source.rows({ mayLag: true, ...statement, allowance: budget }, caller);
        },
        async arrays(statement) {
          await planned;
          budget.check();
          budget.reads?.touch(source.name, statement.tables ?? []);
          return source.arrays({ mayLag: true, ...statement, allowance: budget }, caller);
        },
      },
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

function createReader(
  runner: QueryRunner,
  metaOf: (entity: EntityClass<object>) => EntityMetadata,
  itemPositions: ItemPositionsOf,
): Reader {
  /** What two sources are compared by, and what is kept for other requests, is of no replica. */
  const primary: QueryRunner = {
    ...runner,
    rows: (statement) => runner.rows({ ...statement, mayLag: false }),
    arrays: (statement) => runner.arrays({ ...statement, mayLag: false }),
  };

  /** Where lists from cursors need it, the source's catalogue is read first; else nothing is waited for. */
  function bind(plan: ReadPlan, { variableValues: variables }: GraphQLResolveInfo, isOne: boolean) {
    const bound = (positions: Binding['positions']) =>
      bindPlan(plan, { variables, budget: runner.budget, positions, isOne });
    const needed = plan.listsFromCursors.flatMap(({ property, argumentsOf, defaultOrder }) => {
      const { after, before, orderBy }: PageRequest = argumentsOf(variables);
      const meta = property.targetMeta as EntityMetadata;
      const order = toOrder(meta, orderBy ?? defaultOrder);
      return (after != null || before != null) && needsPositions(meta, order) ? [{ meta, order }] : [];
    });
    if (needed.length === 0) return bound(noPositions);
    return Promise.all(
      needed.map(async ({ meta, order }) => [meta, await itemPositions(primary, meta, order)] as const),
    ).then((positions) => bound(new Map(positions)));
  }

  /** What the operation selects of rows that it names by their keys. */
  function planOf(meta: EntityMetadata, info: GraphQLResolveInfo, path: readonly string[]): ReadPlan {
    return selectionCache(
      info,
      () => new ReadPlan(selectionAt(info, meta, below(info, selectionNodesOf(info), path))),
    );
  }

  async function byKeys(
    entity: EntityClass<object>,
    keys: readonly RowKey[],
    info: GraphQLResolveInfo,
    path: readonly string[],
  ): Promise<Row[]> {
    if (keys.length === 0) return [];
    const meta = metaOf(entity);
    const { times, distinct } = counted(meta, keys);
    const plan = planOf(meta, info, path);
    const binding = bind(plan, info, distinct.length === 1);
    const bound = binding instanceof Promise ? await binding : binding;
    runner.budget.takeScan(bound.scanCost);
    return fetchByKeys(runner, bound, distinct, times);
  }

  /** Of a page without a cursor, nothing has to be known, and nothing is waited for. */
  function positionsFor(meta: EntityMetadata, { after, before, orderBy }: PageRequest) {
    if (after == null && before == null) return undefined;
    const order = toOrder(meta, orderBy);
    return needsPositions(meta, order) ? itemPositions(primary, meta, order) : undefined;
  }

  return {
    isGuarded: runner.guard !== null,

    async page(entity, request, info) {
      const meta = metaOf(entity);
      const needed = positionsFor(meta, request);
      const positions = needed === undefined ? undefined : await needed;
      const plan = planPage(meta, request, runner.budget, undefined, positions);
      const asked = selectionCache(info, () => {
        const page = pageSelectionAt(info, meta, selectionNodesOf(info));
        return { ...page, plan: new ReadPlan(page.selection) };
      });
      const { size } = plan.range;
      const where = { filter: plan.whole.filter, values: plan.whole.values.list };
      const pageCost = asked.rows
        ? costOfPage(meta, where, { order: plan.range.order, fromCursor: plan.fromCursor })
        : 0;
      const countCost = asked.total ? costOfWhole(meta, where) : 0;
      const rowsPlan = asked.cursors
        ? asked.plan.including(plan.order.map(({ property }) => property))
        : asked.plan;
      const binding = bind(rowsPlan, info, size <= 1);
      const bound = binding instanceof Promise ? await binding : binding;
      runner.budget.takeScan(pageCost + countCost + bound.scanCost);
      const range = { ...plan.range, isScan: pageCost > 0, limit: asked.pageInfo ? size + 1 : size };
      const fetched = asked.rows ? fetchRows(runner, bound, range) : { rows: [], more: false };
      const counting = asked.total
        ? countRows(runner, meta, { ...plan.whole, isScan: countCost > 0 })
        : undefined;
      const [{ rows, more }, totalCount] =
        counting === undefined ? [await fetched, undefined] : await Promise.all([fetched, counting]);
      return plan.toPage(rows, more, totalCount);
    },

    async aggregate(entity, request, info) {
      const asked = selectionCache(info, () => aggregateSelectionAt(info, selectionNodesOf(info)));
      const plan = planAggregate(metaOf(entity), request, asked, runner.budget);
      runner.budget.takeScan(plan.scanCost);
      return aggregateRows(runner, plan);
    },

    async one(entity, key, info, path = []) {
      const meta = metaOf(entity);
      const wanted = storedKey(meta, key);
      const [row] = await byKeys(entity, [wanted], info, path);
      // MySQL compares texts by a collation, under which another key can be equal.
      return row !== undefined && keyOfRow(meta, row) === wanted ? row : null;
    },

    async many(entity, keys, info, path = []) {
      const meta = metaOf(entity);
      const rows = await byKeys(entity, keys, info, path);
      // As rows are that one INSERT has made.
      if (rows.length === keys.length && rows.every((row, at) => keyOfRow(meta, row) === keys[at]))
        return rows;
      const byKey = new Map(rows.map((row) => [keyOfRow(meta, row), row]));
      return keys.map((key) => byKey.get(key)).filter((row) => row !== undefined);
    },

    check: (entity) => void metaOf(entity),

    side: (entity, info, paths) => comparedSide(primary, metaOf(entity), info, paths, { bind, positionsFor }),

    readsInOneStatement(entity, info, path) {
      const { relations, lists, selection } = planOf(metaOf(entity), info, path);
      const isAlone = relations.length + lists.length + selection.aggregates.length === 0;
      return isAlone && runner.guard === null && runner.budget.has(selection.values);
    },

    within(reads) {
      const allowance = runner.budget;
      return createReader(
        {
          ...runner,
          rows: (statement) => reads.rows({ ...statement, allowance }),
          arrays: (statement) => reads.arrays({ ...statement, allowance }),
        },
        metaOf,
        itemPositions,
      );
    },
  };
}

/** Whether keys are numbers of which each is higher than the one before, as those of new rows are: none repeats another. */
function isAscending(keys: readonly RowKey[]): boolean {
  for (let at = 1; at < keys.length; at++) {
    const [before, key] = [keys[at - 1], keys[at]];
    if (typeof before !== 'number' || typeof key !== 'number' || before >= key) return false;
  }
  return true;
}

/** Keys without those that repeat an earlier one, and how often each stands there; null: once. */
function counted(
  meta: EntityMetadata,
  keys: readonly RowKey[],
): { distinct: readonly RowKey[]; times: Times | null } {
  if (isAscending(keys)) return { distinct: keys, times: null };
  const distinct = new Set(keys);
  if (distinct.size === keys.length) return { distinct: keys, times: null };
  const of = new Map<RowKey, number>();
  for (const key of keys) of.set(key, (of.get(key) ?? 0) + 1);
  return { distinct: [...distinct], times: (row) => of.get(keyOfRow(meta, row)) ?? 0 };
}
