import type { EntityMetadata } from '@mikro-orm/core';
import type { GraphQLResolveInfo } from 'graphql';
import { primaryKeyOf } from '../column-types/column-types.ts';
import type { RowKey } from '../column-types/table-key.ts';
import { all } from './all-any.ts';
import { amongKeys } from './bound-key.ts';
import type { BoundPlan } from './bound-plan.ts';
import { fetchByKeys, fetchRows } from './fetch-relations.ts';
import { inLists } from './in-lists.ts';
import { Budget } from './operation-budget.ts';
import { noOrder, type Order } from './order.ts';
import { type PageRequest, planPage } from './page.ts';
import type { ItemPositions } from './place-values.ts';
import { type QueryRunner, type RunnerStatement, runningBy } from './query-runner.ts';
import { costOfPage, costOfWhole } from './read-cost.ts';
import { ReadPlan } from './read-plan.ts';
import { keyOfRow, type Row } from './row.ts';
import { selectionAt } from './selection.ts';
import { selectionCache } from './selection-cache.ts';
import { below, selectionNodesOf } from './selection-nodes.ts';

/** The reads of a comparison from one of two sources. Its statements take turns, so that they need one connection. */
export interface ComparedSide {
  readonly meta: EntityMetadata;
  /** Whether rows of an entity can be hidden from the caller. */
  hidesRows(of: EntityMetadata): boolean;
  /**
   * Looks at what is selected of its rows, before anything is read. A promise only where the source has to be asked for it.
   * @throws TandemError BAD_USER_INPUT, OPERATION_TOO_COMPLEX
   */
  begin(): unknown;
  /** The first `most` rows of a request, with no more than a cursor has of them. */
  pick(request: PageRequest, most: number): Promise<PickedRows>;
  /** Those of the keys whose rows a filter lets through. */
  matching(where: PageRequest['where'], keys: readonly RowKey[]): Promise<ReadonlySet<RowKey>>;
  /** Rows by their keys, with what is selected, and the value of the SQL in `digest` under `digestName`. */
  rows(keys: readonly RowKey[], digest: string | null): Promise<ReadonlyMap<RowKey, Row>>;
}

export interface PickedRows {
  readonly rows: readonly Row[];
  readonly order: Order;
}

/** Where a row has its digest. No property is called so. */
export const digestName = 'digest:';

/** So many keys cost as much to look at as one value of an answer. */
const keysOfValue = 16;

/** How a reader binds plans, and what it knows for cursors. */
interface ReaderParts {
  readonly bind: (plan: ReadPlan, info: GraphQLResolveInfo, isOne: boolean) => BoundPlan | Promise<BoundPlan>;
  readonly positionsFor: (meta: EntityMetadata, request: PageRequest) => Promise<ItemPositions> | undefined;
}

/** @param paths where the rows of this source are selected, below the field */
export function comparedSide(
  runner: QueryRunner,
  meta: EntityMetadata,
  info: GraphQLResolveInfo,
  paths: readonly (readonly string[])[],
  { bind, positionsFor }: ReaderParts,
): ComparedSide {
  const inTurn = oneAtATime(runner);
  const { budget } = runner;
  let bound: BoundPlan | undefined;
  let isAsked = false;

  /** The selection: a plan for each source, all kept with the field's node. */
  function selected(): ReadPlan {
    const plans = selectionCache(info, () => new Map<string, ReadPlan>());
    const name = paths.join();
    let plan = plans.get(name);
    if (plan === undefined) {
      const nodes = selectionNodesOf(info);
      plan = new ReadPlan(
        selectionAt(
          info,
          meta,
          paths.flatMap((path) => below(info, nodes, path)),
        ),
      );
      plans.set(name, plan);
    }
    return plan;
  }

  function bindSelected(binding: BoundPlan): BoundPlan {
    budget.takeScan(binding.scanCost);
    bound = binding;
    return binding;
  }

  return {
    meta,

    hidesRows: (of) => runner.guard?.hidesRows(of) === true,

    begin() {
      const binding = bind(selected(), info, false);
      return binding instanceof Promise ? binding.then(bindSelected) : bindSelected(binding);
    },

    async pick(request, most) {
      // The parts of a filter are counted once, however often it is asked.
      const ofFilter = isAsked ? new Budget() : budget;
      isAsked = true;
      const needed = positionsFor(meta, request);
      const positions = needed === undefined ? undefined : await needed;
      const { order, range, whole } = planPage(meta, request, ofFilter, undefined, positions);
      const cost = costOfPage(meta, { filter: whole.filter, values: whole.values.list }, { order });
      budget.takeScan(cost + Math.floor(most / keysOfValue));
      const plan = keysWith(
        meta,
        order.map(({ property }) => property),
      );
      const limited = { ...range, size: most, limit: most, isScan: cost > 0 };
      const { rows } = await fetchRows(inTurn, await bind(plan, info, false), limited);
      return { order, rows };
    },

    async matching(where, keys) {
      const binding = await bind(keysWith(meta, []), info, false);
      const found = new Set<RowKey>();
      for (const some of inLists(keys)) {
        const { whole } = planPage(meta, { where: where ?? null }, new Budget());
        const filter = all([whole.filter, amongKeys(meta, some, whole.values)]);
        if (filter !== false) budget.takeScan(costOfWhole(meta, { filter }));
        const { rows } = await fetchRows(inTurn, binding, { filter, order: noOrder, values: whole.values });
        for (const row of rows) found.add(keyOfRow(meta, row));
      }
      return found;
    },

    async rows(keys, digest) {
      if (keys.length === 0) return new Map();
      const binding = bound ?? bindSelected(await bind(selected(), info, false));
      const plan = digest === null ? binding.plan : binding.plan.computing(digestName, digest);
      const rows = await fetchByKeys(inTurn, { ...binding, plan }, keys, null);
      return new Map(rows.map((row) => [keyOfRow(meta, row), row]));
    },
  };
}

/** A plan of rows that stand in no answer. */
function keysWith(meta: EntityMetadata, columns: readonly string[]): ReadPlan {
  const key = primaryKeyOf(meta);
  return new ReadPlan({
    meta,
    columns: [...new Set([...key.columns.map(({ name }) => name), ...columns])],
    references: new Map(),
    place: key.place,
    id: false,
    key: false,
    relations: new Map(),
    lists: [],
    aggregates: [],
    values: 0,
    texts: [],
    getters: [],
  });
}

/** The same source, whose statements wait for one another. */
function oneAtATime(runner: QueryRunner): QueryRunner {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(send: () => Promise<T>): Promise<T> => {
    const next = last.then(send);
    last = next.catch(() => {});
    return next;
  };
  return runningBy(runner, {
    rows: <R extends object>(statement: RunnerStatement) => inTurn(() => runner.rows<R>(statement)),
    arrays: (statement) => inTurn(() => runner.arrays(statement)),
  });
}
