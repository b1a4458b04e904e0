import { expect } from 'vitest';
import type { Samples } from '../../fixtures/sakila/samples.ts';
import { capitalized, type Filled, fieldsOf, isEqual, type Matrix } from '../column-matrix.ts';

/** One operation on columns of any type: how it works where it makes sense, and that it is absent where it does not. */
export interface Cell {
  readonly applies: (samples: Samples) => boolean;
  readonly works: (matrix: Matrix, samples: Samples) => Promise<void>;
  readonly absent: (matrix: Matrix, samples: Samples) => void;
}

export const always = { applies: () => true, absent: () => expect.unreachable() };
export const typeOf = ({ many }: Samples) => capitalized(many);
export const inputOf = ({ one }: Samples, prefix: string) => `${prefix}${capitalized(one)}Input`;
export const filterOf = ({ filter, type }: Samples) => filter ?? `${type}Filter`;
export const held = (rows: readonly Filled[]) => rows.filter(({ value }) => value !== null);

export async function isSameOf(matrix: Matrix, samples: Samples) {
  const order = await matrix.orderOf(samples);
  return (a: unknown, b: unknown) => (order === null ? isEqual(a, b) : order(a, b) === 0);
}

export const isOrdered: Cell['applies'] = ({ orders }) => orders;
export const directions = ['ASC', 'DESC'] as const;
export const hasNoOrder: Cell['absent'] = (matrix, samples) => {
  expect(fieldsOf(matrix, `${typeOf(samples)}OrderBy`)).not.toHaveProperty(samples.column);
};

export interface Page {
  readonly nodes: readonly Record<string, unknown>[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string;
    readonly endCursor: string;
  };
}
