import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { statements } from '../fixtures/library/statements.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/library/entities.ts'));

let databases: TestDatabases;
let server: TestServer;
beforeAll(async () => {
  databases = await createDatabases({ statements });
  server = await startServer(databases.config, { bothExecutors: true });
}, 60_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

async function ask(query: string, variables: Record<string, unknown> = {}) {
  const { data, errors } = await server.ask(query, variables);
  expect(errors, server.log.slice(-2).join('')).toBeUndefined();
  return data;
}
const keysOf = (list: { nodes: { key: number }[] }) => list.nodes.map(({ key }) => key);

describe('a one-to-one relation', () => {
  it('is read from both sides, and null where the other row is not there', async () => {
    const { authors, profiles } = await ask(
      '{ authors(source: GCP) { nodes { name profile { text author { name } } } } profiles(source: GCP) { nodes { text author { name profile { key } } } } }',
    );
    expect(authors.nodes).toEqual([
      { name: 'Ada', profile: { text: 'Life of Ada', author: { name: 'Ada' } } },
      { name: 'Bo', profile: { text: 'Life of Bo', author: { name: 'Bo' } } },
      { name: 'Cy', profile: null },
      { name: 'Di', profile: null },
    ]);
    expect(profiles.nodes).toEqual([
      { text: 'Life of Bo', author: { name: 'Bo', profile: { key: 10 } } },
      { text: 'Life of Ada', author: { name: 'Ada', profile: { key: 11 } } },
    ]);
  });

  it('needs no statement of its own for the key of the other row', async () => {
    const sent = await statementsOf(server.sources.AZURE, async () => {
      const { authors } = await ask('{ authors(source: AZURE) { nodes { profile { key } } } }');
      expect(authors.nodes.map(({ profile }: { profile: unknown }) => profile)).toEqual([
        { key: 11 },
        { key: 10 },
        null,
        null,
      ]);
    });
    // Both executors ask.
    expect(sent).toHaveLength(2);
  });

  it.each([
    ['{ profile: { text: { contains: "Bo" } } }', [2]],
    ['{ profile: { key: { eq: 11 } } }', [1]],
    ['{ profile: { key: { isNull: true } } }', [3, 4]],
    ['{ not: { profile: { text: { contains: "Bo" } } } }', [1]],
    ['{ mentor: { profile: { text: { startsWith: "Life of A" } } } }', [2, 3]],
  ])('is filtered by: %s', async (where, keys) => {
    const { authors } = await ask(`{ authors(source: AZURE, where: ${where}) { nodes { key } totalCount } }`);
    expect(keysOf(authors)).toEqual(keys);
    expect(authors.totalCount).toBe(keys.length);
  });

  it('is written by the side that has the foreign key', async () => {
    const { create, update } = await ask(
      '{ create: __type(name: "CreateAuthorInput") { inputFields { name } } update: __type(name: "UpdateProfileInput") { inputFields { name } } }',
    );
    const names = ({ inputFields }: { inputFields: { name: string }[] }) =>
      inputFields.map(({ name }) => name).toSorted();
    expect(names(create)).toContain('mentorKey');
    expect(names(update)).toEqual(['authorKey', 'text']);
    const { createProfile } = await ask(
      'mutation { createProfile(source: AZURE, input: { authorKey: 4, text: "New" }) { profile { author { name profile { text } } } } }',
    ).catch(() => ({ createProfile: null }));
    // Asked twice, once by each executor, of which one finds it there.
    if (createProfile !== null) {
      expect(createProfile.profile).toEqual({ author: { name: 'Di', profile: { text: 'New' } } });
    }
    await server.sources.AZURE.write((em) => em.execute('delete from profiles where author_id = 4'));
  });
});

describe('a many-to-many relation', () => {
  it('is a connection from both sides, in its order or by key', async () => {
    const { authors, books, tags } = await ask(`{
      authors(source: AZURE) { nodes { books { totalCount nodes { title authors { nodes { name } } } } } }
      books(source: AZURE) { nodes { title tags(first: 1) { nodes { word } pageInfo { hasNextPage } } } }
      tags(source: AZURE) { nodes { books { nodes { key } } booksAggregate { count max { title } } } } }`);
    const titles = authors.nodes.map(({ books: of }: never) =>
      (of as { nodes: { title: string }[] }).nodes.map(({ title }) => title),
    );
    expect(titles).toEqual([['Chess', 'Botany', 'Algebra'], ['Algebra'], ['Botany'], []]);
    expect(
      authors.nodes.map((author: never) => (author as { books: { totalCount: number } }).books.totalCount),
    ).toEqual([3, 1, 1, 0]);
    expect(authors.nodes[1].books.nodes[0].authors.nodes).toEqual([{ name: 'Ada' }, { name: 'Bo' }]);
    expect(books.nodes.map(({ tags: of }: never) => of)).toEqual([
      { nodes: [{ word: 'numbers' }], pageInfo: { hasNextPage: false } },
      { nodes: [{ word: 'plants' }], pageInfo: { hasNextPage: true } },
      { nodes: [{ word: 'numbers' }], pageInfo: { hasNextPage: true } },
      { nodes: [], pageInfo: { hasNextPage: false } },
    ]);
    expect(tags.nodes.map(({ books: of }: never) => keysOf(of))).toEqual([[2], [1, 2, 3], [3], []]);
    expect(tags.nodes[1].booksAggregate).toEqual([{ count: 3, max: { title: 'Chess' } }]);
    expect(tags.nodes[3].booksAggregate).toEqual([{ count: 0, max: { title: null } }]);
  });

  it('is read by pages in both directions, every row once', async () => {
    for (const order of ['', ', orderBy: [{ title: ASC }]', ', orderBy: [{ key: DESC }]']) {
      for (const [size, from, more, at] of [
        ['first', 'after', 'hasNextPage', 'endCursor'],
        ['last', 'before', 'hasPreviousPage', 'startCursor'],
      ] as const) {
        const keys: number[] = [];
        let cursor: string | null = null;
        do {
          const { tag } = await ask(
            `query ($at: String) { tag(source: AZURE, key: 2) { books(${size}: 1, ${from}: $at${order}) { nodes { key } pageInfo { ${more} ${at} } } } }`,
            { at: cursor },
          );
          keys.push(...keysOf(tag.books));
          cursor = tag.books.pageInfo[more] ? tag.books.pageInfo[at] : null;
        } while (cursor !== null && keys.length < 9);
        expect(keys.toSorted()).toEqual([1, 2, 3]);
      }
    }
  });

  it('costs at most one statement a list, whatever the number of rows', async () => {
    const sent = await statementsOf(server.sources.AZURE, async () => {
      await ask('{ authors(source: AZURE) { nodes { books { nodes { title tags { nodes { word } } } } } } }');
    });
    // Both executors ask.
    expect(sent).toHaveLength(2 * 2);
  });

  it.each([
    ['authors', '{ books: { some: { title: { eq: "Botany" } } } }', [1, 3]],
    ['authors', '{ books: { none: {} } }', [4]],
    ['authors', '{ books: { every: { title: { lt: "C" } } } }', [2, 3, 4]],
    ['authors', '{ books: { some: { tags: { some: { word: { eq: "games" } } } } } }', [1]],
    ['tags', '{ books: { some: { authors: { some: { name: { eq: "Bo" } } } } } }', [2]],
    ['books', '{ authorships: { some: { pages: { gt: 25 } } } }', [1, 2]],
    ['authors', '{ books: { count: { gte: 1, ne: 3 } } }', [2, 3]],
    ['tags', '{ books: { count: { in: [0, 3] } } }', [2, 4]],
    ['authors', '{ pupils: { count: { eq: 0 } } }', [3, 4]],
    ['authors', '{ not: { mentor: { pupils: { count: { lt: 2 } } } } }', [2, 3]],
  ])('is filtered by: %s where %s', async (list, where, keys) => {
    const data = await ask(`{ ${list}(source: AZURE, where: ${where}) { nodes { key } totalCount } }`);
    expect(keysOf(data[list])).toEqual(keys);
    expect(data[list].totalCount).toBe(keys.length);
  });

  it('has the columns of the table between where that is an entity', async () => {
    const { book } = await ask(
      '{ book(source: AZURE, key: 1) { authorships(orderBy: [{ pages: DESC }]) { nodes { pages author { name } } } authors(where: { name: { ne: "Ada" } }) { totalCount nodes { name } } } }',
    );
    expect(book).toEqual({
      authorships: {
        nodes: [
          { pages: 30, author: { name: 'Bo' } },
          { pages: 10, author: { name: 'Ada' } },
        ],
      },
      authors: { totalCount: 1, nodes: [{ name: 'Bo' }] },
    });
  });

  it('is read by the index of the table between in the order of its keys, and priced in others', async () => {
    const limits = { ...databases.config.limits, cost: 4999 };
    await using strict = await startServer({ ...databases.config, limits });
    const tags = (args: string) => `{ books(source: AZURE) { nodes { tags${args} { nodes { word } } } } }`;
    expect((await strict.ask(tags(''))).errors).toBeUndefined();
    expect((await strict.ask(tags('(orderBy: [{ key: DESC }])'))).errors).toBeUndefined();
    expect((await strict.ask(tags('(orderBy: [{ word: ASC }])'))).errors?.[0]?.message).toMatch(
      /could read too many whole tables/,
    );
  });
});

describe('an order', () => {
  it.each([
    ['authors', '{ mentor: { name: ASC } }', [1, 2, 3, 4]],
    ['authors', '{ mentor: { name: DESC } }', [4, 3, 2, 1]],
    ['authors', '{ mentor: { mentor: { name: DESC } } }, { name: DESC }', [4, 3, 2, 1]],
    ['authors', '{ profile: { text: ASC } }', [3, 4, 1, 2]],
    ['authors', '{ mentor: { profile: { key: DESC } } }, { key: ASC }', [2, 3, 4, 1]],
    ['authors', '{ books: { count: DESC } }, { key: ASC }', [1, 2, 3, 4]],
    ['authors', '{ mentor: { books: { count: ASC } } }', [1, 4, 2, 3]],
    ['authors', '{ pupils: { count: DESC } }, { books: { count: ASC } }', [1, 2, 4, 3]],
    ['tags', '{ books: { count: ASC } }', [4, 1, 3, 2]],
    ['books', '{ tags: { count: DESC } }, { authors: { count: ASC } }', [3, 2, 1, 4]],
    ['authorships', '{ author: { name: DESC } }, { book: { title: ASC } }', [5, 4, 2, 3, 1]],
  ])(
    'goes through relations and by counts of lists, in pages of one, either way: %s by %s',
    async (list, orderBy, keys) => {
      for (const [size, from, more, at] of [
        ['first', 'after', 'hasNextPage', 'endCursor'],
        ['last', 'before', 'hasPreviousPage', 'startCursor'],
      ] as const) {
        const walked: number[] = [];
        let cursor: string | null = null;
        do {
          const data = await ask(
            `query ($at: String) { ${list}(source: AZURE, ${size}: 1, ${from}: $at, orderBy: [${orderBy}]) { nodes { key } pageInfo { ${more} ${at} } } }`,
            { at: cursor },
          );
          walked.push(...keysOf(data[list]));
          cursor = data[list].pageInfo[more] ? data[list].pageInfo[at] : null;
        } while (cursor !== null && walked.length < 9);
        expect(size === 'first' ? walked : walked.toReversed()).toEqual(keys);
      }
    },
  );

  it('is one of nested lists, too', async () => {
    const { authors, tag } = await ask(`{
      authors(source: AZURE) { nodes { books(orderBy: [{ authors: { count: ASC } }, { title: ASC }]) { nodes { title } } } }
      tag(source: AZURE, key: 2) { books(orderBy: [{ tags: { count: DESC } }], first: 1) { nodes { key } pageInfo { endCursor } } } }`);
    expect(authors.nodes[0].books.nodes).toEqual([
      { title: 'Chess' },
      { title: 'Algebra' },
      { title: 'Botany' },
    ]);
    expect(keysOf(tag.books)).toEqual([3]);
    const next = await ask(
      'query ($at: String) { tag(source: AZURE, key: 2) { books(orderBy: [{ tags: { count: DESC } }], after: $at) { nodes { key } } } }',
      { at: tag.books.pageInfo.endCursor },
    );
    expect(keysOf(next.tag.books)).toEqual([2, 1]);
  });

  it('costs no statement of its own', async () => {
    const sent = await statementsOf(server.sources.AZURE, async () => {
      await ask(
        '{ authors(source: AZURE, orderBy: [{ mentor: { name: ASC } }, { books: { count: ASC } }]) { nodes { name } pageInfo { endCursor } } }',
      );
    });
    // Both executors ask.
    expect(sent).toHaveLength(2);
  });

  it('is priced by the rows that it looks up, and by the lists that it counts', async () => {
    const costs = async (orderBy: string, cost: number) => {
      await using strict = await startServer({
        ...databases.config,
        limits: { ...databases.config.limits, cost },
      });
      const { errors } = await strict.ask(
        `{ authors(source: AZURE, orderBy: [${orderBy}]) { totalCount nodes { key } } }`,
      );
      return errors?.[0]?.extensions?.code ?? 'none';
    };
    // 5000 for the page and as much for the total; 1000 for the relation, 5000 for the lists.
    for (const [orderBy, cost] of [
      ['{ mentor: { name: ASC } }', 11_000],
      ['{ mentor: { mentor: { name: ASC } } }', 12_000],
      ['{ books: { count: ASC } }', 15_000],
    ] as const) {
      expect([orderBy, await costs(orderBy, cost + 100), await costs(orderBy, cost)]).toEqual([
        orderBy,
        'none',
        'OPERATION_TOO_COMPLEX',
      ]);
    }
  });

  it.each([
    ['{}', /names one field/],
    ['{ mentor: {} }', /names one field/],
    ['{ mentor: { name: ASC, key: ASC } }', /names one field/],
    ['{ books: {} }', /orderBy.books names no function/],
    ['{ mentor: { books: {} } }', /orderBy.mentor.books names no function/],
    [`${'{ mentor: '.repeat(9)}{ name: ASC }${' }'.repeat(9)}`, /more than 8 relations in a row/],
    [
      [0, 1, 2, 3]
        .map((at) => {
          const path = [...Array(at).fill('mentor'), 'profile', 'author', ...Array(5 - at).fill('mentor')];
          return path.reduceRight((inner, name) => `{ ${name}: ${inner} }`, '{ key: ASC }');
        })
        .join(', '),
      /more than 20 relations/,
    ],
  ])('is refused by name where it cannot be: %s', async (orderBy, message) => {
    const { errors } = await server.ask(
      `{ authors(source: AZURE, orderBy: [${orderBy}]) { nodes { key } } }`,
    );
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(message),
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  it('has a cursor of its own: one of another order, or a forged one, is refused', async () => {
    const forged = (place: unknown[]) => Buffer.from(JSON.stringify(place)).toString('base64url');
    for (const cursor of [
      forged(['+books:$count+key', null, 1]),
      forged(['+books:$count+key', 'x', 1]),
      forged(['+name+key', 'Ada', 1]),
    ]) {
      const { errors } = await server.ask(
        'query ($cursor: String) { authors(source: AZURE, orderBy: [{ books: { count: ASC } }], after: $cursor) { nodes { key } } }',
        { cursor },
      );
      expect(errors?.[0]?.message).toMatch(/after is not a cursor of this list/);
    }
  });
});

it('leads from a table to itself, without an order of its own', async () => {
  const { author } = await ask(
    '{ author(source: AZURE, key: 1) { pupils { nodes { name mentor { name } pupils { nodes { name mentor { mentor { name } } } } } } } }',
  );
  expect(author.pupils.nodes).toEqual([
    {
      name: 'Bo',
      mentor: { name: 'Ada' },
      pupils: { nodes: [{ name: 'Di', mentor: { mentor: { name: 'Ada' } } }] },
    },
    { name: 'Cy', mentor: { name: 'Ada' }, pupils: { nodes: [] } },
  ]);
});
