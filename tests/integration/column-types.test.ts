import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SourceName } from '../../src/source-name.ts';
import { choiceSamples } from '../fixtures/sakila/choices.samples.ts';
import { documentSamples } from '../fixtures/sakila/documents.samples.ts';
import { momentSamples } from '../fixtures/sakila/moments.samples.ts';
import { numberSamples } from '../fixtures/sakila/numbers.samples.ts';
import type { Samples } from '../fixtures/sakila/samples.ts';
import { textSamples } from '../fixtures/sakila/texts.samples.ts';
import { dice } from '../helpers/random-schema.ts';
import { type SakilaServer, startSakila } from '../helpers/sakila.ts';
import { seed } from '../helpers/seed.ts';
import { statementsOf } from '../helpers/statements.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/sakila/entities.ts'));

const columns: readonly Samples[] = [
  ...numberSamples,
  ...textSamples,
  ...momentSamples,
  ...choiceSamples,
  ...documentSamples,
];
const count = process.env.TANDEM_LONG === '1' ? 400 : 12;
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
  let cursor: string | null = null;
  // One document for all pages, as a client has it.
  const document = `query ($cursor: String) {
    page: ${many}(source: ${source}, ${way}: 7, orderBy: [{ ${column}: ${direction} }] ${where}, ${way === 'first' ? 'after' : 'before'}: $cursor) {
      nodes { key ${column} } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
  for (;;) {
    const { page } = await ask(document, { cursor });
    const rows = page.nodes.map((row: Record<string, unknown>) => ({ key: row.key, value: row[column] }));
    if (way === 'first') found.push(...rows);
    else found.unshift(...rows);
    if (!(way === 'first' ? page.pageInfo.hasNextPage : page.pageInfo.hasPreviousPage)) return found;
    cursor = way === 'first' ? page.pageInfo.endCursor : page.pageInfo.startCursor;
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

/** Ranks of the values of a column in the order that its collation gives them, by the database. */
async function ranksOf({ many, column }: Samples, rows: readonly Filled[]): Promise<Map<unknown, number>> {
  const name = `\`${column.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}\``;
  const ranks = await server.sql(
    source,
    `select id, dense_rank() over (order by ${name}) as place from ${tableOf(many)}`,
  );
  const byKey = new Map(ranks.map(({ id, place }) => [id, place as number]));
  return new Map(rows.map(({ key, value }) => [value, byKey.get(key) as number]));
}

describe.each(columns.map((samples) => [`${samples.many}.${samples.column}`, samples] as const))(
  '%s',
  (_, samples) => {
    const { many, one, column, type, exactly = false, output = (value) => value } = samples;
    const Type = capitalized(many);
    let rows: Filled[];
    let compare = samples.compare as Compare | undefined;
    beforeAll(async () => {
      rows = await fill(samples);
      if (!exactly) return;
      const ranks = await ranksOf(samples, rows);
      compare = (a, b) => (ranks.get(a) as number) - (ranks.get(b) as number);
    });

    const isEqual = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
    const isSame = (a: unknown, b: unknown) => (compare === undefined ? isEqual(a, b) : compare(a, b) === 0);
    const operands = () =>
      exactly ? [...new Set(samples.extremes.map((value) => output(value as never)))] : samples.extremes;

    it('has the operators, orders and functions that make sense of it, and no others', async () => {
      expect((await fieldsOf(Type))[column]).toBe(type.startsWith('[') ? 'list' : type);
      expect(Object.keys(await fieldsOf(samples.filter ?? `${type}Filter`)).toSorted()).toEqual(
        samples.operators.toSorted(),
      );
      expect(Object.hasOwn(await fieldsOf(`${Type}OrderBy`), column)).toBe(samples.orders);
      expect(Object.hasOwn(await fieldsOf(`${Type}Values`), column)).toBe(samples.orders);
      expect((await fieldsOf(`${Type}Sums`))[column]).toBe(samples.sum);
      expect((await fieldsOf(`${Type}Averages`))[column]).toBe(samples.average);
    });

    it('is found by each of its values, and by no other', async () => {
      const isList = samples.operators.includes('in');
      for (const value of samples.operators.includes('eq') ? operands() : []) {
        const data = await ask(
          `query ($value: ${type}!) {
          eq: ${many}(source: ${source}, first: 1000, where: { ${column}: { eq: $value } }) { totalCount nodes { key } }
          ne: ${many}(source: ${source}, first: 1000, where: { ${column}: { ne: $value } }) { totalCount }
          ${
            isList
              ? `in: ${many}(source: ${source}, first: 1000, where: { ${column}: { in: [$value] } }) { totalCount }
          notIn: ${many}(source: ${source}, first: 1000, where: { not: { ${column}: { in: [$value] } } }) { totalCount }`
              : ''
          }
          ${exactly ? `exact: ${many}(source: ${source}, first: 1000, where: { ${column}: { eqExact: $value } }) { nodes { key } }` : ''} }`,
          { value },
        );
        const keys = (some: readonly Filled[]) => some.map(({ key }) => key);
        const same = rows.filter((row) => row.value !== null && isSame(row.value, output(value as never)));
        const others = rows.filter(({ value: held }) => held !== null).length - same.length;
        expect(keys(data.eq.nodes), JSON.stringify(value)).toEqual(keys(same));
        expect(data.ne.totalCount).toBe(others);
        if (isList) expect([data.in.totalCount, data.notIn.totalCount]).toEqual([same.length, others]);
        if (exactly) expect(keys(data.exact.nodes)).toEqual(keys(rows.filter((row) => row.value === value)));
      }
      const nulls = await ask(
        `{ ${many}(source: ${source}, where: { ${column}: { isNull: true } }) { totalCount } }`,
      );
      expect(nulls[many].totalCount).toBe(2);
    });

    it('is compared as its values are', async () => {
      if (!samples.operators.includes('lt')) return;
      for (const value of operands()) {
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

    it.each(['ASC', 'DESC'] as const)('has every row once in pages of its order %s', async (direction) => {
      if (!samples.orders) return;
      if (samples.isSortedInPart) {
        const page = (after: string) =>
          server.ask(
            `{ ${many}(source: ${source}, first: 7, orderBy: [{ ${column}: ${direction} }] ${after}) { pageInfo { endCursor } } }`,
          );
        const { endCursor } = (await page('')).data[many].pageInfo;
        const [error] = (await page(`, after: "${endCursor}"`)).errors ?? [];
        expect(error?.extensions?.code).toBe('BAD_USER_INPUT');
        expect(error?.message).toContain(`MySQL sorts ${column} by its first 1024 bytes`);
        return;
      }
      const sign = direction === 'ASC' ? 1 : -1;
      const expected = rows.toSorted((a, b) => sign * (byValue(a.value, b.value) || a.key - b.key));
      for (const way of ['first', 'last'] as const)
        expect(await walk(samples, direction, way)).toEqual(expected);
    });

    function byValue(a: unknown, b: unknown): number {
      if (a === null) return b === null ? 0 : -1;
      if (b === null) return 1;
      return (compare as Compare)(a, b);
    }

    it('has extremes, sums, averages and numbers of values', async () => {
      if (compare === undefined || !samples.orders) return;
      const order = compare;
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
        .toSorted(order);
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
        const isFirst =
          exactly || compare === undefined
            ? isEqual(row.value, output(first as never))
            : row.value !== null && isSame(row.value, output(first as never));
        const other = isFirst ? second : first;
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
        if (!samples.operators.includes('eq')) continue;
        const found = await ask(
          `{ ${many}(source: ${source}, first: 1000, where: { ${column}: { eq: ${literal} } }) { nodes { key } } }`,
        );
        expect(found[many].nodes).toContainEqual({ key: data.made[one].key });
      }
    });
  },
);

type Compare = (one: unknown, other: unknown) => number;

describe('an ENUM whose items are not in the order of the alphabet', () => {
  it('has each of 1000 rows once in its pages, and rows that MySQL holds without an item, too', async () => {
    await server.sql(source, 'delete from choices');
    const luck = dice(seed);
    const names = ['PG_13', 'G', 'R', '_3D', 'a_b', 'NC_17', 'PG'];
    const inputs = Array.from({ length: 1000 }, () => ({
      rating: luck.chance(0.1) ? null : luck.pick(names),
    }));
    await ask(
      `mutation ($inputs: [CreateOneChoicesInput!]!) { createChoices(source: ${source}, inputs: $inputs) { choices { key } } }`,
      { inputs },
    );
    for (const direction of ['ASC', 'DESC']) {
      const seen: string[] = [];
      let after = '';
      for (;;) {
        const { choices } = await ask(
          `{ choices(source: ${source}, first: 90, orderBy: [{ rating: ${direction} }] ${after}) {
            nodes { key rating } pageInfo { hasNextPage endCursor } } }`,
        );
        seen.push(...choices.nodes.map(({ key }: Filled) => String(key)));
        if (!choices.pageInfo.hasNextPage) break;
        after = `, after: "${choices.pageInfo.endCursor}"`;
      }
      expect(new Set(seen).size).toBe(1000);
      const rows = await server.sql(
        source,
        `select id from choices order by rating ${direction}, id ${direction}`,
      );
      expect(seen).toEqual(rows.map(({ id }) => String(id)));
    }
  });

  it('finds the rest of a page by its index', async () => {
    const { choices } = await ask(
      `{ choices(source: ${source}, first: 500, orderBy: [{ rating: ASC }]) { pageInfo { endCursor } } }`,
    );
    const statements = await statementsOf(server.sources[source], () =>
      ask(
        `{ choices(source: ${source}, first: 5, orderBy: [{ rating: ASC }], after: "${choices.pageInfo.endCursor}") { nodes { key } } }`,
      ),
    );
    const [page] = statements.filter((sql) => sql.includes('choices'));
    expect(page).toContain('`row`.`rating` in (');
  });

  it('takes the order of the source’s own column, and sees an item that a migration brings', async () => {
    await server.sql('GCP', 'delete from choices');
    await server.sql(
      'GCP',
      "alter table choices modify rating enum('R','G','PG','PG-13','3D','a b','NC-17'), modify features set('Deleted Scenes','Trailers','Behind the Scenes','Commentaries')",
    );
    const inputs = ['G', 'R', 'PG', 'NC_17', 'R', 'PG_13'].map((rating) => ({
      rating,
      features: ['Trailers', 'Commentaries'],
    }));
    await ask(
      `mutation ($inputs: [CreateOneChoicesInput!]!) { createChoices(source: GCP, inputs: $inputs) { choices { key } } }`,
      { inputs },
    );
    const seen: string[] = [];
    let after = '';
    for (;;) {
      const { choices } = await ask(
        `{ choices(source: GCP, first: 1, orderBy: [{ rating: ASC }, { features: DESC }] ${after}) { nodes { rating } pageInfo { hasNextPage endCursor } } }`,
      );
      seen.push(...choices.nodes.map(({ rating }: { rating: string }) => rating));
      if (!choices.pageInfo.hasNextPage) break;
      after = `, after: "${choices.pageInfo.endCursor}"`;
    }
    expect(seen).toEqual(['R', 'R', 'G', 'PG', 'PG_13', 'NC_17']);
  });
});

interface Children {
  readonly oneChoices: {
    readonly children: {
      readonly nodes: { readonly key: number }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    };
  };
}

describe('a list in the order of an ENUM and a SET', () => {
  it('has each row once in its pages below one parent', async () => {
    await server.sql(source, 'delete from choices');
    const luck = dice(seed);
    const inputs = Array.from({ length: 60 }, () => ({
      rating: luck.chance(0.1) ? null : luck.pick(['PG_13', 'G', 'R', '_3D', 'a_b', 'NC_17', 'PG']),
      features: luck.chance(0.1) ? null : luck.pick([[], ['Trailers'], ['Commentaries', 'Trailers']]),
    }));
    await ask(
      `mutation ($inputs: [CreateOneChoicesInput!]!) { createChoices(source: ${source}, inputs: $inputs) { choices { key } } }`,
      { inputs },
    );
    const [{ least }] = (await server.sql(source, 'select min(id) as least from choices')) as [
      { least: number },
    ];
    await server.sql(source, 'update choices set parent_id = ? where id <> ?', [least, least]);
    for (const direction of ['ASC', 'DESC']) {
      const seen: number[] = [];
      let after: string | null = null;
      do {
        const data: Children = await ask(
          `query ($after: String) { oneChoices(source: ${source}, key: ${least}) {
            children(first: 7, after: $after, orderBy: [{ rating: ${direction} }, { features: DESC }]) {
              nodes { key } pageInfo { hasNextPage endCursor } } } }`,
          { after },
        );
        const { nodes, pageInfo } = data.oneChoices.children;
        seen.push(...nodes.map(({ key }) => key));
        after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
      } while (after !== null);
      const rows = await server.sql(
        source,
        `select id from choices where parent_id = ? order by rating ${direction}, features desc, id desc`,
        [least],
      );
      expect(seen, `seed ${seed}`).toEqual(rows.map(({ id }) => id));
    }
  });
});

describe('a SET', () => {
  it('is found by an item that it has', async () => {
    await server.sql(source, 'delete from choices');
    await ask(
      `mutation { createChoices(source: ${source}, inputs: [{ features: [Trailers, Commentaries] }, { features: [] }, { features: [Commentaries] }, {}]) { choices { key } } }`,
    );
    const count = async (where: string) =>
      (await ask(`{ choices(source: ${source}, where: ${where}) { totalCount } }`)).choices.totalCount;
    expect(await count('{ features: { has: Commentaries } }')).toBe(2);
    expect(await count('{ not: { features: { has: Trailers } } }')).toBe(2);
    expect(await count('{ features: { eq: [] } }')).toBe(1);
    expect(await count('{ features: { eq: [Commentaries, Trailers, Trailers] } }')).toBe(1);
    expect(await count('{ features: { isNull: true } }')).toBe(1);
  });
});

describe('JSON', () => {
  beforeAll(async () => {
    await server.sql(source, 'delete from documents');
    await server.sql(
      source,
      `insert into documents (data) values
        ('{"age": 7, "name": {"first": "Ada"}, "tags": ["x", "y"], "a b": 1, "none": null}'),
        ('{"age": 12345678901234567890, "price": 0.1}'), ('[9007199254740993, 1.5]'), (null)`,
    );
  });

  it.each([
    ['{ path: "$.age", eq: 7 }', 1],
    ['{ path: "$.age", gt: 6 }', 2],
    ['{ path: "$.age", lte: 7, gte: 7 }', 1],
    ['{ path: "$.age", ne: 7 }', 1],
    ['{ path: "$.age", eq: 12345678901234567890 }', 1],
    ['{ path: "$.name.first", eq: "Ada" }', 1],
    ['{ path: "$.name", eq: { first: "Ada" } }', 1],
    ['{ path: "$.tags[1]", eq: "y" }', 1],
    ['{ path: "$[0]", eq: 9007199254740993 }', 1],
    ['{ path: "$.\\"a b\\"", exists: true }', 1],
    ['{ path: "$.none", eq: null }', 1],
    ['{ path: "$.none", exists: false }', 2],
    ['{ path: "$.price", eq: 0.1 }', 1],
    ['{ path: "$.age", exists: true }, { path: "$.price", exists: false }', 1],
  ])('is found by what stands at a place: %s', async (condition, count) => {
    const { documents } = await ask(
      `{ documents(source: ${source}, where: { data: { path: [${condition}] } }) { totalCount } }`,
    );
    expect(documents.totalCount).toBe(count);
  });

  it.each(['age', '$.', '$.a[*]', '$**.a', '$.a.*', "$.a') or 1 = 1 -- ", '$[last]'])(
    'refuses %s as a path',
    async (path) => {
      const { errors } = await server.ask(
        `query ($path: String!) { documents(source: ${source}, where: { data: { path: [{ path: $path, eq: 1 }] } }) { totalCount } }`,
        { path },
      );
      expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    },
  );

  it('keeps all digits of its numbers', async () => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: `{ documents(source: ${source}) { nodes { data } } }` }),
    });
    const body = await response.text();
    expect(body).toContain('"age":12345678901234567890');
    expect(body).toContain('[9007199254740993,1.5]');
  });
});

it('gives inputs no column that the database alone writes, and asks for none that it supplies', async () => {
  const fields = await fieldsOf('CreateOneDocumentsInput');
  expect(Object.keys(fields).toSorted()).toEqual(['changed', 'data', 'label', 'place', 'shape']);
  const { made } = await ask(
    `mutation { made: createOneDocuments(source: ${source}, input: { data: [1, 2, 3] }) { oneDocuments { size note label changed } } }`,
  );
  expect(made.oneDocuments).toMatchObject({ size: 3, note: 'unseen', label: 'none' });
  expect(made.oneDocuments.changed).toMatch(/^20\d\d-.*\.\d{3}Z$/);
  const [one, two] = (
    await ask(
      `mutation { made: createDocuments(source: ${source}, inputs: [{ label: "x" }, { data: 1 }]) { documents { label data } } }`,
    )
  ).made.documents;
  expect([one, two]).toEqual([
    { label: 'x', data: null },
    { label: 'none', data: 1 },
  ]);
});

it('finds the parts of a text, whatever stands in it', async () => {
  await server.sql(source, 'delete from texts');
  await ask(
    `mutation ($inputs: [CreateOneTextsInput!]!) { createTexts(source: ${source}, inputs: $inputs) { texts { key } } }`,
    { inputs: ['Ada', 'ADA', '50%', 'a_b', 'axb', 'Ada '].map((varying) => ({ varying, cased: varying })) },
  );
  const count = async (where: string) =>
    (await ask(`{ texts(source: ${source}, where: ${where}) { totalCount } }`)).texts.totalCount;
  expect(await count('{ varying: { endsWith: "da" } }')).toBe(2);
  expect(await count('{ cased: { endsWith: "da" } }')).toBe(1);
  expect(await count('{ varying: { endsWith: "%" } }')).toBe(1);
  expect(await count('{ varying: { endsWith: "_b" } }')).toBe(1);
  expect(await count('{ varying: { eq: "ada" } }')).toBe(2);
  expect(await count('{ varying: { eqExact: "Ada" } }')).toBe(1);
  expect(await count('{ not: { varying: { eqExact: "Ada" } } }')).toBe(5);
});
