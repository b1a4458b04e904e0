import { readFileSync } from 'node:fs';
import { printSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { choiceSamples } from '../fixtures/sakila/choices.samples.ts';
import { documentSamples } from '../fixtures/sakila/documents.samples.ts';
import { momentSamples } from '../fixtures/sakila/moments.samples.ts';
import { numberSamples } from '../fixtures/sakila/numbers.samples.ts';
import { textSamples } from '../fixtures/sakila/texts.samples.ts';
import { cells } from '../helpers/column-cells/cells.ts';
import { columnOf, type Matrix, openMatrix } from '../helpers/column-matrix.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/sakila/entities.ts'));

// Each type of column with each operation. An operation that makes no sense of a type is absent from the API.

const columns = [...numberSamples, ...textSamples, ...momentSamples, ...choiceSamples, ...documentSamples];

let matrix: Matrix;
beforeAll(async () => {
  matrix = await openMatrix(columns);
}, 120_000);
afterAll(() => matrix?.[Symbol.asyncDispose]());

it('is of the API that column-types.graphql has', async () => {
  await expect(printSchema(matrix.schema)).toMatchFileSnapshot('../golden/column-types.graphql');
});

it('is of the tables that column-types-database.json has', async () => {
  await expect(`${JSON.stringify(matrix.model, null, 2)}\n`).toMatchFileSnapshot(
    '../golden/column-types-database.json',
  );
});

describe.each(columns.map((samples) => [`${samples.many}.${samples.column}`, samples] as const))(
  '%s',
  (_, samples) => {
    for (const [operation, { applies, works, absent }] of Object.entries(cells)) {
      if (applies(samples)) it(operation, () => works(matrix, samples));
      else it(`has no ${operation}`, () => absent(matrix, samples));
    }
  },
);

it('has each type of column that docs/tables.md names, and each column of its tables', () => {
  const { tables } = matrix.model;
  const own = ['id', 'parent_id', 'label', 'changed'];
  const all = tables.flatMap(({ name, columns: list }) => list.map((column) => ({ name, column })));
  const asked = new Set(columns.map(({ many, column }) => `${many}.${columnOf(column)}`));
  const unasked = all.filter(
    ({ name, column }) => !own.includes(column.name) && !asked.has(`${name}.${column.name}`),
  );
  expect(unasked).toEqual([]);
  const [documented = ''] = readFileSync('docs/tables.md', 'utf8').split('## What a column can be').slice(1);
  const named = documented
    .slice(0, documented.indexOf('\n## '))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) =>
      [...(line.split('|')[1] ?? '').matchAll(/[A-Z]{3,}/g)].map(([type]) => type.toLowerCase()),
    );
  expect(new Set(named).size).toBeGreaterThan(20);
  const held = new Set(all.flatMap(({ column }) => column.type.match(/[a-z]+/g) ?? []));
  expect([...new Set(named)].filter((type) => !held.has(type))).toEqual([]);
});
