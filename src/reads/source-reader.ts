import type { EntityClass, EntityMetadata } from '@mikro-orm/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { RowKey } from '../column-types/table-key.ts';
import type { Reads } from '../sources/transaction.ts';
import { type AggregateRequest, aggregateRows, countRows, planAggregate } from './aggregate.ts';
import type { Aggregate } from './aggregate-maker.ts';
import { storedKey } from './bound-key.ts';
import { type Binding, type BoundPlan, bindPlan } from './bound-plan.ts';
import { type ComparedSide, comparedSide } from './compared-side.ts';
import { counted } from './distinct-keys.ts';
import { inCollations } from './explicit-collations.ts';
import { fetchByKeys, fetchRows } from './fetch-relations.ts';
import { toOrder } from './order.ts';
import { type Page, type PageRequest, planPage } from './page.ts';
import { type QueryRunner, runningBy } from './query-runner.ts';
import { costOfPage, costOfWhole } from './read-cost.ts';
import { ReadPlan } from './read-plan.ts';
import { keyOfRow, type Row } from './row.ts';
import { aggregateSelectionAt, pageSelectionAt, selectionAt } from './selection.ts';
import { selectionCache } from './selection-cache.ts';
import { below, selectionNodesOf } from './selection-nodes.ts';
import { type ItemPositionsOf, needsPositions } from './sorted-columns.ts';

const noPositions: Binding['positions'] = new Map();

/**
 * The reader of one request (reader.ts). A class, whose functions all requests share: made anew for each of them, they were a kilobyte that
 * it kept while it waited.
 */
export class SourceReader {
  readonly #runner: QueryRunner;
  readonly #metaOf: (entity: EntityClass<object>) => EntityMetadata;
  readonly #itemPositions: ItemPositionsOf;

  constructor(
    runner: QueryRunner,
    metaOf: (entity: EntityClass<object>) => EntityMetadata,
    itemPositions: ItemPositionsOf,
  ) {
    this.#runner = runner;
    this.#metaOf = metaOf;
    this.#itemPositions = itemPositions;
  }

  get isGuarded(): boolean {
    return this.#runner.guard !== null;
  }

  async page(entity: EntityClass<object>, request: PageRequest, info: GraphQLResolveInfo): Promise<Page> {
    const runner = this.#runner;
    const meta = this.#metaOf(entity);
    const needed = this.#positionsFor(meta, request);
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
    const binding = this.#bind(rowsPlan, info, size <= 1);
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
  }

  async aggregate(
    entity: EntityClass<object>,
    request: AggregateRequest,
    info: GraphQLResolveInfo,
  ): Promise<readonly Aggregate[]> {
    const runner = this.#runner;
    const asked = selectionCache(info, () => aggregateSelectionAt(info, selectionNodesOf(info)));
    const plan = planAggregate(this.#metaOf(entity), request, asked, runner.budget);
    runner.budget.takeScan(plan.scanCost);
    return aggregateRows(runner, plan);
  }

  one(
    entity: EntityClass<object>,
    key: RowKey,
    info: GraphQLResolveInfo,
    path: readonly string[] = [],
  ): Promise<Row | null> {
    const meta = this.#metaOf(entity);
    const wanted = storedKey(meta, key);
    // MySQL compares texts by a collation, under which another key can be equal.
    return this.#byKeys(entity, [wanted], info, path).then(([row]) =>
      row !== undefined && keyOfRow(meta, row) === wanted ? row : null,
    );
  }

  many(
    entity: EntityClass<object>,
    keys: readonly RowKey[],
    info: GraphQLResolveInfo,
    path: readonly string[] = [],
  ): Promise<Row[]> {
    const meta = this.#metaOf(entity);
    return this.#byKeys(entity, keys, info, path).then((rows) => inOrder(meta, rows, keys));
  }

  check(entity: EntityClass<object>): void {
    this.#metaOf(entity);
  }

  side(
    entity: EntityClass<object>,
    info: GraphQLResolveInfo,
    paths: readonly (readonly string[])[],
  ): ComparedSide {
    return comparedSide(ofPrimary(this.#runner), this.#metaOf(entity), info, paths, {
      bind: (plan, of, isOne) => this.#bind(plan, of, isOne),
      positionsFor: (meta, request) => this.#positionsFor(meta, request),
    });
  }

  readsInOneStatement(
    entity: EntityClass<object>,
    info: GraphQLResolveInfo,
    path: readonly string[],
  ): boolean {
    const { relations, lists, selection } = planOf(this.#metaOf(entity), info, path);
    const isAlone = relations.length + lists.length + selection.aggregates.length === 0;
    return isAlone && this.#runner.guard === null && this.#runner.budget.has(selection.values);
  }

  within(reads: Reads): SourceReader {
    const runner = this.#runner;
    const { budget: allowance, collations } = runner;
    return new SourceReader(
      runningBy(runner, {
        rows: (statement) =>
          inCollations(collations, statement, reads, (own) => reads.rows({ ...own, allowance })),
        arrays: (statement) =>
          inCollations(collations, statement, reads, (own) => reads.arrays({ ...own, allowance })),
      }),
      this.#metaOf,
      this.#itemPositions,
    );
  }

  /** Only the read itself is waited for. */
  #byKeys(
    entity: EntityClass<object>,
    keys: readonly RowKey[],
    info: GraphQLResolveInfo,
    path: readonly string[],
  ): Promise<Row[]> {
    if (keys.length === 0) return Promise.resolve([]);
    const meta = this.#metaOf(entity);
    const { times, distinct } = counted(meta, keys);
    const plan = planOf(meta, info, path);
    const fetched = (bound: BoundPlan) => {
      this.#runner.budget.takeScan(bound.scanCost);
      return fetchByKeys(this.#runner, bound, distinct, times);
    };
    const binding = this.#bind(plan, info, distinct.length === 1);
    return binding instanceof Promise ? binding.then(fetched) : fetched(binding);
  }

  /** Where lists from cursors need it, the source's catalogue is read first; else nothing is waited for. */
  #bind(
    plan: ReadPlan,
    { variableValues: variables }: GraphQLResolveInfo,
    isOne: boolean,
  ): BoundPlan | Promise<BoundPlan> {
    const { budget } = this.#runner;
    if (plan.listsFromCursors.length === 0) {
      return bindPlan(plan, { variables, budget, positions: noPositions, isOne });
    }
    const needed = plan.listsFromCursors.flatMap(({ property, argumentsOf, defaultOrder }) => {
      const { after, before, orderBy }: PageRequest = argumentsOf(variables);
      const meta = property.targetMeta as EntityMetadata;
      const order = toOrder(meta, orderBy ?? defaultOrder);
      return (after != null || before != null) && needsPositions(meta, order) ? [{ meta, order }] : [];
    });
    if (needed.length === 0) return bindPlan(plan, { variables, budget, positions: noPositions, isOne });
    const primary = ofPrimary(this.#runner);
    return Promise.all(
      needed.map(async ({ meta, order }) => [meta, await this.#itemPositions(primary, meta, order)] as const),
    ).then((positions) => bindPlan(plan, { variables, budget, positions: new Map(positions), isOne }));
  }

  /** Of a page without a cursor, nothing has to be known, and nothing is waited for. */
  #positionsFor(meta: EntityMetadata, { after, before, orderBy }: PageRequest) {
    if (after == null && before == null) return undefined;
    const order = toOrder(meta, orderBy);
    return needsPositions(meta, order)
      ? this.#itemPositions(ofPrimary(this.#runner), meta, order)
      : undefined;
  }
}

/** The rows of keys, in the order of these. */
function inOrder(meta: EntityMetadata, rows: Row[], keys: readonly RowKey[]): Row[] {
  // As rows are that one INSERT has made.
  if (rows.length === keys.length && rows.every((row, at) => keyOfRow(meta, row) === keys[at])) return rows;
  const byKey = new Map(rows.map((row) => [keyOfRow(meta, row), row]));
  return keys.map((key) => byKey.get(key)).filter((row) => row !== undefined);
}

/** Comparisons of two sources, and results kept for other requests, read no replica. */
function ofPrimary(runner: QueryRunner): QueryRunner {
  return runningBy(runner, {
    rows: (statement) => runner.rows({ ...statement, mayLag: false }),
    arrays: (statement) => runner.arrays({ ...statement, mayLag: false }),
  });
}

/** The selection of rows that the operation names by their keys. */
function planOf(meta: EntityMetadata, info: GraphQLResolveInfo, path: readonly string[]): ReadPlan {
  return selectionCache(
    info,
    () => new ReadPlan(selectionAt(info, meta, below(info, selectionNodesOf(info), path))),
  );
}
