import type { GraphQLEnumType } from 'graphql';
import { expect } from 'vitest';
import { sourceNames } from '../../src/source-name.ts';
import type { Samples } from '../fixtures/sakila/samples.ts';
import {
  type Compare,
  capitalized,
  columnOf,
  type Filled,
  fieldsOf,
  isEqual,
  type Matrix,
  outputOf,
} from './column-matrix.ts';
import { typesTables } from './sakila.ts';

/** One operation on columns of any type: how it works where it makes sense, and that it is absent where it does not. */
interface Cell {
  readonly applies: (samples: Samples) => boolean;
  readonly works: (matrix: Matrix, samples: Samples) => Promise<void>;
  readonly absent: (matrix: Matrix, samples: Samples) => void;
}

const always = { applies: () => true, absent: () => expect.unreachable() };
const typeOf = ({ many }: Samples) => capitalized(many);
const inputOf = ({ one }: Samples, prefix: string) => `${prefix}${capitalized(one)}Input`;
const filterOf = ({ filter, type }: Samples) => filter ?? `${type}Filter`;
const held = (rows: readonly Filled[]) => rows.filter(({ value }) => value !== null);

/** The values that filters are given: those whose order the database knows. */
const operandsOf = (samples: Samples) =>
  samples.exactly === true
    ? [...new Set(samples.extremes.map((value) => outputOf(samples, value)))]
    : samples.extremes;

async function isSameOf(matrix: Matrix, samples: Samples) {
  const order = await matrix.orderOf(samples);
  return (a: unknown, b: unknown) => (order === null ? isEqual(a, b) : order(a, b) === 0);
}

/** An operator that is asked of all values in one operation, against what it should find. */
function operator(
  name: string,
  isList: boolean,
  finds: (matrix: Matrix, samples: Samples) => Promise<(held: unknown, operand: unknown) => boolean>,
): Cell {
  return {
    applies: ({ operators }) => operators.includes(name),
    async works(matrix, samples) {
      const { many, column, type } = samples;
      const values = operandsOf(samples);
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

const equal = (isEqualTo: boolean) => async (matrix: Matrix, samples: Samples) => {
  const isSame = await isSameOf(matrix, samples);
  return (a: unknown, b: unknown) => isSame(a, b) === isEqualTo;
};
const compared = (holds: (sign: number) => boolean) => async (matrix: Matrix, samples: Samples) => {
  const order = (await matrix.orderOf(samples)) as Compare;
  return (a: unknown, b: unknown) => holds(order(a, b));
};

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

const directions = ['ASC', 'DESC'] as const;
const hasNoOrder: Cell['absent'] = (matrix, samples) => {
  expect(fieldsOf(matrix, `${typeOf(samples)}OrderBy`)).not.toHaveProperty(samples.column);
};

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

interface Page {
  readonly nodes: readonly Record<string, unknown>[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string;
    readonly endCursor: string;
  };
}

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

const isOrdered: Cell['applies'] = ({ orders }) => orders;
const ifOrdered = ({ orders, type }: Samples) => (orders ? type : undefined);

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

/** The operations: each type of column has a test for each. */
export const cells = {
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
