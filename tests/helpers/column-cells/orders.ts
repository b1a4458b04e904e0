import type { GraphQLEnumType } from 'graphql';
import { expect } from 'vitest';
import type { Samples } from '../../fixtures/sakila/samples.ts';
import type { Compare, Filled, Matrix } from '../column-matrix.ts';
import { type Cell, directions, hasNoOrder, isOrdered, isSameOf, type Page, typeOf } from './cell.ts';

/** Rows as an order has them; those that it leaves equal by key. */
async function sorted(matrix: Matrix, samples: Samples, direction: 'ASC' | 'DESC'): Promise<Filled[]> {
  const order = (await matrix.orderOf(samples)) as Compare;
  const sign = direction === 'ASC' ? 1 : -1;
  return matrix.rows(samples).toSorted((a, b) => {
    const byNull = Number(a.value !== null) - Number(b.value !== null);
    const byValue = a.value === null || b.value === null ? byNull : order(a.value, b.value);
    return sign * (byValue || a.key - b.key);
  });
}

/** All rows page by page, in both directions side by side. */
function paging(way: 'first' | 'last'): Cell {
  const isForward = way === 'first';
  return {
    applies: ({ orders }) => orders,
    absent: hasNoOrder,
    async works(matrix, samples) {
      const { many, column } = samples;
      const size = Math.ceil(matrix.rows(samples).length / 3) + 1;
      const document = `query ($ASC: String, $DESC: String) { ${directions
        .map(
          (direction) =>
            `${direction}: ${many}(source: AZURE, ${way}: ${size}, ${isForward ? 'after' : 'before'}: $${direction}, orderBy: [{ ${column}: ${direction} }]) {
            nodes { key ${column} } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`,
        )
        .join(' ')} }`;
      const found: Record<string, Filled[]> = { ASC: [], DESC: [] };
      const cursors: Record<string, string> = {};
      for (let hasMore = true; hasMore; ) {
        const pages = await matrix.find(document, cursors);
        for (const direction of directions) {
          const { nodes, pageInfo } = pages[direction] as Page;
          const rows = nodes.map((row) => ({ key: row.key as number, value: row[column] }));
          const before = found[direction] as Filled[];
          found[direction] = isForward ? [...before, ...rows] : [...rows, ...before];
          cursors[direction] = isForward ? pageInfo.endCursor : pageInfo.startCursor;
          hasMore = isForward ? pageInfo.hasNextPage : pageInfo.hasPreviousPage;
        }
        if (samples.isSortedInPart !== true) continue;
        const { errors } = await matrix.server.ask(document, cursors);
        expect(errors?.map(({ extensions }) => extensions.code)).toEqual(
          directions.map(() => 'BAD_USER_INPUT'),
        );
        expect(errors?.[0]?.message).toContain(`MySQL sorts ${column} by its first 1024 bytes`);
        return;
      }
      for (const direction of directions) {
        expect(found[direction], direction).toEqual(await sorted(matrix, samples, direction));
      }
    },
  };
}

/** What needs an order of the values. */
export const orderCells = {
  order: {
    applies: isOrdered,
    absent: hasNoOrder,
    async works(matrix, samples) {
      const { many, column } = samples;
      const data = await matrix.ask(
        `{ ${directions
          .map(
            (direction) =>
              `${direction}: ${many}(source: AZURE, first: 1000, orderBy: [{ ${column}: ${direction} }]) { nodes { key ${column} } }`,
          )
          .join(' ')} }`,
      );
      for (const direction of directions) {
        const { nodes } = data[direction] as Page;
        const rows = nodes.map((row) => ({ key: row.key, value: row[column] }));
        expect(rows, direction).toEqual(await sorted(matrix, samples, direction));
      }
    },
  },
  'pages forward': paging('first'),
  'pages backward': paging('last'),
  groups: {
    applies: isOrdered,
    absent(matrix, samples) {
      const groups = matrix.schema.getType(`${typeOf(samples)}GroupField`) as GraphQLEnumType | undefined;
      expect(groups?.getValue(samples.column) ?? null).toBeNull();
    },
    async works(matrix, samples) {
      const { many, column } = samples;
      const data = await matrix.ask(
        `{ all: ${many}Aggregate(source: AZURE, groupBy: [${column}]) { count group { ${column} } } }`,
      );
      const groups = data.all as unknown as { count: number; group: Record<string, unknown> }[];
      const isSame = await isSameOf(matrix, samples);
      const rows = matrix.rows(samples);
      expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(rows.length);
      for (const { count, group } of groups) {
        const value = group[column];
        const own = rows.filter((row) =>
          row.value === null || value === null ? row.value === value : isSame(row.value, value),
        );
        expect(count, JSON.stringify(value)).toBe(own.length);
      }
    },
  },
} as const satisfies Readonly<Record<string, Cell>>;
