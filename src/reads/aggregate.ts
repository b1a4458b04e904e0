import type { EntityMetadata } from '@mikro-orm/core';
import { TandemError } from '../errors/tandem-error.ts';
import { type AggregateForm, type AskedOfAggregate, aggregateFormOf, countForm } from './aggregate-form.ts';
import type { Aggregate } from './aggregate-maker.ts';
import { type BoundValues, createValues } from './bound-values.ts';
import { formedFilter } from './filter-cache.ts';
import type { Filter, Where } from './filter-to-condition.ts';
import type { Budget } from './operation-budget.ts';
import { noOrder } from './order.ts';
import type { QueryRunner, Range } from './query-runner.ts';
import { costOfWhole } from './read-cost.ts';
import type { SelectSpec } from './select-spec.ts';

/** Arguments of an aggregate field. */
export interface AggregateRequest {
  readonly where?: Where | null;
  /** Properties; without any, all rows are one group. */
  readonly groupBy?: readonly string[] | null;
}

export const maxGroups = 1000;
/** Each field is looked at, however often it is named. */
const maxGroupFields = 100;

/** A request understood: which functions of which rows. */
export interface AggregatePlan {
  readonly meta: EntityMetadata;
  readonly filter: Filter;
  readonly values: BoundValues;
  readonly form: AggregateForm;
  /** Values that each group gives the answer. */
  readonly each: number;
  /** Its cost beside its rows. */
  readonly scanCost: number;
}

/**
 * Understands a request for functions of rows.
 *
 * @throws TandemError BAD_USER_INPUT for more than 100 fields to group by, and for what no filter can be
 */
export function planAggregate(
  meta: EntityMetadata,
  { where, groupBy }: AggregateRequest,
  asked: AskedOfAggregate,
  budget: Budget,
  costOf = costOfWhole,
): AggregatePlan {
  if (groupBy != null && groupBy.length > maxGroupFields) {
    throw new TandemError('BAD_USER_INPUT', { message: `groupBy has more than ${maxGroupFields} fields.` });
  }
  const values = createValues();
  const filter = formedFilter(meta, where, values, budget);
  return {
    meta,
    filter,
    values,
    form: aggregateFormOf(meta, asked, [...new Set(groupBy ?? [])]),
    each: asked.values,
    scanCost: costOf(meta, { filter }),
  };
}

/**
 * Counts and other functions of the rows that a filter lets through, in one statement, groups in their order.
 *
 * @throws TandemError BAD_USER_INPUT for more than 1000 groups
 */
export async function aggregateRows(runner: QueryRunner, plan: AggregatePlan): Promise<readonly Aggregate[]> {
  const { values } = plan;
  // A filter that nothing passes is asked all the same: of no rows, the count is 0 and the minimum null.
  const spec = { filter: plan.filter, limit: maxGroups + 1 };
  const rows = await fetchGroups(runner, plan, { ...spec, values });
  if (rows.length > maxGroups) throw tooManyGroups();
  runner.budget.takeValues(rows.length * plan.each);
  return rows.map((row) => plan.form.make(row, runner.source));
}

/** The values of an aggregate without groups, of no rows. */
export function aggregateOfNone(
  { source }: QueryRunner,
  { form: { calls, make } }: AggregatePlan,
): Aggregate {
  return make(
    calls.map(({ name }) => (name === 'count' ? 0 : null)),
    source,
  );
}

/** How many rows a filter lets through; one statement, or none where the filter lets none through. */
export async function countRows(runner: QueryRunner, meta: EntityMetadata, range: Range): Promise<number> {
  if (range.filter === false) return 0;
  const { filter, isScan = false } = range;
  const spec = { projection: countForm(meta).projection, filter, order: noOrder, isScan };
  const [row] = await runner.arrays(runner.statement(spec, range.values.list));
  return Number(row?.[0]);
}

/** The rows of groups, in the order of their columns: those, the results of the functions, and the key of the owner. */
export function fetchGroups(
  runner: QueryRunner,
  { form: { projection, order }, scanCost }: Pick<AggregatePlan, 'form' | 'scanCost'>,
  { values, ...range }: GroupedRange,
): Promise<unknown[][]> {
  const spec = { projection, ...range, order, isScan: scanCost > 0 };
  return runner.arrays(runner.statement(spec, values.list));
}

interface GroupedRange {
  readonly owners?: NonNullable<SelectSpec['owners']>;
  readonly filter: Filter;
  readonly limit: number;
  readonly values: BoundValues;
}

export function tooManyGroups(): TandemError {
  return new TandemError('BAD_USER_INPUT', {
    message: `groupBy gives more than ${maxGroups} groups; narrow it by where, or group by fewer fields.`,
  });
}
