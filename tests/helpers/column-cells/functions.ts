import { expect } from 'vitest';
import type { Samples } from '../../fixtures/sakila/samples.ts';
import { type Compare, fieldsOf, type Matrix } from '../column-matrix.ts';
import { type Cell, held, typeOf } from './cell.ts';

/** A sum of the largest numbers is larger than any. */
const isSummed = ({ type }: Samples, value: unknown) => type !== 'Float' || Math.abs(value as number) < 1e30;

type Functions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** All functions of a column, asked in one operation. */
function functionsOf(matrix: Matrix, { many, column, type, sum, average }: Samples): Promise<Functions> {
  const names = ['min', 'max', 'countDistinct', ...(sum ? ['sum'] : []), ...(average ? ['avg'] : [])];
  const where = type === 'Float' ? `, where: { ${column}: { lt: 1e30, gt: -1e30 } }` : '';
  return matrix.once(`functions of ${many}.${column}`, async () => {
    const asked = names.map((name) => `${name} { ${column} }`).join(' ');
    const data = await matrix.ask(`{ all: ${many}Aggregate(source: AZURE${where}) { ${asked} } }`);
    expect(data.all).toHaveLength(1);
    return data.all[0] as Functions;
  });
}

/** A function of all values of a column, in the order of these. */
function aggregate(
  name: 'min' | 'max' | 'sum' | 'avg' | 'countDistinct',
  suffix: 'Values' | 'Sums' | 'Averages' | 'Counts',
  typeOfResult: (samples: Samples) => string | undefined,
  check: (answer: unknown, values: readonly unknown[], samples: Samples, order: Compare) => void,
): Cell {
  return {
    applies: (samples) => typeOfResult(samples) !== undefined,
    absent(matrix, samples) {
      expect(fieldsOf(matrix, `${typeOf(samples)}${suffix}`)).not.toHaveProperty(samples.column);
    },
    async works(matrix, samples) {
      const { column } = samples;
      const all = await functionsOf(matrix, samples);
      const order = (await matrix.orderOf(samples)) as Compare;
      const values = held(matrix.rows(samples))
        .map(({ value }) => value)
        .filter((value) => isSummed(samples, value))
        .toSorted(order);
      check(all[name]?.[column], values, samples, order);
      const type = fieldsOf(matrix, `${typeOf(samples)}${suffix}`)[column];
      expect(type?.replace(/!$/, '')).toBe(typeOfResult(samples));
    },
  };
}

/** The least or the greatest; of texts that their collation takes for one, any. */
const extreme =
  (at: 0 | -1) =>
  (found: unknown, values: readonly unknown[], { exactly }: Samples, order: Compare) => {
    const expected = values.at(at);
    if (exactly === true) expect(order(found, expected), JSON.stringify(found)).toBe(0);
    else expect(found).toEqual(expected);
  };

/** Digits behind the point that decimals are added up with: as many as any column has. */
const scale = 30;
const scaled = (value: unknown) => {
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(value)) ?? [];
  return BigInt(`${sign}${whole}${fraction.padEnd(scale, '0')}`);
};
const sumOf = (values: readonly unknown[]) =>
  values.reduce((sum: number, value) => sum + (value as number), 0);
const exactSumOf = (values: readonly unknown[]) =>
  values.reduce((sum: bigint, value) => sum + scaled(value), 0n);

/** As near as the order allows in which binary fractions are added up. */
function checkNear(found: unknown, expected: number, values: readonly unknown[]): void {
  const most = Math.max(...values.map((value) => Math.abs(value as number)));
  expect(Math.abs((found as number) - expected), `${found} instead of ${expected}`).toBeLessThanOrEqual(
    most * 1e-13,
  );
}

function checkSum(sum: unknown, values: readonly unknown[], { sum: type }: Samples): void {
  expect(typeof sum).toBe(type === 'Float' ? 'number' : 'string');
  if (type === 'Float') checkNear(sum, sumOf(values), values);
  else expect(scaled(sum)).toBe(exactSumOf(values));
}

/** A Decimal has four digits more than the column has, and 30 at most. */
function checkAverage(average: unknown, values: readonly unknown[], { average: type }: Samples): void {
  expect(typeof average).toBe(type === 'Float' ? 'number' : 'string');
  if (type === 'Float') {
    checkNear(average, sumOf(values) / values.length, values);
    return;
  }
  const digits = String(values[0]).split('.')[1]?.length ?? 0;
  const unit = 10n ** BigInt(scale - Math.min(scale, digits + 4));
  const off = scaled(average) * BigInt(values.length) - exactSumOf(values);
  expect((off < 0n ? -off : off) <= unit * BigInt(values.length), `${average}`).toBe(true);
}

const ifOrdered = ({ orders, type }: Samples) => (orders ? type : undefined);

/** Functions of all values of a column. */
export const functionCells = {
  min: aggregate('min', 'Values', ifOrdered, extreme(0)),
  max: aggregate('max', 'Values', ifOrdered, extreme(-1)),
  sum: aggregate('sum', 'Sums', ({ sum }) => sum, checkSum),
  avg: aggregate('avg', 'Averages', ({ average }) => average, checkAverage),
  countDistinct: aggregate(
    'countDistinct',
    'Counts',
    ({ orders }) => (orders ? 'Int' : undefined),
    (count, values, _, order) => {
      const distinct = values.filter((value, at) => at === 0 || order(value, values[at - 1]) !== 0);
      expect(count).toBe(distinct.length);
    },
  ),
} as const satisfies Readonly<Record<string, Cell>>;
