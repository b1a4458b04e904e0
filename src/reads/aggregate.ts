import type { EntityMetadata } from '@mikro-orm/core';
import { GraphQLFloat } from 'graphql';
import { capabilitiesOf, codecOf } from '../column-types/column-types.ts';
import { fieldsOf } from '../column-types/entity-fields.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { type BoundValues, createValues } from './bound-values.ts';
import type { Budget } from './budget.ts';
import { type Filter, toFilter, type Where } from './filter-to-condition.ts';
import type { QueryRunner, Range } from './query-runner.ts';
import { costOfWhole } from './scan.ts';
import { createProjection, type FunctionCall, type SelectSpec } from './select-spec.ts';

/** Arguments of an aggregate field. */
export interface AggregateRequest {
  readonly where?: Where | null;
  /** Properties; without any, all rows are one group. */
  readonly groupBy?: readonly string[] | null;
}

type Values = Readonly<Record<string, unknown>>;

/** One group of rows. */
export interface Aggregate {
  /** Of the properties that it is grouped by. */
  readonly group: Values;
  readonly count: number;
  readonly countDistinct: Values;
  readonly min: Values;
  readonly max: Values;
  readonly avg: Values;
  readonly sum: Values;
}

/** The fields of an aggregate whose values are functions of one property each, with those functions. */
export const aggregateFunctions = {
  countDistinct: 'count',
  min: 'min',
  max: 'max',
  avg: 'avg',
  sum: 'sum',
} as const satisfies Readonly<Record<string, FunctionCall['name']>>;

/** What an operation asks of an aggregate. */
export interface AskedOfAggregate {
  /** The properties that each function is asked of. */
  readonly functions: ReadonlyMap<FunctionCall['name'], readonly string[]>;
  /** Values that each group gives the answer. */
  readonly values: number;
}

export const maxGroups = 1000;
/** Each field is looked at, however often it is named. */
const maxGroupFields = 100;

/** A request understood: which functions of which rows. */
export interface AggregatePlan {
  readonly meta: EntityMetadata;
  readonly filter: Filter;
  readonly values: BoundValues;
  /** Properties to group by. */
  readonly groups: readonly string[];
  readonly calls: readonly FunctionCall[];
  /** Values that each group gives the answer. */
  readonly each: number;
  /** What it costs beside its rows. */
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
  { functions, values: each }: AskedOfAggregate,
  budget: Budget,
  costOf = costOfWhole,
): AggregatePlan {
  if (groupBy != null && groupBy.length > maxGroupFields) {
    throw new TandemError('BAD_USER_INPUT', { message: `groupBy has more than ${maxGroupFields} fields.` });
  }
  const values = createValues();
  const filter = toFilter(meta, where, values.bind, budget);
  const calls: FunctionCall[] = [countAll];
  for (const [name, properties] of functions) {
    for (const property of properties) {
      if (meta.properties[property] !== undefined) calls.push({ name, property, as: `${name}:${property}` });
    }
  }
  return {
    meta,
    filter,
    values,
    groups: [...new Set(groupBy ?? [])],
    calls,
    each,
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
  return rows.map(aggregateMaker(runner, plan));
}

/** What an aggregate without groups has of no rows. */
export function aggregateOfNone(runner: QueryRunner, plan: AggregatePlan): Aggregate {
  const results = plan.calls.map(({ name, as }) => [as, name === 'count' ? 0 : null]);
  return aggregateMaker(runner, plan)(Object.fromEntries(results));
}

/** How many rows a filter lets through; one statement, or none where the filter lets none through. */
export async function countRows(runner: QueryRunner, meta: EntityMetadata, range: Range): Promise<number> {
  if (range.filter === false) return 0;
  const { filter, isScan = false } = range;
  const spec = { projection: countProjection(meta), filter, order: [], isScan };
  const [row] = await runner.arrays(runner.statement(spec, range.values.list));
  return Number(row?.[0]);
}

const countProjection = memoizeWeak((meta: EntityMetadata) =>
  createProjection({ meta, columns: [], functions: [countAll] }),
);

/** The rows of groups, in the order of their columns. */
export function fetchGroups(
  runner: QueryRunner,
  { meta, calls, groups, scanCost }: AggregatePlan,
  { values, ...range }: GroupedRange,
): Promise<Values[]> {
  const spec = {
    projection: createProjection({ meta, columns: groups, functions: calls, groupBy: groups }),
    ...range,
    order: groups.map((property) => ({ property, direction: 'asc' as const })),
    isScan: scanCost > 0,
  };
  return runner.rows<Record<string, unknown>>(runner.statement(spec, values.list));
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

/** Makes aggregates of the rows of groups. */
export function aggregateMaker({ source }: QueryRunner, { meta, calls, groups }: AggregatePlan) {
  return groupMaker(meta, calls, groups, source);
}

export const countAll: FunctionCall = { name: 'count', as: 'count' };

/** Makes what the API returns of a row that MySQL returned. */
function groupMaker(
  meta: EntityMetadata,
  calls: readonly FunctionCall[],
  groups: readonly string[],
  source: SourceName,
): (row: Values) => Aggregate {
  const converted = (read: ((value: unknown) => unknown) | undefined, value: unknown) =>
    value === null || read === undefined ? value : read(value);
  const results = calls.flatMap(({ name, property, as }) =>
    property === undefined
      ? []
      : [{ of: resultOf[name], property, as, read: readerOf(meta, name, property) }],
  );
  return (row) => {
    // The source belongs to errors about the values.
    const aggregate = {
      group: { source } as Record<string, unknown>,
      count: Number(row.count),
      countDistinct: { source },
      min: { source },
      max: { source },
      avg: { source },
      sum: { source },
    };
    for (const property of groups) {
      aggregate.group[property] = converted(codecOf(meta, property).read, row[property]);
    }
    for (const { of, property, as, read } of results) {
      Object.assign(aggregate[of], { [property]: converted(read, row[as]) });
    }
    return aggregate;
  };
}

const resultOf = {
  count: 'countDistinct',
  min: 'min',
  max: 'max',
  avg: 'avg',
  sum: 'sum',
} as const satisfies Readonly<Record<FunctionCall['name'], keyof Aggregate>>;

/** How the result of a function becomes the API's value. Averages and sums come as DECIMAL, which is text to the driver. */
function readerOf(meta: EntityMetadata, name: FunctionCall['name'], property: string) {
  if (name === 'min' || name === 'max') return codecOf(meta, property).read;
  if (name === 'count') return Number;
  const field = fieldsOf(meta.class as never).find((each) => each.name === property);
  const { sum = null, average = null } = field === undefined ? {} : capabilitiesOf(field);
  return (name === 'sum' ? sum : average) === GraphQLFloat ? Number : undefined;
}
