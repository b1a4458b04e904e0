import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SourceName } from '../../src/source-name.ts';
import { numberSamples } from '../fixtures/sakila/numbers.samples.ts';
import type { Samples } from '../fixtures/sakila/samples.ts';
import { dice } from '../helpers/random-schema.ts';
import { type SakilaServer, startSakila } from '../helpers/sakila.ts';
import { seed } from '../helpers/seed.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/sakila/entities.ts'));

const columns: readonly Samples[] = [...numberSamples];
const count = process.env.TANDEM_LONG === '1' ? 400 : 25;
const source: SourceName = 'AZURE';

let server: SakilaServer;
beforeAll(async () => {
  server = await startSakila({ bothExecutors: true });
});
afterAll(() => server?.[Symbol.asyncDispose]());

async function ask(query: string, variables: Record<string, unknown> = {}) {
  const { data, errors } = await server.ask(query, variables);
  expect(
    errors,
    `${query} ${JSON.stringify(variables).slice(0, 300)} ${server.log.filter((line) => line.includes('rror')).slice(-1)}`,
  ).toBeUndefined();
  return data;
}

const capitalized = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

interface Filled {
  readonly key: number;
  readonly value: unknown;
}

/** Rows with the extreme values, random ones, some of them twice, and nulls: as given and as they come out. */
async function fill({
  many,
  column,
  extremes,
  random,
  output = (value) => value,
}: Samples): Promise<Filled[]> {
  await server.sql(source, `delete from ${tableOf(many)}`);
  const luck = dice(seed);
  const values = [...extremes, ...Array.from({ length: count }, () => random(luck))];
  const given = [...values, ...values.slice(0, 5), null, null];
  const name = `create${capitalized(many)}`;
  const data = await ask(
    `mutation ($inputs: [Create${capitalized(oneOf(many))}Input!]!) { ${name}(source: ${source}, inputs: $inputs) { ${many} { key ${column} } } }`,
    { inputs: given.map((value) => ({ [column]: value })) },
  );
  const rows: Filled[] = data[name][many].map((row: Record<string, unknown>) => ({
    key: row.key,
    value: row[column],
  }));
  // Each value is exactly what was given.
  expect(
    rows.map(({ value }) => value),
    `seed ${seed}`,
  ).toEqual(given.map((value) => (value === null ? null : output(value as never))));
  return rows;
}

const tableOf = (many: string) => many;
const oneOf = (many: string) => columns.find((each) => each.many === many)?.one as string;

/** All keys, page by page. */
async function walk(
  { many, column }: Samples,
  direction: 'ASC' | 'DESC',
  way: 'first' | 'last',
  where = '',
): Promise<Filled[]> {
  const found: Filled[] = [];
  let cursor = '';
  for (;;) {
    const page = (
      await ask(
        `{ page: ${many}(source: ${source}, ${way}: 7, orderBy: [{ ${column}: ${direction} }] ${where} ${cursor}) {
          nodes { key ${column} } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
      )
    ).page;
    const rows = page.nodes.map((row: Record<string, unknown>) => ({ key: row.key, value: row[column] }));
    if (way === 'first') found.push(...rows);
    else found.unshift(...rows);
    if (!(way === 'first' ? page.pageInfo.hasNextPage : page.pageInfo.hasPreviousPage)) return found;
    cursor =
      way === 'first' ? `, after: "${page.pageInfo.endCursor}"` : `, before: "${page.pageInfo.startCursor}"`;
  }
}

async function fieldsOf(type: string): Promise<Record<string, string>> {
  const data = await ask(`{ __type(name: "${type}") {
    fields { name type { name ofType { name } } } inputFields { name type { name ofType { name ofType { name } } } } } }`);
  const list = (data.__type?.fields ?? data.__type?.inputFields ?? []) as {
    name: string;
    type: { name: string | null; ofType: { name: string | null } | null };
  }[];
  return Object.fromEntries(list.map(({ name, type }) => [name, type.name ?? type.ofType?.name ?? 'list']));
}

describe.each(columns.map((samples) => [`${samples.many}.${samples.column}`, samples] as const))(
  '%s',
  (_, samples) => {
    const { many, one, column, type, compare, output = (value) => value } = samples;
    const Type = capitalized(many);
    let rows: Filled[];
    beforeAll(async () => {
      rows = await fill(samples);
    });

    it('has the operators, orders and functions that make sense of it, and no others', async () => {
      expect((await fieldsOf(Type))[column]).toBe(type);
      expect(Object.keys(await fieldsOf(`${type}Filter`)).toSorted()).toEqual(samples.operators.toSorted());
      expect(Object.hasOwn(await fieldsOf(`${Type}OrderBy`), column)).toBe(samples.orders);
      expect((await fieldsOf(`${Type}Sums`))[column]).toBe(samples.sum);
      expect((await fieldsOf(`${Type}Averages`))[column]).toBe(samples.average);
    });

    it('is found by each of its values, and by no other', async () => {
      for (const value of new Set(samples.operators.includes('eq') ? samples.extremes : [])) {
        const data = await ask(
          `query ($value: ${type}!) {
          eq: ${many}(source: ${source}, first: 1000, where: { ${column}: { eq: $value } }) { totalCount nodes { key } }
          ne: ${many}(source: ${source}, first: 1000, where: { ${column}: { ne: $value } }) { totalCount }
          in: ${many}(source: ${source}, first: 1000, where: { ${column}: { in: [$value] } }) { totalCount }
          notIn: ${many}(source: ${source}, first: 1000, where: { not: { ${column}: { in: [$value] } } }) { totalCount } }`,
          { value },
        );
        const same = rows.filter((row) => row.value !== null && isSame(row.value, output(value as never)));
        const others = rows.filter(({ value: held }) => held !== null).length - same.length;
        expect(
          data.eq.nodes.map(({ key }: Filled) => key),
          String(value),
        ).toEqual(same.map(({ key }) => key));
        expect([data.in.totalCount, data.ne.totalCount, data.notIn.totalCount]).toEqual([
          same.length,
          others,
          others,
        ]);
      }
      const nulls = await ask(
        `{ ${many}(source: ${source}, where: { ${column}: { isNull: true } }) { totalCount } }`,
      );
      expect(nulls[many].totalCount).toBe(2);
    });

    it('is compared as its values are', async () => {
      if (!samples.operators.includes('lt')) return;
      for (const value of samples.extremes) {
        const data = await ask(
          `query ($value: ${type}!) { ${['lt', 'lte', 'gt', 'gte']
            .map(
              (sign) =>
                `${sign}: ${many}(source: ${source}, where: { ${column}: { ${sign}: $value } }) { totalCount }`,
            )
            .join(' ')} }`,
          { value },
        );
        const held = rows.filter((row) => row.value !== null);
        const than = (holds: (sign: number) => boolean) =>
          held.filter((row) => holds((compare as Compare)(row.value, output(value as never)))).length;
        expect(
          [data.lt, data.lte, data.gt, data.gte].map(({ totalCount }) => totalCount),
          String(value),
        ).toEqual([
          than((sign) => sign < 0),
          than((sign) => sign <= 0),
          than((sign) => sign > 0),
          than((sign) => sign >= 0),
        ]);
      }
    });

    function isSame(a: unknown, b: unknown): boolean {
      return compare === undefined
        ? JSON.stringify(a) === JSON.stringify(b)
        : (compare as Compare)(a, b) === 0;
    }

    it.each(['ASC', 'DESC'] as const)('has every row once in pages of its order %s', async (direction) => {
      if (!samples.orders) return;
      const sign = direction === 'ASC' ? 1 : -1;
      const expected = rows.toSorted((a, b) => sign * (byValue(a.value, b.value) || a.key - b.key));
      for (const way of ['first', 'last'] as const)
        expect(await walk(samples, direction, way)).toEqual(expected);
    });

    function byValue(a: unknown, b: unknown): number {
      if (a === null || b === null)
        return Number(b === null) - Number(a === null) === 0 ? 0 : a === null ? -1 : 1;
      return (compare as Compare)(a, b);
    }

    it('has extremes, sums, averages and numbers of values', async () => {
      if (compare === undefined || !samples.orders) return;
      const functions = [
        'count',
        `min { ${column} } max { ${column} } countDistinct { ${column} }`,
        ...(samples.sum === undefined ? [] : [`sum { ${column} }`]),
        ...(samples.average === undefined ? [] : [`avg { ${column} }`]),
      ];
      // A sum of the largest numbers is larger than any.
      const where = type === 'Float' ? `where: { ${column}: { lt: 1e30, gt: -1e30 } }` : '';
      const data = await ask(`{ ${many}Aggregate(source: ${source} ${where}) { ${functions.join(' ')} } }`);
      const [all] = data[`${many}Aggregate`];
      const held = rows
        .map(({ value }) => value)
        .filter((value) => value !== null)
        .filter((value) => where === '' || Math.abs(value as number) < 1e30)
        .toSorted(compare as Compare);
      expect(all.min[column]).toEqual(held[0]);
      expect(all.max[column]).toEqual(held.at(-1));
      expect(all.countDistinct[column]).toBe(
        held.filter((value, at) => at === 0 || !isSame(value, held[at - 1])).length,
      );
      if (samples.sum === 'BigInt') {
        expect(all.sum[column]).toBe(
          String(held.reduce((sum: bigint, value) => sum + BigInt(value as number), 0n)),
        );
      }
      if (samples.sum === 'Decimal') expect(all.sum[column]).toMatch(/^-?\d+(\.\d+)?$/);
      if (samples.sum === 'Float') {
        const sum = held.reduce((before: number, value) => before + (value as number), 0);
        expect(all.sum[column]).toBeCloseTo(sum, -Math.log10(Math.abs(sum)) + 6);
      }
      const groups = await ask(
        `{ ${many}Aggregate(source: ${source}, groupBy: [${column}]) { count group { ${column} } } }`,
      );
      const counted = groups[`${many}Aggregate`] as { count: number; group: Record<string, unknown> }[];
      expect(counted.reduce((sum, group) => sum + group.count, 0)).toBe(rows.length);
      for (const { count: size, group } of counted) {
        expect(size).toBe(
          rows.filter(({ value }) =>
            value === null || group[column] === null ? value === group[column] : isSame(value, group[column]),
          ).length,
        );
      }
    });

    it('is changed where it holds exactly what is expected', async () => {
      const change = (key: number, expected: unknown, input: unknown) =>
        server.ask(
          `mutation ($input: Update${capitalized(one)}Input!, $expected: Update${capitalized(one)}Input!) {
          update${capitalized(one)}(source: ${source}, key: ${key}, input: $input, expected: $expected) { ${one} { ${column} } } }`,
          { input: { [column]: input }, expected: { [column]: expected } },
        );
      const [first, second] = samples.extremes;
      for (const row of [...rows.slice(0, samples.extremes.length + 3), rows.at(-1) as Filled]) {
        const other = row.value !== null && isSame(row.value, output(first as never)) ? second : first;
        const refused = await change(row.key, other, null);
        expect(refused.errors?.[0]?.extensions, JSON.stringify(row)).toMatchObject({
          code: 'CONFLICT',
          fields: [{ path: `expected.${column}` }],
        });
        const { data, errors } = await change(row.key, row.value, row.value);
        expect(errors, JSON.stringify(row)).toBeUndefined();
        expect(data[`update${capitalized(one)}`][one][column]).toEqual(row.value);
      }
    });

    it('refuses what it cannot hold, in the input and by its type', async () => {
      const create = (value: unknown) =>
        server.ask(
          `mutation ($input: Create${capitalized(one)}Input!) { create${capitalized(one)}(source: ${source}, input: $input) { ${one} { key } } }`,
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
        expect([status, errors?.[0]?.extensions?.code], JSON.stringify(value)).toEqual([
          400,
          'BAD_USER_INPUT',
        ]);
        if (typeof value === 'string' && value.length > 2)
          expect(JSON.stringify(errors)).not.toContain(value);
      }
    });

    it('takes literals of the document', async () => {
      for (const [literal, expected] of samples.literals ?? []) {
        const data = await ask(
          `mutation { made: create${capitalized(one)}(source: ${source}, input: { ${column}: ${literal} }) { ${one} { key ${column} } } }`,
        );
        expect(data.made[one][column], literal).toEqual(expected);
        const found = await ask(
          `{ ${many}(source: ${source}, first: 1000, where: { ${column}: { eq: ${literal} } }) { nodes { key } } }`,
        );
        expect(found[many].nodes).toContainEqual({ key: data.made[one].key });
      }
    });
  },
);

type Compare = (one: unknown, other: unknown) => number;
