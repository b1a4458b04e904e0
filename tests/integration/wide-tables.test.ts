import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { statements } from '../fixtures/wide.ts';
import { asMigrator, createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/wide.ts'));

let databases: TestDatabases;
let server: TestServer;
beforeAll(async () => {
  databases = await createDatabases({ statements });
  await asMigrator(databases.config.databases.GCP, [
    'update wide set c200 = -1 where id = 1000',
    'update wide set c1 = 7, c2 = null where id = 3',
    'delete from wide where id = 500',
    'update wider set c300 = -1 where id = 600',
  ]);
  server = await startServer(databases.config, { bothExecutors: true });
}, 60_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

describe('a comparison of wide rows', () => {
  it('answers a page of 1000 rows of 200 columns, each with its status', async () => {
    const { data, errors } = await server.ask(
      '{ widesCompared(first: 1000) { nodes { key status differing } } }',
    );
    expect(errors).toBeUndefined();
    const { nodes } = data.widesCompared;
    expect(nodes).toHaveLength(1000);
    expect(nodes.filter(({ status }: { status: string }) => status !== 'SAME')).toEqual([
      { key: 3, status: 'DIFFERENT', differing: ['c1', 'c2'] },
      { key: 500, status: 'ONLY_AZURE', differing: [] },
      { key: 1000, status: 'DIFFERENT', differing: ['c200'] },
    ]);
  });

  it('is refused before the rows are read where it takes too many bytes, and names a page that does not', async () => {
    const compare = (first: number) =>
      server.ask(`{ widersCompared(first: ${first}) { nodes { key status differing } } }`);
    const { data, errors } = await compare(1000);
    expect(data).toEqual({ widersCompared: null });
    expect(errors).toMatchObject([{ extensions: { code: 'OPERATION_TOO_COMPLEX', limit: 'bytes' } }]);
    const first = Number(/first: (\d+)\.$/.exec(errors?.[0]?.message ?? '')?.[1]);
    expect(first).toBeGreaterThan(700);
    const page = await compare(first);
    expect(page.errors).toBeUndefined();
    expect(page.data.widersCompared.nodes).toHaveLength(first);
    expect(page.data.widersCompared.nodes[599]).toEqual({
      key: 600,
      status: 'DIFFERENT',
      differing: ['c300'],
    });
  });
});

it('a row of 200 columns is read, changed on the condition of all of them, and created', async () => {
  const names = Array.from({ length: 200 }, (_, at) => `c${at + 1}`);
  const of = (value: (at: number) => number) =>
    Object.fromEntries(names.map((name, at) => [name, value(at)]));
  const fields = names.join(' ');
  const { data, errors } = await server.ask(`{ wide(source: AZURE, key: 8) { ${fields} } }`);
  expect(errors).toBeUndefined();
  expect(data.wide).toEqual(of((at) => 9 + at));
  const changed = await server.ask(
    `mutation ($input: UpdateWideInput!, $expected: UpdateWideInput!, $created: CreateWideInput!) {
      updateWide(source: AZURE, key: 8, input: $input, expected: $expected) { wide { ${fields} } }
      createWide(source: AZURE, input: $created) { wide { key ${fields} } } }`,
    { input: of((at) => at - 500), expected: of((at) => 9 + at), created: of((at) => at) },
  );
  expect(changed.errors).toBeUndefined();
  expect(changed.data.updateWide.wide).toEqual(of((at) => at - 500));
  expect(changed.data.createWide.wide).toEqual({ key: 1001, ...of((at) => at) });
});

describe('a table of one column', () => {
  it('that is its key is read, paged, compared, created and deleted', async () => {
    const { data, errors } = await server.ask(
      `mutation { createWord(source: AZURE, input: { word: "three" }) { word { key word } } deleteWord(source: AZURE, key: "one") { key } }`,
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      createWord: { word: { key: 'three', word: 'three' } },
      deleteWord: { key: 'one' },
    });
    const read = await server.ask(
      '{ words(source: AZURE, first: 1, orderBy: [{ word: DESC }]) { totalCount nodes { word } pageInfo { hasNextPage } } wordsCompared { nodes { key status differing } } }',
    );
    expect(read.errors).toBeUndefined();
    expect(read.data.words).toEqual({
      totalCount: 2,
      nodes: [{ word: 'two' }],
      pageInfo: { hasNextPage: true },
    });
    expect(read.data.wordsCompared.nodes).toEqual([
      { key: 'three', status: 'ONLY_AZURE', differing: [] },
      { key: 'two', status: 'SAME', differing: [] },
      { key: 'one', status: 'ONLY_GCP', differing: [] },
    ]);
  });

  it('that MySQL numbers is read, compared and deleted', async () => {
    const { data, errors } = await server.ask(
      '{ tickets(source: AZURE) { nodes { key id } } ticketsAggregate(source: AZURE) { count max { key } } ticketsCompared { nodes { key status } } }',
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      tickets: {
        nodes: [
          { key: 1, id: expect.any(String) },
          { key: 2, id: expect.any(String) },
        ],
      },
      ticketsAggregate: [{ count: 2, max: { key: 2 } }],
      ticketsCompared: {
        nodes: [
          { key: 1, status: 'SAME' },
          { key: 2, status: 'SAME' },
        ],
      },
    });
    const gone = await server.ask('mutation { deleteTicket(source: AZURE, key: 2) { key } }');
    expect(gone.data).toEqual({ deleteTicket: { key: 2 } });
  });
});
