import { validateSchema } from 'graphql';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { type AccessRules, claim } from '../../src/access/permission.ts';
import { schemaOfRole } from '../../src/graphql/role-schema.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { sourceNames } from '../../src/source-name.ts';
import { entities, statements } from '../fixtures/archive/shelves.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { asMigrator, createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { besideOthers, evenOutNewKeys, expectSameAnswers } from '../helpers/non-interference.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/archive/shelves.ts'));

// Rows that soft delete and default filters hide from everybody, under the rules of roles.

const count = process.env.TANDEM_LONG === '1' ? 5000 : 60;

const rules: AccessRules = {
  roles: {
    clerk: { description: 'Sees a shelf, and writes it.', cost: 100_000, features: ['introspection'] },
    keeper: { description: 'Sees all that is there, and writes it.', cost: 100_000 },
  },
  tables: {
    Folder: {
      clerk: { read: { rows: { shelf: { eq: claim('shelf') } } }, create: true, update: true, delete: true },
      keeper: { read: true, create: true, update: true, delete: true },
    },
    Sheet: {
      clerk: {
        read: { rows: { folder: { shelf: { eq: claim('shelf') } } } },
        create: { presets: { weight: 2 }, check: { weight: { lt: 9 } } },
        update: { check: { stamp: { ink: { ne: 'gold' } } } },
        delete: true,
      },
      keeper: { read: true, create: true, update: true, delete: true },
    },
    Stamp: {
      clerk: { read: true, create: true, update: true, delete: { rows: { sheet: { weight: { gte: 2 } } } } },
      keeper: { read: true, create: true, update: true, delete: true },
    },
    Member: {
      clerk: { read: { rows: { sheets: { some: { weight: { lte: 4 } } } } } },
      keeper: { read: true, update: true },
    },
    Loan: {
      clerk: { read: { rows: { days: { gte: 7 } } }, create: true, update: true, delete: true },
      keeper: { read: true, create: true, update: true, delete: true },
    },
    Visit: {
      clerk: { read: { rows: { member: { name: { ne: 'Bob' } } } } },
      keeper: { read: true },
    },
  } as AccessRules['tables'],
};

/** Changes of hidden rows alone. Their keys and unique values are none that operations give: that one is taken can be inferred. */
const hidden = [
  "update folders set title = 'hid' where gone = 1",
  "insert into folders values ('A', 77, 'hid', 1), ('B', 88, 'hid', 1)",
  "update sheets set text = 'hid', weight = 99, shelf = null, folder_number = null, after_id = 6 where id = 5",
  "insert into sheets (id, text, weight, removed_at, shelf, folder_number, after_id) values (8, 'hid', 3, '2021-01-01', 'A', 1, 2), (9, 'hid', 3, '2021-01-01', 'A', 77, 8)",
  'update sheets set after_id = 9 where id = 7',
  'update sheets set folder_number = 88, shelf = "B" where id = 6',
  "insert into stamps values (7, 8, 'hid', 1), (8, null, 'hid', 1)",
  "update stamps set ink = 'hid' where gone = 1 and id < 7",
  'update stamps set sheet_id = 9 where id = 6',
  "update members set name = 'hid' where active = 0",
  "insert into members values (4, 'hid', 0)",
  'insert into loans values (7, 2, 2, 7, 1), (8, 8, 1, 7, 1), (9, 4, 4, 7, 1)',
  'update loans set member_id = 4 where id = 4',
  'update loans set sheet_id = 9 where id = 6',
  'update loans set days = 99 where gone = 1',
  'update visits set member_id = 4 where member_id = 3',
  "insert into visits values ('void', 2)",
];

const opened: AsyncDisposable[] = [];
async function start(): Promise<{ databases: TestDatabases; server: TestServer }> {
  const databases = await createDatabases({ migrated: false, statements });
  const auth = await authFor({
    administrator: { roles: ['administrator'] },
    ...Object.fromEntries(
      Object.keys(rules.roles).map((role) => [role, { roles: [role], claims: { shelf: 'A' } }]),
    ),
  });
  const server = await startServer({ ...databases.config, auth, pool: besideOthers }, { rules });
  opened.push(server, databases);
  return { databases, server };
}
afterAll(async () => {
  for (const each of opened.reverse()) await each[Symbol.asyncDispose]();
});

async function rowsOf({ config }: TestDatabases, sql: string) {
  const { AZURE } = config.databases;
  const connection = await connect(AZURE, AZURE.migrator);
  const [rows] = await connection.query({ sql, rowsAsArray: true });
  await connection.end();
  return rows;
}

const lists = ['folders', 'sheets', 'stamps', 'members', 'loans', 'visits'];
async function poolsOf(of: TestServer) {
  const fields = lists.map(
    (list) =>
      `${list}(source: AZURE, first: 50) { edges { cursor } ${list === 'visits' ? '' : 'nodes { id }'} }`,
  );
  const { data, errors } = await askAs(of, 'administrator', `{ ${fields.join(' ')} }`);
  expect(errors).toBeUndefined();
  const found = Object.values(data) as { edges: { cursor: string }[]; nodes?: { id: string }[] }[];
  const idOf = (type: string, ...key: (string | number)[]) =>
    Buffer.from(`AZURE:${type}:${key.join(':')}`).toString('base64url');
  return {
    ids: [
      ...found.flatMap(({ nodes = [] }) => nodes.map(({ id }) => id)),
      idOf('Sheet', 5),
      idOf('Sheet', 8),
      idOf('Stamp', 3),
      idOf('Member', 3),
      idOf('Loan', 3),
    ],
    cursors: found.flatMap(({ edges }) => edges.map(({ cursor }) => cursor)),
    words: [
      'A',
      'B',
      'One',
      'Two',
      'Old',
      'a',
      'b',
      'c',
      'hid',
      'red',
      'blue',
      'black',
      'gold',
      'Ann',
      'Bob',
      'Cid',
      'read',
      'void',
    ],
  };
}

describe('a table between whose rows are hidden', () => {
  it('loses the rows that the caller sees and may delete, and keeps the others', async () => {
    const { databases, server } = await start();
    const { AZURE } = databases.config.databases;
    await asMigrator(AZURE, [
      'insert into loans values (20, 2, 2, 7, 0), (21, 2, 2, 7, 1), (22, 2, 2, 3, 0), (23, 2, 2, 8, 0)',
    ]);
    const change = (caller: string, input: string) =>
      askAs(
        server,
        caller,
        `mutation { updateSheet(source: AZURE, key: 2, input: { ${input} }) { sheet { loans { nodes { key } } } } }`,
      );
    const loans = async () => {
      const { data } = await askAs(
        server,
        'administrator',
        '{ loans(source: AZURE, where: { sheet: { key: { eq: 2 } } }) { nodes { key days } } }',
      );
      return data.loans.nodes;
    };
    // Not the one of three days, which the clerk does not see.
    expect((await change('clerk', 'membersDisconnect: [2]')).errors).toBeUndefined();
    expect(await loans()).toEqual([{ key: 22, days: 3 }]);
    expect(await rowsOf(databases, 'select id, gone from loans where sheet_id = 2 order by id')).toEqual([
      [3, 1],
      [20, 1],
      [21, 1],
      [22, 0],
      [23, 1],
    ]);
    const absent = await change('clerk', 'membersDisconnect: [2]');
    expect(absent.errors?.[0].extensions).toMatchObject({ code: 'NOT_FOUND' });
    // Rows that are deleted, or that the role does not see, are none that a new one would double.
    for (const caller of ['clerk', 'administrator']) {
      expect((await change(caller, 'membersConnect: [1]')).errors, caller).toBeUndefined();
      expect((await change(caller, 'membersDisconnect: [1]')).errors, caller).toBeUndefined();
    }
    expect((await change('clerk', 'membersConnect: [2]')).errors).toBeUndefined();
    expect((await loans()).map(({ days }: { days: number }) => days)).toEqual([3, 7]);
  });
});

it('a list is there once, however many reasons there are to see the row that it belongs to', async () => {
  const { server } = await start();
  const { data, errors } = await askAs(
    server,
    'clerk',
    '{ loans(source: AZURE) { nodes { key member { sheets { totalCount nodes { key } } } } } }',
  );
  expect(errors).toBeUndefined();
  const one = { sheets: { totalCount: 1, nodes: [{ key: 1 }] } };
  const two = { sheets: { totalCount: 1, nodes: [{ key: 1 }] } };
  expect(data.loans.nodes).toEqual([
    { key: 1, member: one },
    { key: 2, member: two },
    { key: 4, member: null },
    { key: 5, member: two },
    { key: 6, member: one },
  ]);
});

describe.each(['clerk', 'keeper'])('to the role %s', (role) => {
  it('rows that are deleted are no rows, in any answer', async () => {
    const [one, two] = [await start(), await start()];
    for (const name of sourceNames)
      await asMigrator(two.databases.config.databases[name], name === 'GCP' ? hidden : hidden.slice(0, -3));
    await evenOutNewKeys([one.databases, two.databases], ['sheets', 'stamps', 'members', 'loans']);
    const whole = await createSchema();
    const schema = schemaOfRole(whole, role, rules, entities);
    expect(validateSchema(schema)).toEqual([]);
    const answered = await expectSameAnswers([one.server, two.server], {
      role,
      schema,
      pools: await poolsOf(one.server),
      count,
    });
    expect(answered.read).toBeGreaterThan(answered.reads / 5);
  }, 3_600_000);
});
