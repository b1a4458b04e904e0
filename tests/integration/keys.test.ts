import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sourceNames } from '../../src/source-name.ts';
import { tables } from '../fixtures/keys/entities.ts';
import { asMigrator, createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/keys/entities.ts'));

let databases: TestDatabases;
let server: TestServer;
beforeAll(async () => {
  databases = await createDatabases({ statements: tables });
  // Counts and functions of whole tables stand in one operation.
  const limits = { ...databases.config.limits, cost: 1_000_000 };
  server = await startServer({ ...databases.config, limits }, { bothExecutors: true });
}, 60_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

async function ask(query: string, variables: Record<string, unknown> = {}) {
  const { data, errors } = await server.ask(query, variables);
  expect(errors, `${query}\n${server.log.slice(-2).join('')}`).toBeUndefined();
  return data;
}

interface Kind {
  readonly name: string;
  /** The type of the argument `key`. */
  readonly type: string;
  /** The properties of the key; of one, its name. */
  readonly members: readonly string[];
  /** Keys in the form that the API answers, in the order of the primary key. */
  readonly keys: readonly unknown[];
  /** One that no row has. */
  readonly other: unknown;
  readonly isNumbered?: boolean;
}

const uuid = (digits: string) => `${digits.padEnd(8, '0')}-0000-4000-8000-000000000000`;
const single = (
  name: string,
  type: string,
  member: string,
  keys: readonly unknown[],
  other: unknown,
): Kind => ({
  name,
  type,
  members: [member],
  keys,
  other,
});
const pair = (tenant: string, number: number) => ({ tenant, number });
const mixed = (day: string, code: string, big: string, digits: string) => ({
  day,
  code,
  big,
  uuid: uuid(digits),
});

const kinds: readonly Kind[] = [
  single(
    'Big',
    'BigInt',
    'number',
    ['-9223372036854775808', '-7', '0', '9007199254740993', '9007199254740994', '9223372036854775807'],
    '9007199254740992',
  ),
  single(
    'Huge',
    'BigInt',
    'key',
    ['0', '1', '9007199254740993', '18446744073709551614', '18446744073709551615'],
    '18446744073709551613',
  ),
  { ...single('Numbered', 'BigInt', 'key', ['1', '2', '3', '4', '5'], '77'), isNumbered: true },
  single('Small', 'Int', 'key', [-32768, -1, 0, 1, 32767], 5),
  single('Text', 'String', 'code', ['', '[1,2]', '🙂🙃', 'a:b', 'Straße', 'US', 'x y'], 'us'),
  single('Cased', 'String', 'key', ['', 'a', 'A', 'á', 'b', 'b ', 'é:1', 'true'], 'B'),
  single('Bytewise', 'String', 'word', ['', '%', 'A', 'a', 'a ', 'null', 'ä'], 'Ä'),
  single('Padded', 'String', 'key', ['', 'a', 'b c', 'd'], 'a '),
  single('Fixed', 'String', 'code', ['', 'ab', 'b', 'c d'], 'AB'),
  single('Uuid', 'UUID', 'key', [uuid('0'), uuid('0a'), uuid('a0'), uuid('ffffffff')], uuid('0b')),
  single('TextUuid', 'UUID', 'uuid', [uuid('0'), uuid('0a'), uuid('a0'), uuid('ffffffff')], uuid('0b')),
  single('Bytes', 'Base64', 'digest', ['', 'AA==', 'AAA=', 'AP8=', '////'], '//8='),
  single('Day', 'LocalDate', 'key', ['1000-01-01', '2020-02-29', '2020-03-01', '9999-12-31'], '2021-01-01'),
  single(
    'Moment',
    'LocalDateTime',
    'at',
    [
      '1000-01-01T00:00:00.000000',
      '2020-02-29T08:30:00.000001',
      '2020-02-29T08:30:00.000002',
      '9999-12-31T23:59:59.999999',
    ],
    '2021-01-01T00:00:00.000000',
  ),
  single('Amount', 'Decimal', 'key', ['-10.50', '-0.01', '0.00', '0.10', '99999999.99'], '0.20'),
  single('Choice', 'Size', 'size', ['small', 'large', 'X_large'], undefined),
  {
    name: 'Pair',
    type: 'PairRowKeyInput',
    members: ['tenant', 'number'],
    keys: [
      pair('', -1),
      pair('a', -2147483648),
      pair('a', 0),
      pair('a', 7),
      pair('B', 7),
      pair('c"]', 2147483647),
    ],
    other: pair('b', 7),
  },
  {
    name: 'Mixed',
    type: 'MixedRowKeyInput',
    members: ['day', 'code', 'big', 'uuid'],
    keys: [
      mixed('2020-01-01', '', '0', '0'),
      mixed('2020-01-01', 'A', '-9223372036854775808', 'b'),
      mixed('2020-01-01', 'A', '9007199254740993', 'a'),
      mixed('2020-01-01', 'A', '9007199254740993', 'b'),
      mixed('2020-01-01', 'a', '0', 'a'),
      mixed('2020-01-02', '🙂', '0', 'a'),
    ],
    other: mixed('2020-01-02', '🙂', '0', 'b'),
  },
];

describe.each(kinds)(
  'a table whose key is $name',
  ({ name, type, members, keys, other, isNumbered = false }) => {
    const one = `${name.charAt(0).toLowerCase()}${name.slice(1)}Row`;
    const many = `${one}s`;
    const items = many.replace(/Rows$/, 'Items');
    const isComposite = members.length > 1;
    const key = isComposite ? `key { ${members.join(' ')} }` : 'key';
    const inputOf = (value: unknown): object =>
      isNumbered ? {} : isComposite ? (value as object) : { [members[0] as string]: value };
    // Rows 0 and 1 and so on: ranks are equal, null, and in no order of the keys.
    const ranks = [3, null, 1, 3, null, 1, 2, 3];
    const labelOf = (at: number) => `row ${at}`;

    it('is created with its items, by keys that come back as they were given', async () => {
      const inputs = keys.map((value, at) => ({
        ...inputOf(value),
        label: labelOf(at),
        rank: ranks[at],
        items: Array.from({ length: at % 4 }, (_, item) => ({ name: `${at}.${item}` })),
      }));
      const [first, ...others] = inputs;
      for (const source of sourceNames) {
        const data = await ask(
          `mutation ($first: Create${name}RowInput!, $others: [Create${name}RowInput!]!) {
          create${name}Row(source: ${source}, input: $first) { ${one} { ${key} label items { nodes { name } } } }
          create${name}Rows(source: ${source}, inputs: $others) { ${many} { ${key} label rank items { nodes { name row { ${key} label } } } } }
        }`,
          { first, others },
        );
        const created = data[`create${name}Rows`][many];
        expect(data[`create${name}Row`][one]).toEqual({ key: keys[0], label: 'row 0', items: { nodes: [] } });
        expect(created.map((row: { key: unknown }) => row.key)).toEqual(keys.slice(1));
        expect(created[0].items.nodes).toEqual([{ name: '1.0', row: { key: keys[1], label: 'row 1' } }]);
      }
    });

    it('is read by its key, and by its id', async () => {
      const ids = new Set<string>();
      for (const [at, value] of keys.entries()) {
        const data = await ask(
          `query ($key: ${type}!) { azure: ${one}(source: AZURE, key: $key) { id ${key} label } gcp: ${one}(source: GCP, key: $key) { id label } }`,
          { key: value },
        );
        expect(data.azure).toMatchObject({ key: value, label: labelOf(at) });
        expect(data.gcp.label).toBe(labelOf(at));
        for (const { id } of [data.azure, data.gcp]) {
          ids.add(id);
          const { node } = await ask(
            `query ($id: ID!) { node(id: $id) { id ... on ${name}Row { ${key} label } } }`,
            { id },
          );
          expect(node).toEqual({ id, key: value, label: labelOf(at) });
        }
      }
      expect(ids.size).toBe(2 * keys.length);
      if (other === undefined) return;
      const missing = await ask(`query ($key: ${type}!) { ${one}(source: AZURE, key: $key) { label } }`, {
        key: other,
      });
      expect(missing).toEqual({ [one]: null });
    });

    it('is read by pages in every order and both directions, every row once', async () => {
      const member = members.map((each) => `{ ${each}: ASC }`).join(', ');
      const descending = `{ ${members.at(-1)}: DESC }`;
      const orders = [
        '',
        '[{ rank: ASC }]',
        '[{ rank: DESC }]',
        '[{ rank: DESC }, { label: ASC }]',
        `[${descending}]`,
        `[${member}]`,
      ];
      for (const [at, orderBy] of orders.entries()) {
        const order = orderBy === '' ? '' : `, orderBy: ${orderBy}`;
        const whole = await ask(`{ ${many}(source: AZURE${order}) { nodes { ${key} } totalCount } }`);
        const all = whole[many].nodes.map((row: { key: unknown }) => row.key);
        expect(whole[many].totalCount).toBe(keys.length);
        if (orderBy === '' || orderBy === `[${member}]`) expect(all).toEqual(keys);
        expect(new Set(all.map((each: unknown) => JSON.stringify(each))).size).toBe(keys.length);
        for (const [first, last] of sizesOf(at)) {
          const forward: unknown[] = [];
          // One document for all pages, as a client has it. A cursor is one whether the page shows the key or not.
          const behind = `query ($after: String) { ${many}(source: AZURE, first: ${first}${order}, after: $after) {
            nodes { label items { nodes { name } } } pageInfo { hasNextPage endCursor } } }`;
          let after: string | null = null;
          for (;;) {
            const data = await ask(behind, { after });
            const { nodes, pageInfo } = data[many];
            forward.push(...nodes.map((row: { label: string }) => keys[Number(row.label.slice(4))]));
            if (!pageInfo.hasNextPage) break;
            after = pageInfo.endCursor;
          }
          expect(forward).toEqual(all);
          const backward: unknown[] = [];
          const ahead = `query ($before: String) { ${many}(source: AZURE, last: ${last}${order}, before: $before) {
            edges { cursor node { ${key} } } pageInfo { hasPreviousPage startCursor } } }`;
          let before: string | null = null;
          for (;;) {
            const data = await ask(ahead, { before });
            const { edges, pageInfo } = data[many];
            backward.unshift(...edges.map((edge: { node: { key: unknown } }) => edge.node.key));
            if (!pageInfo.hasPreviousPage) break;
            before = pageInfo.startCursor;
          }
          expect(backward).toEqual(all);
        }
      }
    });

    it('leads to the rows that refer to it, with pages, counts and functions', async () => {
      const asked = `{ ${many}(source: GCP) { nodes { ${key} items { totalCount nodes { name } } two: items(first: 2) { nodes { name row { ${key} } } }
      itemsAggregate { count max { name } } byName: itemsAggregate(groupBy: [name]) { count group { name } } } } }`;
      const data = await ask(asked);
      const expected = keys.map((value, at) => {
        const names = Array.from({ length: at % 4 }, (_, item) => `${at}.${item}`);
        return {
          key: value,
          items: { totalCount: names.length, nodes: names.map((each) => ({ name: each })) },
          two: { nodes: names.slice(0, 2).map((each) => ({ name: each, row: { key: value } })) },
          itemsAggregate: [{ count: names.length, max: { name: names.at(-1) ?? null } }],
          byName: names.map((each) => ({ count: 1, group: { name: each } })),
        };
      });
      expect(data[many].nodes).toEqual(expected);
      const alone = await ask(
        `query ($key: ${type}!) { ${one}(source: GCP, key: $key) { items(first: 1) { nodes { name } pageInfo { endCursor } } } }`,
        { key: keys[2] },
      );
      const { nodes, pageInfo } = alone[one].items;
      expect(nodes).toEqual([{ name: '2.0' }]);
      const next = await ask(
        `query ($key: ${type}!, $after: String) { ${one}(source: GCP, key: $key) { items(after: $after) { nodes { name } } } }`,
        { key: keys[2], after: pageInfo.endCursor },
      );
      expect(next[one].items.nodes).toEqual([{ name: '2.1' }]);
    });

    it('is reached from the rows that refer to it, and filtered by over the relation', async () => {
      const data =
        await ask(`{ ${items}(source: AZURE, orderBy: [{ name: ASC }]) { nodes { name row { ${key} label } } }
      keys: ${items}(source: AZURE, orderBy: [{ name: ASC }]) { nodes { row { ${key} } } }
      of: ${items}(source: AZURE, where: { row: { label: { eq: "row 2" } } }) { nodes { name } }
      without: ${items}(source: AZURE, where: { row: { ${members[0]}: { isNull: true } } }) { nodes { name } }
      by: ${items}(source: AZURE, orderBy: [{ row: { ${members[0]}: DESC } }], first: 3) { nodes { row { ${key} } } } }`);
      const expected = keys.flatMap((value, at) =>
        Array.from({ length: at % 4 }, (_, item) => ({
          name: `${at}.${item}`,
          row: { key: value, label: labelOf(at) },
        })),
      );
      expect(data[items].nodes).toEqual(expected);
      expect(data.keys.nodes).toEqual(expected.map(({ row }) => ({ row: { key: row.key } })));
      expect(data.of.nodes).toEqual([{ name: '2.0' }, { name: '2.1' }]);
      expect(data.without.nodes).toEqual([]);
      expect(data.by.nodes).toHaveLength(3);
      const rows = await ask(`{
      some: ${many}(source: AZURE, where: { items: { some: { name: { startsWith: "1." } } } }) { nodes { ${key} } totalCount }
      none: ${many}(source: AZURE, where: { items: { none: {} } }) { nodes { ${key} } totalCount }
      every: ${many}(source: AZURE, where: { items: { every: { name: { startsWith: "1." } } } }) { nodes { ${key} } totalCount }
      count: ${many}(source: AZURE, where: { items: { count: { eq: 2 } } }) { nodes { ${key} } totalCount }
      most: ${many}(source: AZURE, orderBy: [{ items: { count: DESC } }], first: 1) { nodes { items { totalCount } } }
    }`);
      const keysOf = (list: string) => rows[list].nodes.map((row: { key: unknown }) => row.key);
      const those = (holds: (count: number, at: number) => boolean) =>
        keys.filter((_, at) => holds(at % 4, at));
      expect(keysOf('some')).toEqual([keys[1]]);
      expect(keysOf('none')).toEqual(those((count) => count === 0));
      expect(keysOf('every')).toEqual(those((count, at) => count === 0 || at === 1));
      expect(keysOf('count')).toEqual(those((count) => count === 2));
      expect(rows.most.nodes[0].items.totalCount).toBe(Math.max(...keys.map((_, at) => at % 4)));
    });

    it('is changed where it holds what is expected, and keeps its key', async () => {
      const update = (value: unknown, expected: string) =>
        server.ask(
          `mutation ($key: ${type}!) { update${name}Row(source: AZURE, key: $key, input: { rank: 9 }, expected: { label: "${expected}" }) { ${one} { ${key} rank } } }`,
          { key: value },
        );
      expect((await update(keys[1], 'another')).errors).toMatchObject([
        { extensions: { code: 'CONFLICT', fields: [{ path: 'expected.label' }] } },
      ]);
      expect((await update(keys[1], 'row 1')).data).toEqual({
        [`update${name}Row`]: { [one]: { key: keys[1], rank: 9 } },
      });
      const { data } = await server.ask(
        `{ ${many}(source: AZURE, where: { rank: { eq: 9 } }) { nodes { ${key} } } }`,
      );
      expect(data[many].nodes).toEqual([{ key: keys[1] }]);
      if (other !== undefined) {
        expect((await update(other, 'row 1')).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
      }
      const { type: input } = await ask(
        `{ type: __type(name: "Update${name}RowInput") { inputFields { name } } }`,
      );
      const fields = input.inputFields.map((field: { name: string }) => field.name);
      expect(fields).toContain('label');
      for (const member of members) expect(fields).not.toContain(member);
    });

    it('is referred to by its key, which has to be there', async () => {
      const connect = (value: unknown, expected?: unknown) =>
        server.ask(
          `mutation ($key: ${type}, $expected: ${type}) { update${name}Item(source: GCP, key: 1, input: { rowKey: $key }, expected: { rowKey: $expected }) { ${name.charAt(0).toLowerCase()}${name.slice(1)}Item { row { ${key} } } } }`,
          { key: value, expected },
        );
      const itemOf = (answer: { data: Record<string, Record<string, unknown>> }) =>
        Object.values(answer.data[`update${name}Item`] ?? {})[0];
      expect(itemOf(await connect(keys[0], keys[1]))).toEqual({ row: { key: keys[0] } });
      expect((await connect(keys[2], keys[1])).errors).toMatchObject([
        { extensions: { code: 'CONFLICT', fields: [{ path: 'expected.rowKey' }] } },
      ]);
      expect(itemOf(await connect(null, keys[0]))).toEqual({ row: null });
      expect(itemOf(await connect(keys[1], null))).toEqual({ row: { key: keys[1] } });
      const create = await server.ask(
        `mutation ($key: ${type}) { create${name}Item(source: GCP, input: { name: "x", rowKey: $key }) { __typename } }`,
        {
          key:
            name === 'Choice'
              ? keys[0]
              : name === 'Text' || name === 'Fixed' || name === 'Padded' || name === 'Pair'
                ? nowhere(other)
                : other,
        },
      );
      if (name !== 'Choice') {
        expect(create.errors).toMatchObject([
          { extensions: { code: 'NOT_FOUND', fields: [{ path: 'input.rowKey' }] } },
        ]);
      }
    });

    it('is refused twice, deleted by its key, and then gone', async () => {
      if (!isNumbered) {
        const again = await server.ask(
          `mutation ($input: Create${name}RowInput!) { create${name}Row(source: AZURE, input: $input) { __typename } }`,
          { input: { ...inputOf(keys[0]), label: 'again' } },
        );
        expect(again.errors).toMatchObject([{ extensions: { code: 'DUPLICATE' } }]);
      }
      const remove = (value: unknown) =>
        server.ask(`mutation ($key: ${type}!) { delete${name}Row(source: AZURE, key: $key) { ${key} id } }`, {
          key: value,
        });
      expect((await remove(keys[1])).errors).toMatchObject([{ extensions: { code: 'REFERENCED' } }]);
      if (other !== undefined) {
        expect((await remove(other)).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
      }
      const { [one]: row } = await ask(`query ($key: ${type}!) { ${one}(source: AZURE, key: $key) { id } }`, {
        key: keys[0],
      });
      expect((await remove(keys[0])).data).toEqual({ [`delete${name}Row`]: { key: keys[0], id: row.id } });
      expect(await ask('query ($id: ID!) { node(id: $id) { id } }', { id: row.id })).toEqual({ node: null });
    });

    it('is compared in both clouds by pages, every key once', async () => {
      // The first is gone from AZURE by now, and the second has another rank there.
      const expected = [
        { key: keys[1], status: 'DIFFERENT', differing: ['rank'] },
        ...keys.slice(2).map((value) => ({ key: value, status: 'SAME', differing: [] })),
        { key: keys[0], status: 'ONLY_GCP', differing: [] },
      ];
      expect(await comparedRows(`${many}Compared`, key, 1)).toEqual(expected);
      expect(await comparedRows(`${many}Compared`, key, 3)).toEqual(expected);
    });
  },
);

it('takes keys of other letters for other rows where it compares, whatever the collation does', async () => {
  const rename = async (from: string, to: string) =>
    await asMigrator(databases.config.databases.GCP, [
      `update text_rows set the_code = '${to}' where the_code = '${from}'`,
    ]);
  await rename('Straße', 'STRASSE');
  const rows = await comparedRows('textRowsCompared', 'key', 2);
  await rename('STRASSE', 'Straße');
  expect(rows.filter(({ status }) => status !== 'SAME')).toEqual([
    { key: '[1,2]', status: 'DIFFERENT', differing: ['rank'] },
    { key: 'Straße', status: 'ONLY_AZURE', differing: [] },
    { key: '', status: 'ONLY_GCP', differing: [] },
    { key: 'STRASSE', status: 'ONLY_GCP', differing: [] },
  ]);
});

async function comparedRows(field: string, key: string, first: number) {
  const rows: { readonly key: unknown; readonly status: string; readonly differing: string[] }[] = [];
  for (let after: string | null = null; ; ) {
    const data = await ask(
      `query ($after: String) { page: ${field}(first: ${first}, after: $after) { nodes { ${key} status differing } pageInfo { hasNextPage endCursor } } }`,
      { after },
    );
    rows.push(...data.page.nodes);
    if (!data.page.pageInfo.hasNextPage) return rows;
    after = data.page.pageInfo.endCursor;
  }
}

/** Sizes of pages forward and backward. The full count has both in each order, else they take turns: the key's own order has both. */
function sizesOf(order: number): readonly (readonly [number, number])[] {
  const both = [
    [1, 2],
    [2, 1],
  ] as const;
  return process.env.TANDEM_LONG === '1' ? both : both.slice(order % 2).slice(0, 1);
}

/** A key that no row has under a collation either. */
function nowhere(key: unknown): unknown {
  return typeof key === 'string' ? 'none' : { ...(key as object), number: 99 };
}
