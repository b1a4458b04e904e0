import type { EntityMetadata } from '@mikro-orm/core';
import { codecOf } from '../column-types/column-types.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { isFloatResult } from './aggregate-result-type.ts';
import { type BoundValues, createValues } from './bound-values.ts';
import { formedFilter } from './filter-cache.ts';
import type { Filter, Where } from './filter-to-condition.ts';
import type { Budget } from './operation-budget.ts';
import { noOrder, type Order } from './order.ts';
import type { QueryRunner, Range } from './query-runner.ts';
import { costOfWhole } from './read-cost.ts';
import { createProjection, type FunctionCall, type Projection, type SelectSpec } from './select-spec.ts';

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

/** The parts of an aggregate that an operation asks for. */
export interface AskedOfAggregate {
  /** The properties that each function is asked of. */
  readonly functions: ReadonlyMap<FunctionCall['name'], readonly string[]>;
  /** Values that each group gives the answer. */
  readonly values: number;
}

export const maxGroups = 1000;
/** Each field is looked at, however often it is named. */
const maxGroupFields = 100;

/** The form of an aggregate over groups by certain properties, whatever their rows. */
export interface AggregateForm {
  /** Properties to group by. */
  readonly groups: readonly string[];
  readonly calls: readonly FunctionCall[];
  readonly projection: Projection;
  /** Groups come in the order of their properties. */
  readonly order: Order;
  readonly make: MakeAggregate;
}

/** Makes what the API returns of a row that MySQL returned. */
type MakeAggregate = (row: Values, source: SourceName) => Aggregate;

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
    form: formOf(meta, asked, [...new Set(groupBy ?? [])]),
    each: asked.values,
    scanCost: costOf(meta, { filter }),
  };
}

/** By the properties to group by, which a variable can hold: as many as a client is likely to use. */
const formsOf = memoizeWeak((_: AskedOfAggregate) => new Map<string, AggregateForm>());
const mostForms = 50;

/** The form of a document's selection stays with the document. */
function formOf(meta: EntityMetadata, asked: AskedOfAggregate, groups: readonly string[]): AggregateForm {
  const forms = formsOf(asked);
  const name = [meta.className, ...groups].join();
  const known = forms.get(name);
  if (known !== undefined) return known;
  const calls: FunctionCall[] = [groups.includes(countAll.as) ? countBeside : countAll];
  for (const [function_, properties] of asked.functions) {
    for (const property of properties) {
      if (meta.properties[property] === undefined) continue;
      calls.push({ name: function_, property, as: `${function_}:${property}` });
    }
  }
  const form = createForm(meta, calls, groups);
  if (forms.size < mostForms) forms.set(name, form);
  return form;
}

function createForm(
  meta: EntityMetadata,
  calls: readonly FunctionCall[],
  groups: readonly string[],
): AggregateForm {
  return {
    groups,
    calls,
    projection: createProjection({ meta, columns: groups, functions: calls, groupBy: groups }),
    order: groups.map((property) => ({ property, direction: 'asc' as const })),
    make: aggregateMaker(meta, calls, groups),
  };
}

/** How many rows there are, and no more. */
export const countForm = memoizeWeak((meta: EntityMetadata) => createForm(meta, [countAll], []));

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
  const results = calls.map(({ name, as }) => [as, name === 'count' ? 0 : null]);
  return make(Object.fromEntries(results), source);
}

/** How many rows a filter lets through; one statement, or none where the filter lets none through. */
export async function countRows(runner: QueryRunner, meta: EntityMetadata, range: Range): Promise<number> {
  if (range.filter === false) return 0;
  const { filter, isScan = false } = range;
  const spec = { projection: countForm(meta).projection, filter, order: noOrder, isScan };
  const [row] = await runner.arrays(runner.statement(spec, range.values.list));
  return Number(row?.[0]);
}

/** The rows of groups, in the order of their columns. */
export function fetchGroups(
  runner: QueryRunner,
  { form: { projection, order }, scanCost }: Pick<AggregatePlan, 'form' | 'scanCost'>,
  { values, ...range }: GroupedRange,
): Promise<Values[]> {
  const spec = { projection, ...range, order, isScan: scanCost > 0 };
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

const countAll: FunctionCall = { name: 'count', as: 'count' };
/** Beside a column called `count`. */
const countBeside: FunctionCall = { name: 'count', as: 'count:' };

function aggregateMaker(
  meta: EntityMetadata,
  calls: readonly FunctionCall[],
  groups: readonly string[],
): MakeAggregate {
  const converted = (read: ((value: unknown) => unknown) | undefined, value: unknown) =>
    value === null || read === undefined ? value : read(value);
  const results = calls.flatMap(({ name, property, as }) =>
    property === undefined
      ? []
      : [{ of: resultOf[name], property, as, read: readerOf(meta, name, property) }],
  );
  const count = calls.find(({ property }) => property === undefined)?.as ?? countAll.as;
  const readers = groups.map((property) => ({ property, read: codecOf(meta, property).read }));
  return (row, source) => {
    // The source belongs to errors about the values.
    const aggregate = {
      group: { source } as Record<string, unknown>,
      count: Number(row[count]),
      countDistinct: { source },
      min: { source },
      max: { source },
      avg: { source },
      sum: { source },
    };
    for (const { property, read } of readers) aggregate.group[property] = converted(read, row[property]);
    for (const { of, property, as, read } of results) {
      (aggregate[of] as Record<string, unknown>)[property] = converted(read, row[as]);
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
  return isFloatResult(meta, name, property) ? Number : undefined;
}
