import { expect } from 'vitest';
import type { Samples } from '../../fixtures/sakila/samples.ts';
import { capitalized, columnOf, type Matrix } from '../column-matrix.ts';
import { typesTables } from '../sakila.ts';
import { always, type Cell } from './cell.ts';

/** Comparisons of the clouds, and the golden files. */
export const comparisonCells = {
  compare: {
    ...always,
    async works(matrix, samples) {
      expect(differencesIn(matrix, 'compare', samples, samples.column)).toEqual([samples.column]);
    },
  },
  parity: {
    // What is generated is as the columns are that it is computed from.
    applies: ({ generatedFrom }) => generatedFrom === undefined,
    async works(matrix, samples) {
      const column = columnOf(samples.column);
      expect(differencesIn(matrix, 'parity', samples, column)).toEqual([column]);
    },
    absent(matrix, samples) {
      const from = samples.generatedFrom as string;
      expect(differencesIn(matrix, 'parity', samples, from)).toEqual([from]);
    },
  },
  drift: {
    ...always,
    async works({ drifted }, { many, column }) {
      const findings = drifted.get(`${many}.${columnOf(column)}`);
      expect(findings?.map(({ property }) => property)).toEqual(['type']);
      expect(findings?.[0]?.left).toBe(declared(many, column).type);
      expect(findings?.[0]?.right).not.toBe(findings?.[0]?.left);
    },
  },
  golden: {
    ...always,
    async works({ golden }, { many, column, type }) {
      const field = golden.schema.match(
        new RegExp(`^type ${capitalized(many)} .*?^  ${column}: (.*?)$`, 'ms'),
      )?.[1];
      const sql = declared(many, column);
      expect(field).toBe(sql.nullable ? type : `${type}!`);
      expect(golden.types.get(`${many}.${columnOf(column)}`)).toBe(sql.type);
    },
  },
} as const satisfies Readonly<Record<string, Cell>>;

/** What tests/fixtures/sakila/tables.sql has of a column. */
function declared(many: string, column: string): { readonly type: string; readonly nullable: boolean } {
  const table = typesTables.find((sql) => sql.startsWith(`create table ${many} `)) as string;
  const [, text = ''] = new RegExp(`[\\s,]\`?${columnOf(column)}\`? ([^\\n]*)`).exec(table) ?? [];
  const [type = ''] = /^\w+(?:\([^)]*\))?(?: unsigned)?/.exec(text) ?? [];
  return { type, nullable: !/^[^,]*not null/.test(text.slice(type.length)) };
}

/**
 * The columns that differ in the row where a value was planted, without those of `documents` that change with others:
 * when a row was changed, and what one is generated from the other.
 */
function differencesIn(
  { planted, keyOfPlant }: Matrix,
  way: 'parity' | 'compare',
  samples: Samples,
  column: string,
): readonly string[] {
  const found = planted[way].get(`${samples.many} ${keyOfPlant(samples)}`) ?? [];
  return found.filter((name) => name === column || !['changed', 'data', 'size'].includes(name));
}
