import type { EntityMetadata } from '@mikro-orm/core';
import { codecOf } from '../column-types/column-types.ts';
import type { SourceName } from '../source-name.ts';
import { isFloatResult } from './aggregate-result-type.ts';
import type { FunctionCall } from './select-spec.ts';

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

/** Makes what the API returns of a row that MySQL returned: the properties of its group, then the results of the functions. */
export type MakeAggregate = (row: readonly unknown[], source: SourceName) => Aggregate;

/** A property's value, where it stands in a row, and what makes it the API's; absent: it is that already. */
interface Result {
  readonly property: string;
  readonly at: number;
  readonly read: ((value: unknown) => unknown) | undefined;
}

/** @param calls the first counts the rows */
export function aggregateMaker(
  meta: EntityMetadata,
  calls: readonly FunctionCall[],
  groups: readonly string[],
): MakeAggregate {
  const group = groups.map((property, at) => ({ property, at, read: codecOf(meta, property).read }));
  const countAt = groups.length;
  const resultsOf = (field: keyof typeof aggregateFunctions): Result[] =>
    calls.flatMap(({ name, property }, at) =>
      property === undefined || name !== aggregateFunctions[field]
        ? []
        : [{ property, at: groups.length + at, read: readerOf(meta, name, property) }],
    );
  const countDistinct = resultsOf('countDistinct');
  const min = resultsOf('min');
  const max = resultsOf('max');
  const avg = resultsOf('avg');
  const sum = resultsOf('sum');
  return (row, source) => ({
    group: valuesOf(group, row, source),
    count: Number(row[countAt]),
    countDistinct: valuesOf(countDistinct, row, source),
    min: valuesOf(min, row, source),
    max: valuesOf(max, row, source),
    avg: valuesOf(avg, row, source),
    sum: valuesOf(sum, row, source),
  });
}

/** The source belongs to errors about the values. */
function valuesOf(results: readonly Result[], row: readonly unknown[], source: SourceName): Values {
  const values: Record<string, unknown> = { source };
  for (const { property, at, read } of results) {
    const value = row[at];
    values[property] = value === null || read === undefined ? value : read(value);
  }
  return values;
}

/** How the result of a function becomes the API's value. Averages and sums come as DECIMAL, which is text to the driver. */
function readerOf(meta: EntityMetadata, name: FunctionCall['name'], property: string): Result['read'] {
  if (name === 'min' || name === 'max') return codecOf(meta, property).read;
  if (name === 'count') return Number;
  return isFloatResult(meta, name, property) ? Number : undefined;
}
