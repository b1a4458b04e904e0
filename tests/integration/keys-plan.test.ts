import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tables } from '../fixtures/keys/planned.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { plansOf } from '../helpers/query-plans.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

// A deep page costs what the first one costs, whatever the key: the server enters an index at the cursor and reads on from there.

vi.mock('../../src/entities/index.ts', () => import('../fixtures/keys/planned.ts'));

const count = process.env.TANDEM_LONG === '1' ? 100_000 : 10_000;
let databases: TestDatabases;
let server: TestServer;
beforeAll(async () => {
  databases = await createDatabases({ statements: tables(count) });
  server = await startServer(databases.config);
}, 120_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

const page = 'pageInfo { startCursor endCursor hasNextPage hasPreviousPage }';

/** The cursor of a row deep in a list. */
async function cursorIn(list: string, where: string, order: string, fields = ''): Promise<string> {
  const { data, errors } = await server.ask(
    `{ ${list}(source: AZURE, first: 1, where: { ${where} }${order}) { nodes { __typename ${fields} } ${page} } }`,
  );
  expect(errors).toBeUndefined();
  return data[list].pageInfo.endCursor;
}

interface Listed {
  readonly list: 'events' | 'papers';
  readonly orderBy: string;
  /** Where a cursor is taken. */
  readonly deep: string;
  readonly index: string;
  /** The cursor from which MySQL would have to read backward an index of which a column goes backward: it sorts instead. */
  readonly sorted?: 'after' | 'before';
}

describe.each<[string, Listed]>([
  [
    'a key of two columns',
    {
      list: 'events',
      orderBy: '',
      deep: `tenant: { eq: "even" }, number: { gte: ${count / 2} }`,
      index: 'PRIMARY',
    },
  ],
  [
    'a key of two columns, named',
    {
      list: 'events',
      orderBy: ', orderBy: [{ tenant: DESC }, { number: DESC }]',
      deep: `tenant: { eq: "even" }, number: { lte: ${count / 2} }`,
      index: 'PRIMARY',
    },
  ],
  [
    'a key that is a UUID as text',
    {
      list: 'papers',
      orderBy: '',
      deep: 'uuid: { gte: "80000000-0000-0000-0000-000000000000" }',
      index: 'PRIMARY',
    },
  ],
  [
    'an index of a column that can be null, before a UUID',
    {
      list: 'papers',
      orderBy: ', orderBy: [{ title: ASC }]',
      deep: 'title: { eq: 51 }',
      index: 'papers_title',
    },
  ],
  [
    'the same backward',
    {
      list: 'papers',
      orderBy: ', orderBy: [{ title: DESC }]',
      deep: 'title: { eq: 51 }',
      index: 'papers_title',
    },
  ],
  [
    'an index that goes backward, before a key of two columns',
    {
      list: 'events',
      orderBy: ', orderBy: [{ level: DESC }]',
      deep: 'level: { eq: 26 }',
      index: 'events_level',
      sorted: 'before',
    },
  ],
  [
    'the same from its end',
    {
      list: 'events',
      orderBy: ', orderBy: [{ level: ASC }]',
      deep: 'level: { eq: 26 }',
      index: 'events_level',
      sorted: 'after',
    },
  ],
  [
    'an index of which one column goes backward',
    {
      list: 'events',
      orderBy: ', orderBy: [{ kind: ASC }, { at: DESC }]',
      deep: 'kind: { eq: 1 }, at: { lte: 500 }',
      index: 'events_kind',
      sorted: 'before',
    },
  ],
])('a page in the order of %s', (_what, { list, orderBy, deep, index, sorted }) => {
  const fields = list === 'events' ? 'key { tenant number }' : 'key';

  it('is read by its index from the start, from the end and behind a cursor, and costs no scan', async () => {
    const cursor = await cursorIn(list, deep, orderBy);
    const cheap = { ...databases.config, limits: { ...databases.config.limits, cost: 500 } };
    await using priced = await startServer(cheap);
    for (const [range, type] of [
      ['first: 20', /index/],
      ['last: 20', /index/],
      [`first: 20, after: "${cursor}"`, /range/],
      [`last: 20, before: "${cursor}"`, /range/],
    ] as const) {
      const query = `{ ${list}(source: AZURE, ${range}${orderBy}) { nodes { ${fields} } ${page} } }`;
      if (sorted !== undefined && range.includes(sorted)) {
        expect((await priced.ask(query)).errors?.[0]?.message).toMatch(/could read too many whole tables/);
        continue;
      }
      const { plans, rows, data } = await plansOf(server, list, query);
      expect(data[list].nodes, range).toHaveLength(20);
      expect(
        plans.map(({ type: of, key, Extra }) => [of, key, /filesort/.test(Extra ?? '')]),
        range,
      ).toEqual([[expect.stringMatching(type), index, false]]);
      expect(rows, range).toBeLessThan(60);
      expect((await priced.ask(query)).errors, range).toBeUndefined();
    }
  });

  it('has every row once, forward and backward', async () => {
    for (const [size, cursor, more, edge] of [
      ['first', 'after', 'hasNextPage', 'endCursor'],
      ['last', 'before', 'hasPreviousPage', 'startCursor'],
    ]) {
      const seen = new Set<string>();
      let from = '';
      let read = 0;
      for (;;) {
        const { data } = await server.ask(
          `{ ${list}(source: AZURE, ${size}: 1000${orderBy}${from}) { nodes { ${fields} } ${page} } }`,
        );
        const { nodes, pageInfo } = data[list];
        for (const { key } of nodes) seen.add(JSON.stringify(key));
        read += nodes.length;
        if (!pageInfo[more as string]) break;
        from = `, ${cursor}: "${pageInfo[edge as string]}"`;
      }
      expect([read, seen.size]).toEqual([count, count]);
    }
  });
});

it('counts what no index has in its order as a scan: one of the beginnings of texts', async () => {
  await using priced = await startServer({
    ...databases.config,
    limits: { ...databases.config.limits, cost: 4999 },
  });
  for (const orderBy of ['{ note: ASC }', '{ kind: ASC }, { at: ASC }', '{ level: ASC }, { tenant: ASC }']) {
    const { errors } = await priced.ask(
      `{ events(source: AZURE, orderBy: [${orderBy}]) { nodes { note } } }`,
    );
    expect(errors?.[0]?.message, orderBy).toMatch(/could read too many whole tables/);
  }
});

describe('a list below a row, by a foreign key of two columns', () => {
  const below = (args: string) =>
    `{ event(source: AZURE, key: { tenant: "even", number: 2 }) { remarks(${args}) { nodes { key text } ${page} } } }`;
  const lists: [string, string, string][] = [
    ['in the order of the keys', '', ''],
    ['in the order of an index', 'orderBy: [{ at: ASC }]', 'remarks_at'],
    ['in that order, the last first', 'orderBy: [{ at: DESC }]', 'remarks_at'],
    ['in the order of an index that goes backward', 'orderBy: [{ rank: DESC }]', 'remarks_rank'],
    ['in that order, from its end', 'orderBy: [{ rank: ASC }]', 'remarks_rank'],
  ];

  it.each(lists.slice(1, -1))(
    '%s, is read by it, up to its limit, and entered at a cursor',
    async (_what, order, index) => {
      const { data } = await server.ask(
        `{ event(source: AZURE, key: { tenant: "even", number: 2 }) { remarks(first: 1, ${order}, where: { ${index === 'remarks_at' ? 'at: { eq: 2500 }' : 'rank: { eq: 250 }'} }) { ${page} } } }`,
      );
      const cursor = data.event.remarks.pageInfo.endCursor;
      const limits = { ...databases.config.limits, cost: 4999 };
      await using priced = await startServer({ ...databases.config, limits });
      for (const args of [
        `first: 20, ${order}`,
        `last: 20, ${order}`,
        `first: 20, after: "${cursor}", ${order}`,
        `last: 20, before: "${cursor}", ${order}`,
      ]) {
        // MySQL sorts what it would read backward where a column goes backward: such a list is priced as a scan.
        if (index === 'remarks_rank' && args.startsWith('last')) {
          expect((await priced.ask(below(args))).errors?.[0]?.message, args).toMatch(/too many whole tables/);
          const { data: sorted } = await server.ask(below(args));
          expect(sorted.event.remarks.nodes, args).toHaveLength(20);
          continue;
        }
        expect((await priced.ask(below(args))).errors, args).toBeUndefined();
        const { plans, rows, data: read } = await plansOf(server, 'remarks', below(args));
        expect(read.event.remarks.nodes, args).toHaveLength(20);
        const child = plans.filter(({ key }) => key?.startsWith('remarks'));
        expect(child, args).toEqual([
          expect.objectContaining({ key: index, type: expect.stringMatching(/ref|range/) }),
        ]);
        for (const { Extra } of child) expect(Extra ?? '', args).not.toContain('filesort');
        expect(rows, args).toBeLessThan(100);
      }
    },
  );

  it.each(lists)('%s, has every row once below each of several rows', async (_what, order) => {
    const read: number[][] = [];
    for (const [size, cursor, more, edge] of [
      ['first', 'after', 'hasNextPage', 'endCursor'],
      ['last', 'before', 'hasPreviousPage', 'startCursor'],
    ]) {
      const keys: number[] = [];
      for (let from = ''; ; ) {
        const { data } = await server.ask(below(`${size}: 1000${from}${order === '' ? '' : `, ${order}`}`));
        const { nodes, pageInfo } = data.event.remarks;
        const page = nodes.map(({ key }: { key: number }) => key);
        if (size === 'first') keys.push(...page);
        else keys.unshift(...page);
        if (!pageInfo[more as string]) break;
        from = `, ${cursor}: "${pageInfo[edge as string]}"`;
      }
      expect(new Set(keys).size).toBe(count - 10);
      read.push(keys);
    }
    expect(read[0]).toHaveLength(count - 10);
    expect(read[1]).toEqual(read[0]);
    const { data } = await server.ask(
      `{ events(source: AZURE, where: { tenant: { eq: "even" }, number: { lte: 4 } }) { nodes { number remarks(first: 3${order === '' ? '' : `, ${order}`}) { nodes { key } } } } }`,
    );
    expect(
      data.events.nodes.map((event: { remarks: { nodes: unknown[] } }) => event.remarks.nodes.length),
    ).toEqual([3, 3]);
  });
});
