import { expect } from 'vitest';
import { sourceNames } from '../../../src/source-name.ts';
import type { Samples } from '../../fixtures/sakila/samples.ts';
import { capitalized, type Filled, fieldsOf, isEqual, type Matrix, outputOf } from '../column-matrix.ts';
import { always, type Cell, inputOf, isSameOf, type Page, typeOf } from './cell.ts';

/** A mutation of one row of GCP, whose rows are no longer looked at. */
const isWritten: Cell['applies'] = ({ computed }) => computed === undefined;
const isInNoInput: Cell['absent'] = (matrix, samples) => {
  for (const prefix of ['Create', 'Update']) {
    expect(fieldsOf(matrix, inputOf(samples, prefix))).not.toHaveProperty(samples.column);
  }
};

/** A row of GCP for the changes of one column, which holds nothing in it. */
const freshRow = (matrix: Matrix, { many, one, column }: Samples): Promise<number> =>
  matrix.once(`row of ${many}.${column}`, async () => {
    const { made } = await matrix.ask(
      `mutation { made: create${capitalized(one)}(source: GCP, input: {}) { ${one} { key } } }`,
    );
    return made[one].key as number;
  });

/** Sends updates of one row, one after another; each may expect a value. */
async function changes(
  matrix: Matrix,
  samples: Samples,
  steps: readonly { readonly to: unknown; readonly expected?: unknown }[],
) {
  const { one, column } = samples;
  const key = await freshRow(matrix, samples);
  const type = inputOf(samples, 'Update');
  const declared = steps.map(
    (step, at) => `$i${at}: ${type}!${'expected' in step ? `, $e${at}: ${type}` : ''}`,
  );
  const fields = steps.map(
    (step, at) =>
      `u${at}: update${capitalized(one)}(source: GCP, key: ${key}, input: $i${at}${'expected' in step ? `, expected: $e${at}` : ''}) { ${one} { ${column} } }`,
  );
  const variables = steps.flatMap(({ to, ...step }, at) => [
    [`i${at}`, { [column]: to }],
    ...('expected' in step ? [[`e${at}`, { [column]: step.expected }]] : []),
  ]);
  const { data, errors = [] } = await matrix.server.ask(
    `mutation (${declared.join(', ')}) { ${fields.join(' ')} }`,
    Object.fromEntries(variables),
  );
  return steps.map((_, at) => ({
    value: data?.[`u${at}`]?.[one]?.[column],
    error: errors.find(({ path }) => path?.[0] === `u${at}`),
  }));
}

async function refusesWhatItCannotHold(matrix: Matrix, samples: Samples): Promise<void> {
  const { one, column } = samples;
  const create = (value: unknown) =>
    matrix.server.ask(
      `mutation ($input: ${inputOf(samples, 'Create')}!) { create${capitalized(one)}(source: GCP, input: $input) { ${one} { key } } }`,
      { input: { [column]: value } },
    );
  for (const [value, message] of samples.refused ?? []) {
    const { errors } = await create(value);
    expect(errors?.[0]?.extensions, JSON.stringify(value)).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: `input.${column}`, message: expect.stringContaining(message) }],
    });
  }
  for (const value of samples.wrong ?? []) {
    const { errors, status } = await create(value);
    expect([status, errors?.[0]?.extensions?.code], JSON.stringify(value)).toEqual([400, 'BAD_USER_INPUT']);
    if (typeof value === 'string' && value.length > 2) expect(JSON.stringify(errors)).not.toContain(value);
  }
}

async function takesLiterals(matrix: Matrix, samples: Samples): Promise<void> {
  const { one, column, many, operators, literals = [] } = samples;
  if (literals.length === 0) return;
  const all = (ask: (literal: string) => string) =>
    literals.map(([literal], at) => `a${at}: ${ask(literal)}`).join(' ');
  const made = await matrix.ask(
    `mutation { ${all((literal) => `create${capitalized(one)}(source: GCP, input: { ${column}: ${literal} }) { ${one} { key ${column} } }`)} }`,
  );
  const rows = literals.map((_, at) => made[`a${at}`][one] as Record<string, unknown>);
  expect(rows.map((row) => row[column])).toEqual(literals.map(([, expected]) => expected));
  if (!operators.includes('eq')) return;
  const found = await matrix.find(
    `{ ${all((literal) => `${many}(source: GCP, first: 1000, where: { ${column}: { eq: ${literal} } }) { nodes { key } }`)} }`,
  );
  for (const [at, { key }] of rows.entries()) expect(found[`a${at}`].nodes).toContainEqual({ key });
}

/** Reads and writes of values. */
export const valueCells = {
  'is read as it was written, in lists and by its key': {
    ...always,
    async works(matrix, samples) {
      const { many, one, column, type } = samples;
      const rows = matrix.rows(samples);
      const data = await matrix.ask(
        `{ all: ${many}(source: GCP, first: 1000, where: { key: { lte: ${rows.at(-1)?.key} } }) { nodes { key ${column} } } one: ${one}(source: AZURE, key: ${rows[0]?.key}) { ${column} } }`,
      );
      const { nodes } = data.all as unknown as Page;
      const read = nodes.map((row) => ({ key: row.key as number, value: row[column] }));
      const untouched = ({ key }: Filled) => matrix.isUntouched(many, key);
      expect(read.filter(untouched)).toEqual(rows.filter(untouched));
      expect(rows.filter(untouched).length).toBeGreaterThan(5);
      expect((data.one as Record<string, unknown>)[column]).toEqual(rows[0]?.value);
      expect(fieldsOf(matrix, typeOf(samples))[column]?.replace(/!$/, '')).toBe(type);
    },
  },
  create: {
    applies: isWritten,
    absent: isInNoInput,
    async works(matrix, samples) {
      for (const source of sourceNames) {
        expect(matrix.made(samples, source), source).toEqual(matrix.rows(samples));
      }
      expect(fieldsOf(matrix, inputOf(samples, 'Create'))[samples.column]).toBe(samples.type);
      await refusesWhatItCannotHold(matrix, samples);
      await takesLiterals(matrix, samples);
    },
  },
  update: {
    applies: isWritten,
    absent: isInNoInput,
    async works(matrix, samples) {
      const values = [...samples.extremes, null];
      const made = await changes(
        matrix,
        samples,
        values.map((to) => ({ to })),
      );
      expect(made).toEqual(values.map((value) => ({ value: outputOf(samples, value), error: undefined })));
    },
  },
  expected: {
    applies: isWritten,
    absent: isInNoInput,
    async works(matrix, samples) {
      const values = samples.extremes.map((value) => outputOf(samples, value));
      // What is expected is what the API answered.
      const steps = values.map((to, at) => ({ to, expected: at === 0 ? null : values[at - 1] }));
      const isSame = samples.exactly ? isEqual : await isSameOf(matrix, samples);
      const last = values.at(-1);
      const other = values.find((value) => !isSame(value, last)) as unknown;
      const made = await changes(matrix, samples, [
        { to: null },
        ...steps,
        { to: null, expected: other },
        { to: null, expected: null },
        ...(samples.refused ?? []).map(([value]) => ({ to: null, expected: value })),
      ]);
      const never = made.splice(values.length + 3);
      // No column holds them; whether one could is not a question.
      for (const { error } of never) {
        expect(['CONFLICT', 'BAD_USER_INPUT'], error?.message).toContain(error?.extensions.code);
      }
      const refused = made.splice(-2);
      expect(made.slice(1)).toEqual(values.map((value) => ({ value, error: undefined })));
      for (const { error } of refused) {
        expect(error?.extensions).toMatchObject({
          code: 'CONFLICT',
          fields: [{ path: `expected.${samples.column}` }],
        });
      }
    },
  },
} as const satisfies Readonly<Record<string, Cell>>;
