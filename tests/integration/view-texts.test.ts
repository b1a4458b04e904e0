import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { statements, texts } from '../fixtures/keys/view-texts.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/keys/view-texts.ts'));

// A view's text can have a collation that MySQL does not compare with a parameter's: a column of the same collation says what it is to answer.

let databases: TestDatabases;
let server: TestServer;
beforeAll(async () => {
  databases = await createDatabases({ migrated: false, statements });
  server = await startServer(databases.config, { bothExecutors: true });
}, 60_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

/** What the view and the table answer to the same, each asked in several ways at once. */
async function answers(query: (many: string) => readonly string[]) {
  const of = async (many: string) => {
    const fields = query(many).map((field, at) => `f${at}: ${field}`);
    const { data, errors = [] } = await server.ask(`{ ${fields.join(' ')} }`);
    return { data, codes: errors.map(({ path, extensions }) => [path[0], extensions.code]).toSorted() };
  };
  const [view, table] = await Promise.all([of('labels'), of('copies')]);
  for (const [field, code] of table.codes) {
    // A character that the column cannot have.
    expect(code).toBe('BAD_USER_INPUT');
    view.data[field] = null;
  }
  return { view: view.data, table: table.data };
}

const operands = ['"LIT"', '"GRÖSSE"', '"ssß"', '"ÄA"', '"X"', '"😀"', '"s"'];
const filters = ['eq', 'ne', 'lt', 'gte', 'contains', 'startsWith', 'endsWith', 'eqExact', 'in', 'notIn'].map(
  (operator) =>
    operands.map((operand) => `${operator}: ${/in$/i.test(operator) ? `[${operand}, "Lit"]` : operand}`),
);

const names = Object.keys(texts);

it.each(names)('%s is filtered by every operator as a column of its collation', async (name) => {
  for (const some of filters) {
    const { view, table } = await answers((many) =>
      some.map((filter) => `${many}(source: AZURE, where: { ${name}: { ${filter} } }) { nodes { key } }`),
    );
    expect(view, some.join()).toEqual(table);
  }
});

it.each(names)('%s is walked by pages in both directions as a column of its collation', async (name) => {
  const walk = async (many: string, direction: string) => {
    const rows: number[] = [];
    for (let after = ''; ; ) {
      const { data, errors } = await server.ask(
        `{ ${many}(source: AZURE, first: 2, orderBy: [{ ${name}: ${direction} }]${after}) { nodes { key } pageInfo { hasNextPage endCursor } } }`,
      );
      expect(errors).toBeUndefined();
      rows.push(...data[many].nodes.map(({ key }: { key: number }) => key));
      if (!data[many].pageInfo.hasNextPage) return rows;
      after = `, after: "${data[many].pageInfo.endCursor}"`;
    }
  };
  for (const direction of ['ASC', 'DESC']) {
    const rows = await walk('labels', direction);
    expect(rows).toEqual(await walk('copies', direction));
    expect(rows).toHaveLength(5);
  }
});

it.each(names)('%s is grouped and has extremes as a column of its collation', async (name) => {
  const { view, table } = await answers((many) => [
    `${many}Aggregate(source: AZURE, groupBy: [${name}]) { group { ${name} } count }`,
    `${many}Aggregate(source: AZURE, where: { ${name}: { contains: "s" } }) { count min { ${name} } max { ${name} } countDistinct { ${name} } }`,
  ]);
  expect(view).toEqual(table);
  expect(table).toMatchObject({ f0: expect.any(Array), f1: expect.any(Array) });
});

it('is read from both clouds side by side', async () => {
  const { data, errors } = await server.ask(
    '{ labelsCompared(where: { mixed: { contains: "s" } }) { nodes { key } } }',
  );
  expect(errors).toBeUndefined();
  expect(data.labelsCompared.nodes).not.toEqual([]);
});

it('names the collations where columns of tables differ in them, and the next step', async () => {
  const { errors } = await server.ask(
    '{ uses(source: AZURE, where: { owner: { note: { eq: "x" } } }) { nodes { key } } }',
  );
  expect(errors?.[0]).toMatchObject({
    message: 'Two texts that this compares have different collations on AZURE.',
    extensions: { code: 'COLLATIONS_DIFFER', retryable: false },
  });
});
