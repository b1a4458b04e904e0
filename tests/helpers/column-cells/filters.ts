import { expect } from 'vitest';
import type { Samples } from '../../fixtures/sakila/samples.ts';
import { type Compare, columnOf, fieldsOf, type Matrix, outputOf } from '../column-matrix.ts';
import { always, type Cell, filterOf, held, isSameOf } from './cell.ts';

/** The values that filters are given: those whose order the database knows. */
const operandsOf = (samples: Samples) =>
  samples.exactly === true
    ? [...new Set(samples.extremes.map((value) => outputOf(samples, value)))]
    : samples.extremes;

/** An operator that is asked of all values in one operation, against what it should find. */
function operator(
  name: string,
  isList: boolean,
  finds: (matrix: Matrix, samples: Samples) => Promise<(held: unknown, operand: unknown) => boolean>,
  operands: (samples: Samples) => readonly unknown[] = operandsOf,
): Cell {
  return {
    applies: ({ operators }) => operators.includes(name),
    async works(matrix, samples) {
      const { many, column, type } = samples;
      const values = operands(samples);
      const find = await finds(matrix, samples);
      const operand = (at: number) => (isList ? `[$v${at}]` : `$v${at}`);
      const data = await matrix.find(
        `query (${values.map((_, at) => `$v${at}: ${type}!`).join(', ')}) { ${values
          .map(
            (_, at) =>
              `a${at}: ${many}(source: AZURE, first: 1000, where: { ${column}: { ${name}: ${operand(at)} } }) { nodes { key } }`,
          )
          .join(' ')} }`,
        Object.fromEntries(values.map((value, at) => [`v${at}`, value])),
      );
      for (const [at, value] of values.entries()) {
        const found = held(matrix.rows(samples)).filter((row) => find(row.value, outputOf(samples, value)));
        const nodes = found.map(({ key }) => ({ key }));
        expect(data[`a${at}`].nodes, `${name} ${JSON.stringify(value)}`).toEqual(nodes);
      }
    },
    absent(matrix, samples) {
      expect(Object.keys(fieldsOf(matrix, filterOf(samples)))).not.toContain(name);
    },
  };
}

/** Parts of texts, among them what LIKE, SQL and the collations have a meaning for. */
const parts = ['a', 'É', 'ab', '%', '_', '\\', "'", '"', '!', '漢', 'q'];

/** An operator that looks for a part of a text, which is as its collation has case and accents. */
function partial(
  name: 'contains' | 'startsWith' | 'endsWith',
  holds: (text: string, part: string) => boolean,
): Cell {
  return operator(
    name,
    false,
    async ({ model }, { many, column }) => {
      const table = model.tables.find((each) => each.name === many);
      const { collation } = table?.columns.find((each) => each.name === columnOf(column)) ?? {};
      const folded = (text: unknown) =>
        collation?.endsWith('_cs') === true
          ? String(text)
          : String(text).normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
      return (text, part) => holds(folded(text), folded(part));
    },
    () => parts,
  );
}

const equal = (isEqualTo: boolean) => async (matrix: Matrix, samples: Samples) => {
  const isSame = await isSameOf(matrix, samples);
  return (a: unknown, b: unknown) => isSame(a, b) === isEqualTo;
};
const compared = (holds: (sign: number) => boolean) => async (matrix: Matrix, samples: Samples) => {
  const order = (await matrix.orderOf(samples)) as Compare;
  return (a: unknown, b: unknown) => holds(order(a, b));
};

/** What a filter asks of a column. */
export const filterCells = {
  'has the operators that make sense of it, and no other': {
    ...always,
    async works(matrix, samples) {
      const names = Object.keys(fieldsOf(matrix, filterOf(samples)));
      expect(names.toSorted()).toEqual(samples.operators.toSorted());
    },
  },
  eq: operator('eq', false, equal(true)),
  ne: operator('ne', false, equal(false)),
  in: operator('in', true, equal(true)),
  notIn: operator('notIn', true, equal(false)),
  eqExact: operator('eqExact', false, async () => (a, b) => a === b),
  lt: operator(
    'lt',
    false,
    compared((sign) => sign < 0),
  ),
  lte: operator(
    'lte',
    false,
    compared((sign) => sign <= 0),
  ),
  gt: operator(
    'gt',
    false,
    compared((sign) => sign > 0),
  ),
  gte: operator(
    'gte',
    false,
    compared((sign) => sign >= 0),
  ),
  contains: partial('contains', (text, part) => text.includes(part)),
  startsWith: partial('startsWith', (text, part) => text.startsWith(part)),
  endsWith: partial('endsWith', (text, part) => text.endsWith(part)),
  isNull: {
    ...always,
    async works(matrix, samples) {
      const { many, column } = samples;
      const data = await matrix.find(
        `{ no: ${many}(source: AZURE, first: 1000, where: { ${column}: { isNull: true } }) { totalCount } yes: ${many}(source: AZURE, where: { ${column}: { isNull: false } }) { totalCount } }`,
      );
      const rows = matrix.rows(samples);
      const values = held(rows).length;
      expect(data).toEqual({ no: { totalCount: rows.length - values }, yes: { totalCount: values } });
    },
  },
} as const satisfies Readonly<Record<string, Cell>>;
