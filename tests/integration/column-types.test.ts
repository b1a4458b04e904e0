import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SourceName } from '../../src/source-name.ts';
import { dice } from '../helpers/random-schema.ts';
import { seed } from '../helpers/random-seed.ts';
import { type SakilaServer, startSakila } from '../helpers/sakila.ts';
import { statementsOf } from '../helpers/sent-statements.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/sakila/entities.ts'));

// What single types of columns have beside what all have: see column-matrix.test.ts.

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

interface Filled {
  readonly key: number;
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

  it('has a null of its own, which is null in the API whatever asks for it', async () => {
    await server.sql(source, "insert into documents (data) values ('null'), ('[null]')");
    const where = async (condition: string) => {
      const { documents } = await ask(
        `{ documents(source: ${source}, where: { data: { ${condition} } }) { nodes { key data } } }`,
      );
      return documents.nodes as { key: number; data: unknown }[];
    };
    const nulls = await where('isNull: true');
    expect(nulls.map(({ data }) => data)).toEqual([null, null]);
    expect((await where('isNull: false')).map(({ data }) => data)).not.toContain(null);
    expect(await where('path: [{ path: "$", eq: null }]')).toEqual(nulls.slice(1));
    for (const [at, { key }] of nulls.entries()) {
      const { update } = await ask(
        `mutation { update: updateOneDocuments(source: ${source}, key: ${key}, input: { data: [${at}] }, expected: { data: null }) { oneDocuments { data } } }`,
      );
      expect(update.oneDocuments.data).toEqual([at]);
    }
    await server.sql(
      source,
      `delete from documents where id = ${nulls[1]?.key} or data = cast('[null]' as json)`,
    );
    await server.sql(source, `update documents set data = null where id = ${nulls[0]?.key}`);
  });

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
  expect(Object.keys(fields).toSorted()).toEqual(['area', 'changed', 'data', 'label', 'place', 'shape']);
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
