import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

// To-many relations are connections: a page of each row's list, in one statement whatever the number of rows.

let databases: TestDatabases;
let server: TestServer;

beforeAll(async () => {
  databases = await createDatabases();
  server = await startServer(databases.config, { bothExecutors: true });
  await server.sources.AZURE.write(async (em) => {
    await em.execute("insert into doctors values (1, 'D', 'One', null, 'L1'), (2, 'D', 'Two', null, 'L2')");
    await em.execute(
      `insert into patients values ${[1, 2, 3, 4].map((key) => `(${key}, 'P', 'P${key}', '2000-01-01', 'OTHER', null)`).join()}`,
    );
    // Of patient 1 seven records, of 2 two, of 3 none, of 4 one; days that repeat, from the last to the first.
    const records = [
      [1, 1, '2020-01-04'],
      [2, 1, '2020-01-03'],
      [3, 1, '2020-01-03'],
      [4, 1, '2020-01-02'],
      [5, 1, '2020-01-01'],
      [6, 1, '2020-01-01'],
      [7, 1, '2020-01-01'],
      [8, 2, '2020-01-03'],
      [9, 2, '2020-01-01'],
      [10, 4, '2020-01-02'],
    ];
    for (const [key, patient, day] of records) {
      await em.execute(
        `insert into medical_records values (${key}, ${patient}, 'x${key}', null, '${day}', null, ${Number(key) % 2 === 0 ? 2 : 1})`,
      );
    }
  });
}, 60_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

const rows = `nodes { key } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`;
type Page = { nodes: { key: number }[]; pageInfo: Record<string, unknown> };
const keysOf = ({ nodes }: Page) => nodes.map(({ key }) => key);

async function ask(query: string, variables: Record<string, unknown> = {}) {
  const { data, errors } = await server.ask(query, variables);
  expect(errors).toBeUndefined();
  return data;
}

/** The keys of each patient's page. */
async function pagesOf(args: string, fields = rows): Promise<Page[]> {
  const { patients } = await ask(`{ patients(source: AZURE) { nodes { records${args} { ${fields} } } } }`);
  return patients.nodes.map(({ records }: { records: Page }) => records);
}

describe('a page of each row’s list', () => {
  it.each([
    ['', [[5, 6, 7, 4, 2, 3, 1], [9, 8], [], [10]]],
    ['(first: 2)', [[5, 6], [9, 8], [], [10]]],
    ['(last: 2)', [[3, 1], [9, 8], [], [10]]],
    ['(first: 0)', [[], [], [], []]],
    ['(first: null, last: null)', [[5, 6, 7, 4, 2, 3, 1], [9, 8], [], [10]]],
    ['(first: 3, orderBy: [{ key: DESC }])', [[7, 6, 5], [9, 8], [], [10]]],
    ['(first: 3, orderBy: [{ admissionDate: DESC }])', [[1, 3, 2], [8, 9], [], [10]]],
    ['(first: 3, where: { key: { gte: 4 } })', [[5, 6, 7], [9, 8], [], [10]]],
    ['(where: { doctor: { lastName: { eq: "Two" } } })', [[6, 4, 2], [8], [], [10]]],
    ['(where: { key: { in: [] } })', [[], [], [], []]],
  ])('has the rows that records%s asks for', async (args, expected) => {
    expect((await pagesOf(args)).map(keysOf)).toEqual(expected);
  });

  it('tells of further pages, in both directions', async () => {
    const flags = (pages: Page[]) =>
      pages.map(({ pageInfo }) => [pageInfo.hasPreviousPage, pageInfo.hasNextPage]);
    expect(flags(await pagesOf('(first: 2)'))).toEqual([
      [false, true],
      [false, false],
      [false, false],
      [false, false],
    ]);
    expect(flags(await pagesOf('(last: 1)'))).toEqual([
      [true, false],
      [true, false],
      [false, false],
      [false, false],
    ]);
    expect(flags(await pagesOf('(first: 0)'))).toEqual([
      [false, true],
      [false, true],
      [false, false],
      [false, true],
    ]);
  });

  it.each([
    ['first', 'after', 'hasNextPage', 'endCursor'],
    ['last', 'before', 'hasPreviousPage', 'startCursor'],
  ])('is followed by the next one: %s, %s', async (size, from, more, cursor) => {
    for (const order of ['', ', orderBy: [{ doctor: ASC }]', ', orderBy: [{ diagnosis: DESC }]'].slice(
      0,
      1,
    )) {
      const all = keysOf((await pagesOf(`(first: 100${order})`))[0] as Page);
      const walked: number[] = [];
      let at: unknown = null;
      for (let n = 0; n < 10; n++) {
        const { patient } = await ask(
          `query ($at: String) { patient(source: AZURE, key: 1) { records(${size}: 2, ${from}: $at${order}) { ${rows} } } }`,
          { at },
        );
        walked.splice(size === 'first' ? walked.length : 0, 0, ...keysOf(patient.records));
        if (patient.records.pageInfo[more] !== true) break;
        at = patient.records.pageInfo[cursor];
      }
      expect(walked).toEqual(all);
    }
  });

  it('starts for every row at the place that a cursor of one of them tells', async () => {
    const [first] = await pagesOf('(first: 4)');
    // After record 4, of 2020-01-02.
    const after = await pagesOf(`(after: "${first?.pageInfo.endCursor}")`);
    expect(after.map(keysOf)).toEqual([[2, 3, 1], [8], [], [10]]);
    const before = await pagesOf(`(last: 2, before: "${first?.pageInfo.endCursor}")`);
    expect(before.map(keysOf)).toEqual([[6, 7], [9], [], []]);
  });

  it('has cursors that go with its edges', async () => {
    const { patient } = await ask(
      '{ patient(source: AZURE, key: 1) { records(first: 3) { edges { cursor node { key } } pageInfo { endCursor } } } }',
    );
    const { pageInfo } = patient.records;
    const edges: { cursor: string; node: { key: number } }[] = patient.records.edges;
    expect(edges.map(({ node }) => node.key)).toEqual([5, 6, 7]);
    expect(edges.at(-1)?.cursor).toBe(pageInfo.endCursor);
  });

  it('is another one for each set of arguments, and one for those that are the same', async () => {
    const { patient } = await ask(
      `query ($one: Int) { patient(source: AZURE, key: 1) {
        a: records(first: 1) { nodes { key } } b: records(first: $one, orderBy: [{ key: DESC }]) { nodes { key } }
        c: records(orderBy: [{ key: DESC }], first: $one) { nodes { diagnosis } } d: records(last: 1) { totalCount nodes { key } } } }`,
      { one: 2 },
    );
    expect(patient).toEqual({
      a: { nodes: [{ key: 5 }] },
      b: { nodes: [{ key: 7 }, { key: 6 }] },
      c: { nodes: [{ diagnosis: 'x7' }, { diagnosis: 'x6' }] },
      d: { totalCount: 7, nodes: [{ key: 1 }] },
    });
  });

  it('takes arguments of variables, given, null, absent and by default', async () => {
    const query = `query ($first: Int = 2, $where: MedicalRecordWhere, $dir: SortDirection! = DESC) { patient(source: AZURE, key: 1) {
      records(first: $first, where: $where, orderBy: [{ key: $dir }]) { nodes { key } } } }`;
    const keys = async (variables: Record<string, unknown>) =>
      keysOf((await ask(query, variables)).patient.records);
    expect(await keys({})).toEqual([7, 6]);
    expect(await keys({ first: 1, where: null })).toEqual([7]);
    expect(await keys({ first: null, where: { key: { lt: 4 } }, dir: 'ASC' })).toEqual([1, 2, 3]);
    expect(await keys({ where: { key: { lt: 4 } } })).toEqual([3, 2]);
  });

  it('is read below rows of every kind: of a page, by key, by id, of a list, of a row', async () => {
    const below =
      'records(first: 1) { nodes { key patient { records(last: 1) { nodes { key doctor { key } } } } } }';
    const expected = {
      nodes: [{ key: 5, patient: { records: { nodes: [{ key: 1, doctor: { key: 1 } }] } } }],
    };
    const data = await ask(`{
      page: patients(source: AZURE, first: 1) { nodes { id ${below} } edges { node { ${below} } } }
      one: patient(source: AZURE, key: 1) { ${below} }
      list: doctor(source: AZURE, key: 1) { records(first: 2) { nodes { patient { ${below} } } } }
    }`);
    expect(data.page.nodes[0].records).toEqual(expected);
    expect(data.page.edges[0].node.records).toEqual(expected);
    expect(data.one.records).toEqual(expected);
    // The first two records of the doctor are both of patient 1.
    expect(data.list.records.nodes).toEqual([
      { patient: { records: expected } },
      { patient: { records: expected } },
    ]);
    const { node } = await ask(
      'query ($id: ID!) { node(id: $id) { ... on Patient { records(first: 1) { nodes { key } } } } }',
      {
        id: data.page.nodes[0].id,
      },
    );
    expect(node.records).toEqual({ nodes: [{ key: 5 }] });
  });

  it('may be other ones under nodes and under edges', async () => {
    const { patients } = await ask(
      `{ patients(source: AZURE, first: 1) { nodes { records(first: 1) { nodes { key } } } edges { node { records(first: 2) { nodes { key } } } } } }`,
    );
    expect(keysOf(patients.nodes[0].records)).toEqual([5]);
    expect(keysOf(patients.edges[0].node.records)).toEqual([5, 6]);
  });
});

it('is read below lists below lists below lists', async () => {
  const { doctor } = await ask(`{ doctor(source: AZURE, key: 2) { records(first: 2) { nodes { key
    patient { records(last: 2) { nodes { key doctor { records(first: 1) { nodes { key } } } } } } } } } }`);
  const [sixth, eighth] = doctor.records.nodes;
  expect(sixth).toEqual({
    key: 6,
    patient: {
      records: {
        nodes: [
          { key: 3, doctor: { records: { nodes: [{ key: 5 }] } } },
          { key: 1, doctor: { records: { nodes: [{ key: 5 }] } } },
        ],
      },
    },
  });
  expect(eighth.key).toBe(4);
});

describe('what is counted', () => {
  it('is each row’s own total, whatever the page', async () => {
    const totals = async (args: string) =>
      (await pagesOf(args, 'totalCount')).map((page) => (page as never as { totalCount: number }).totalCount);
    expect(await totals('')).toEqual([7, 2, 0, 1]);
    expect(await totals('(first: 1)')).toEqual([7, 2, 0, 1]);
    expect(await totals('(where: { doctor: { key: { eq: 2 } } })')).toEqual([3, 1, 0, 1]);
    expect(await totals('(where: { or: [] })')).toEqual([0, 0, 0, 0]);
  });

  it('is each row’s own aggregate, by group, too', async () => {
    const { patients } = await ask(`{ patients(source: AZURE) { nodes {
      recordsAggregate { count min { key admissionDate } avg { key } }
      days: recordsAggregate(groupBy: [admissionDate], where: { key: { lt: 10 } }) { count group { admissionDate } } } } }`);
    const [first, second, third] = patients.nodes;
    expect(first.recordsAggregate).toEqual([
      { count: 7, min: { key: 1, admissionDate: '2020-01-01' }, avg: { key: 4 } },
    ]);
    expect(second.days).toEqual([
      { count: 1, group: { admissionDate: '2020-01-01' } },
      { count: 1, group: { admissionDate: '2020-01-03' } },
    ]);
    expect(third.recordsAggregate).toEqual([
      { count: 0, min: { key: null, admissionDate: null }, avg: { key: null } },
    ]);
    expect(third.days).toEqual([]);
  });
});

describe('what a list cannot be', () => {
  it.each([
    ['records(first: 1, last: 1) { nodes { key } }', 'records: Pass first or last, not both.'],
    ['records(first: -1) { totalCount }', 'records: first is -1; it can be 0 to 1000.'],
    ['records(last: 1001) { nodes { key } }', 'records: last is 1001; it can be 0 to 1000.'],
    [
      'records(after: "x") { nodes { key } }',
      'records: after is not a cursor of this list: pass one of an earlier page with the same orderBy.',
    ],
    [
      'records(where: { diagnosis: { eq: null } }) { nodes { key } }',
      'records: where.diagnosis.eq is null; ask for isNull instead.',
    ],
    [
      'recordsAggregate(where: { diagnosis: { eq: null } }) { count }',
      'recordsAggregate: where.diagnosis.eq is null; ask for isNull instead.',
    ],
  ])('is refused before anything is read: %s', async (fields, message) => {
    let answer: Awaited<ReturnType<TestServer['ask']>> | undefined;
    const statements = await statementsOf(server.sources.AZURE, async () => {
      answer = await server.ask(`{ patients(source: AZURE) { nodes { ${fields} } } }`);
    });
    expect(statements).toEqual([]);
    expect(answer?.data).toEqual({ patients: null });
    expect(answer?.errors).toMatchObject([
      { message, extensions: { code: 'BAD_USER_INPUT' }, path: ['patients'] },
    ]);
  });

  it('is refused with its price where lists below lists could hold more than an answer may', async () => {
    const query = `{ patient(source: AZURE, key: 1) { records(first: 100) { nodes { patient { records(first: 100) { nodes {
      patient { records(first: 10) { nodes { key } } } } } } } } } }`;
    const perRow = 1 + 1 + 1 + 100 * (1 + 1 + 1 + 10 * 2);
    const price = 1 + 1 + 100 * perRow;
    const statements = await statementsOf(server.sources.AZURE, async () => {
      const { errors } = await server.ask(query);
      expect(errors?.[0]?.message).toBe(`The operation could read ${price} values; 100000 are allowed.`);
    });
    expect(statements).toEqual([]);
  });
});
