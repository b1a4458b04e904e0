import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AccessRules, TablePermission } from '../../src/access/permission.ts';
import { type Shop, statements } from '../fixtures/archive/entities.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/archive/entities.ts'));

// Soft delete and default filters of MikroORM, and the values that entities make.

let databases: TestDatabases;
let server: TestServer;
let connection: Awaited<ReturnType<typeof connect>>;
beforeAll(async () => {
  databases = await createDatabases({ statements });
  const database = databases.config.databases.GCP;
  connection = await connect(database, database.migrator);
  server = await startServer(databases.config);
}, 60_000);
afterAll(async () => {
  await connection?.end();
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

async function ask(query: string) {
  const { data, errors } = await server.ask(query);
  expect(errors, server.log.slice(-2).join('')).toBeUndefined();
  return data;
}
async function codeOf(query: string) {
  const { errors } = await server.ask(query);
  return errors?.[0]?.extensions?.code ?? 'none';
}
const keysOf = ({ nodes }: { nodes: { key: number }[] }) => nodes.map(({ key }) => key);
async function rows(sql: string): Promise<unknown[][]> {
  const [found] = await connection.query({ sql, rowsAsArray: true, dateStrings: true });
  return found as unknown[][];
}
const idOf = (type: string, key: number) => Buffer.from(`GCP:${type}:${key}`).toString('base64url');

describe('a row that one cloud hides', () => {
  it('is in the other alone where both are compared, and refers to none', async () => {
    await connection.query("update articles set state = 'GONE' where id = 2");
    await connection.query('update labels set gone = 1 where id = 2');
    await connection.query("update shops set deleted_at = '2021-01-01' where id = 1");
    const compared = (list: string) =>
      `${list}: ${list}Compared(first: 100) { nodes { key status differing } }`;
    const data = await ask(`{ ${['articles', 'labels', 'shops'].map(compared).join(' ')} }`);
    await connection.query("update articles set state = 'NEW' where id = 2");
    await connection.query('update labels set gone = 0 where id = 2');
    await connection.query('update shops set deleted_at = null where id = 1');
    const of = (list: string) =>
      data[list].nodes
        .filter(({ key }: { key: number }) => key <= 3)
        .map(({ key, status, differing }: Record<string, unknown>) => [key, status, differing]);
    expect(of('articles')).toEqual([
      [1, 'DIFFERENT', ['shop']],
      [2, 'ONLY_AZURE', []],
      [3, 'SAME', []],
    ]);
    expect(of('labels')).toEqual([
      [1, 'SAME', []],
      [2, 'ONLY_AZURE', []],
    ]);
    expect(of('shops')).toEqual([
      [1, 'ONLY_AZURE', []],
      [2, 'SAME', []],
    ]);
  });
});

describe('a hidden row', () => {
  it('is in no list, count, aggregate, page or order, and found by no key and no id', async () => {
    const data = await ask(`{
      shops(source: GCP, orderBy: [{ articles: { count: DESC } }, { key: ASC }]) { totalCount nodes { key articles { totalCount nodes { key labels { totalCount nodes { key } } } } articlesAggregate { count sum { price } } } }
      articles(source: GCP, orderBy: [{ shop: { name: ASC } }]) { totalCount nodes { key shop { key name } } }
      shopsAggregate(source: GCP) { count }
      labels(source: GCP) { nodes { key articles { totalCount } } }
      shop(source: GCP, key: 3) { key }
      article(source: GCP, key: 4) { key }
      node(id: "${idOf('Shop', 3)}") { id }
      nodes(ids: ["${idOf('Article', 4)}", "${idOf('Label', 3)}"]) { id } }`);
    expect(data.shops.totalCount).toBe(2);
    expect(data.shops.nodes).toEqual([
      {
        key: 1,
        articles: {
          totalCount: 2,
          nodes: [
            { key: 1, labels: { totalCount: 1, nodes: [{ key: 1 }] } },
            { key: 2, labels: { totalCount: 0, nodes: [] } },
          ],
        },
        articlesAggregate: [{ count: 2, sum: { price: '11' } }],
      },
      {
        key: 2,
        articles: { totalCount: 0, nodes: [] },
        articlesAggregate: [{ count: 0, sum: { price: null } }],
      },
    ]);
    // One that belongs to a hidden row belongs to none.
    expect(data.articles).toEqual({
      totalCount: 3,
      nodes: [
        { key: 3, shop: null },
        { key: 1, shop: { key: 1, name: 'North' } },
        { key: 2, shop: { key: 1, name: 'North' } },
      ],
    });
    expect(data.shopsAggregate).toEqual([{ count: 2 }]);
    expect(data.labels.nodes).toEqual([
      { key: 1, articles: { totalCount: 1 } },
      { key: 2, articles: { totalCount: 0 } },
    ]);
    expect([data.shop, data.article, data.node, data.nodes]).toEqual([null, null, null, [null, null]]);
  });

  it.each([
    ['articles', '{ shop: { name: { eq: "Old" } } }', []],
    ['articles', '{ shop: { key: { isNull: true } } }', [3]],
    ['articles', '{ labels: { some: { word: { eq: "grey" } } } }', []],
    ['articles', '{ labels: { none: {} } }', [2, 3]],
    ['shops', '{ articles: { some: { state: { eq: "GONE" } } } }', []],
    ['shops', '{ articles: { count: { eq: 0 } } }', [2]],
    ['labels', '{ articles: { every: { state: { ne: "GONE" } } } }', [1, 2]],
  ])('is seen by no filter: %s where %s', async (list, where, keys) => {
    const data = await ask(`{ ${list}(source: GCP, where: ${where}) { totalCount nodes { key } } }`);
    expect(keysOf(data[list])).toEqual(keys);
    expect(data[list].totalCount).toBe(keys.length);
  });

  it.each([
    ['articles', '{ shop: { name: ASC } }, { key: DESC }', [3, 2, 1]],
    ['articles', '{ shop: { name: DESC } }', [2, 1, 3]],
    ['articles', '{ labels: { count: DESC } }, { shop: { key: ASC } }', [1, 3, 2]],
    ['articles', '{ shop: { articles: { count: DESC } } }, { key: ASC }', [1, 2, 3]],
    ['shops', '{ articles: { count: ASC } }', [2, 1]],
    ['labels', '{ articles: { count: DESC } }', [1, 2]],
  ])('is in no page of one, either way: %s by %s', async (list, orderBy, keys) => {
    for (const [size, from, more, at] of [
      ['first', 'after', 'hasNextPage', 'endCursor'],
      ['last', 'before', 'hasPreviousPage', 'startCursor'],
    ] as const) {
      const walked: number[] = [];
      let cursor: string | null = null;
      do {
        const data = await ask(
          `{ ${list}(source: GCP, ${size}: 1, ${from}: ${JSON.stringify(cursor)}, orderBy: [${orderBy}]) { nodes { key } pageInfo { ${more} ${at} } } }`,
        );
        walked.push(...keysOf(data[list]));
        cursor = data[list].pageInfo[more] ? data[list].pageInfo[at] : null;
      } while (cursor !== null && walked.length < 9);
      expect(size === 'first' ? walked : walked.toReversed()).toEqual(keys);
    }
  });

  it('is changed, deleted and connected by nobody', async () => {
    for (const mutation of [
      'updateShop(source: GCP, key: 3, input: { name: "X" }) { shop { key } }',
      'deleteShop(source: GCP, key: 3) { key }',
      'updateArticle(source: GCP, key: 4, input: { price: 1 }) { article { key } }',
      'deleteArticle(source: GCP, key: 4) { key }',
      'createArticle(source: GCP, input: { shopKey: 3 }) { article { key } }',
      'createShop(source: GCP, input: { name: "Y", articlesConnect: [4] }) { shop { key } }',
      'updateArticle(source: GCP, key: 1, input: { labelsConnect: [3] }) { article { key } }',
    ]) {
      expect([mutation, await codeOf(`mutation { ${mutation} }`)]).toEqual([mutation, 'NOT_FOUND']);
    }
    // Nor does a write make one, but for a delete.
    expect(
      await codeOf(
        'mutation { createArticle(source: GCP, input: { shopKey: 1, state: "GONE" }) { article { key } } }',
      ),
    ).toBe('FORBIDDEN');
    expect(await rows('select count(*), max(id) from articles')).toEqual([[5, 5]]);
  });

  it('is hidden beside the rules of a role, whose rules do not see it either', async () => {
    const rules: AccessRules = {
      roles: { seller: { description: 'A test.' } },
      tables: {
        Shop: {
          seller: { read: { rows: { articles: { some: { state: { eq: 'GONE' } } } } } },
        } satisfies Record<string, TablePermission<Shop>>,
        Article: { seller: { read: true } },
      },
    };
    const auth = await authFor({ seller: { roles: ['seller'] } });
    await using guarded = await startServer({ ...databases.config, auth }, { rules });
    const { data, errors } = await askAs(
      guarded,
      'seller',
      '{ shops(source: GCP) { totalCount } articles(source: GCP) { totalCount } }',
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({ shops: { totalCount: 0 }, articles: { totalCount: 3 } });
  });
});

describe('soft delete', () => {
  it('keeps the row with the time, or a flag, and hides it from then on', async () => {
    const { createShop } = await ask(
      'mutation { createShop(source: GCP, input: { name: "Brief", articles: [{ price: 3 }] }) { shop { key articles { nodes { key } } } } }',
    );
    const { key, articles } = createShop.shop;
    expect(await ask(`mutation { deleteShop(source: GCP, key: ${key}) { key id } }`)).toEqual({
      deleteShop: { key, id: idOf('Shop', key) },
    });
    const [[name, age, revision] = []] = await rows(
      `select name, timestampdiff(second, deleted_at, utc_timestamp(3)), revision from shops where id = ${key}`,
    );
    expect([name, revision]).toEqual(['Brief', 2]);
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThan(600);
    const { shop, article } = await ask(
      `{ shop(source: GCP, key: ${key}) { key } article(source: GCP, key: ${keysOf(articles)[0]}) { shop { key } } }`,
    );
    expect([shop, article]).toEqual([null, { shop: null }]);
    expect(await codeOf(`mutation { deleteShop(source: GCP, key: ${key}) { key } }`)).toBe('NOT_FOUND');

    const { createLabel } = await ask(
      'mutation { createLabel(source: GCP, input: { word: "new" }) { label { key gone } } }',
    );
    expect(createLabel.label.gone).toBe(false);
    await ask(`mutation { deleteLabel(source: GCP, key: ${createLabel.label.key}) { key } }`);
    expect(await rows(`select gone from labels where id = ${createLabel.label.key}`)).toEqual([[1]]);
  });

  it('is undone by no input', async () => {
    const { create, update } = await ask(
      '{ create: __type(name: "CreateLabelInput") { inputFields { name } } update: __type(name: "UpdateLabelInput") { inputFields { name } } }',
    );
    for (const { inputFields } of [create, update]) {
      expect(inputFields.map(({ name }: { name: string }) => name)).not.toContain('gone');
    }
  });
});

describe('a value that the entity makes', () => {
  it('is asked for by no input, is made where none is given, and on each change', async () => {
    const { __type } = await ask(
      '{ __type(name: "CreateShopInput") { inputFields { name type { kind } } } }',
    );
    expect(
      __type.inputFields
        .filter(({ type }: { type: { kind: string } }) => type.kind === 'NON_NULL')
        .map(({ name }: { name: string }) => name),
    ).toEqual(['name']);
    const before = Date.now();
    const { createShops } = await ask(
      'mutation { createShops(source: GCP, inputs: [{ name: "A" }, { name: "B", createdAt: "1999-12-31T23:59:59.123" }]) { shops { key createdAt changedAt revision } } }',
    );
    const [a, b] = createShops.shops;
    expect(a.revision).toBe(1);
    expect(b.createdAt).toBe('1999-12-31T23:59:59.123');
    for (const [time, slack] of [
      [Date.parse(`${a.createdAt}Z`), 0],
      [Date.parse(a.changedAt), 1000],
    ] as const) {
      expect(time).toBeGreaterThanOrEqual(before - slack);
      expect(time).toBeLessThanOrEqual(Date.now());
    }
    await connection.query(`update shops set changed_at = '2020-01-01' where id = ${a.key}`);
    const { updateShop } = await ask(
      `mutation { updateShop(source: GCP, key: ${a.key}, input: { name: "C" }) { shop { createdAt changedAt revision } } }`,
    );
    expect(updateShop.shop).toMatchObject({ createdAt: a.createdAt, revision: 2 });
    expect(Date.parse(updateShop.shop.changedAt)).toBeGreaterThanOrEqual(before - 1000);
    const given = await ask(
      `mutation { updateShop(source: GCP, key: ${a.key}, input: { revision: 7 }) { shop { revision } } }`,
    );
    expect(given.updateShop.shop.revision).toBe(7);
  });
});
