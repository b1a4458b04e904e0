import type { EntityMetadata } from '@mikro-orm/core';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';
import type { QueryRunner, Range } from './fetch.ts';
import { toFilter, type Where } from './filter-to-condition.ts';
import { propertyOf } from './properties.ts';
import { toBoolean } from './row.ts';
import { costOfWhole } from './scan.ts';
import { createProjection, createValues, type FunctionCall } from './statement.ts';

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
  readonly min: Values;
  readonly max: Values;
  readonly avg: Values;
  readonly sum: Values;
}

/** Functions of one property each; `count` is of rows. */
export const aggregateFunctions = ['min', 'max', 'avg', 'sum'] as const;

/** What an operation asks of an aggregate. */
export interface AskedOfAggregate {
  /** The properties that each function is asked of. */
  readonly functions: ReadonlyMap<(typeof aggregateFunctions)[number], readonly string[]>;
  /** Values that each group gives the answer. */
  readonly values: number;
}

const maxGroups = 1000;
/** Each field is looked at, however often it is named. */
const maxGroupFields = 100;

/** How many rows a filter lets through; one statement, or none where the filter lets none through. */
export async function countRows(runner: QueryRunner, meta: EntityMetadata, range: Range): Promise<number> {
  if (range.filter === false) return 0;
  const { filter, isScan = false } = range;
  const projection = createProjection({ meta, columns: [], functions: [countAll] });
  const spec = { projection, filter, order: [], isScan };
  const [row] = await runner.rows<{ count: number }>(runner.statement(spec, range.values.list));
  return Number(row?.count);
}

/**
 * Counts and other functions of the rows that a filter lets through, in one statement, groups in their order.
 *
 * @throws TandemError BAD_USER_INPUT for more than 1000 groups, and for more than 100 fields to group by
 */
export async function aggregateRows(
  runner: QueryRunner,
  meta: EntityMetadata,
  { where, groupBy }: AggregateRequest,
  { functions, values: each }: AskedOfAggregate,
): Promise<readonly Aggregate[]> {
  if (groupBy != null && groupBy.length > maxGroupFields) {
    throw new TandemError('BAD_USER_INPUT', { message: `groupBy has more than ${maxGroupFields} fields.` });
  }
  const values = createValues();
  const filter = toFilter(meta, where, values.bind, runner.budget);
  const cost = costOfWhole(meta, { filter });
  runner.budget.takeScan(cost);
  const groups = [...new Set(groupBy ?? [])];
  const calls: FunctionCall[] = [countAll];
  for (const [name, properties] of functions) {
    for (const property of properties) {
      if (meta.properties[property] !== undefined) calls.push({ name, property, as: `${name}:${property}` });
    }
  }
  const spec = {
    projection: createProjection({ meta, columns: groups, functions: calls, groupBy: groups }),
    // One that nothing passes is asked all the same: of no rows, the count is 0 and the minimum null.
    filter,
    order: groups.map((property) => ({ property, direction: 'asc' as const })),
    limit: maxGroups + 1,
    isScan: cost > 0,
  };
  const rows = await runner.rows<Record<string, unknown>>(runner.statement(spec, values.list));
  if (rows.length > maxGroups) {
    throw new TandemError('BAD_USER_INPUT', {
      message: `groupBy gives more than ${maxGroups} groups; narrow it by where, or group by fewer fields.`,
    });
  }
  runner.budget.takeValues(rows.length * each);
  const isBoolean = (property: string) => propertyOf(meta, property).runtimeType === 'boolean';
  const booleans = new Set(Object.keys(meta.properties).filter(isBoolean));
  return rows.map((row) => toAggregate(row, calls, groups, booleans, runner.source));
}

const countAll: FunctionCall = { name: 'count', as: 'count' };

function toAggregate(
  row: Values,
  calls: readonly FunctionCall[],
  groups: readonly string[],
  booleans: ReadonlySet<string>,
  source: SourceName,
): Aggregate {
  const toValue = (property: string, value: unknown) => (booleans.has(property) ? toBoolean(value) : value);
  const group = Object.fromEntries(groups.map((property) => [property, toValue(property, row[property])]));
  // The source belongs to errors about the values.
  const aggregate = {
    group: { ...group, source },
    count: Number(row.count),
    min: { source },
    max: { source },
    avg: { source },
    sum: { source },
  };
  for (const { name, property, as } of calls) {
    if (property === undefined || name === 'count') continue;
    // Averages and sums come as DECIMAL, which is text to the driver.
    const isNumber = row[as] !== null && (name === 'avg' || name === 'sum');
    Object.assign(aggregate[name], { [property]: isNumber ? Number(row[as]) : toValue(property, row[as]) });
  }
  return aggregate;
}
