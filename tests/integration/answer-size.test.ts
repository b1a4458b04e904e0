import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabases, limits, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { watchTurns } from '../helpers/own-time.ts';
import { startServer } from '../helpers/server.ts';

// What an operation really reads and writes into its answer, whatever was expected before it was read.

/** Records of one doctor and one patient. */
const together = 150;
const longText = 'ä'.repeat(30_000);

let databases: TestDatabases;

beforeAll(async () => {
  databases = await createDatabases();
  await using server = await startServer(databases.config);
  await server.sources.AZURE.write(async (em) => {
    await em.execute("insert into doctors values (5, 'D', 'Five', null, 'L5'), (6, 'D', 'Six', null, 'L6')");
    await em.execute("insert into patients values (1, 'A', 'One', '2000-01-01', 'OTHER', null)");
    const record = "(null, 1, 'x', null, '2020-01-01', null, 5)";
    await em.execute(`insert into medical_records values ${Array(together).fill(record).join()}`);
  });
});
afterAll(() => databases?.[Symbol.asyncDispose]());

describe.each([
  ['compiled', 0],
  ['by graphql-js', Number.POSITIVE_INFINITY],
])('an operation that is executed %s', (_how, compileAfter) => {
  const start = (cost: number) =>
    startServer({ ...databases.config, limits: { ...limits, cost } }, { compileAfter });
  const tooComplex = (limit: string) =>
    expect.objectContaining({
      message: expect.stringMatching(
        /^The (answer would hold more than [\d]+ (values|bytes); ask for fewer|operation could read \d+ values)/,
      ),
      extensions: expect.objectContaining({
        code: 'OPERATION_TOO_COMPLEX',
        limit,
        retryable: false,
        remedy: expect.stringContaining('Ask for less'),
      }),
    });

  it('is refused where lists below lists hold more than the answer may, and others are served meanwhile', async () => {
    await using server = await start(limits.cost);
    await server.ask('{ __typename }');
    const before = process.memoryUsage.rss();
    const longestTurnMs = watchTurns();
    const { errors } = await server.ask(
      '{ medicalRecords(source: AZURE, first: 1, where: { doctor: { key: { eq: 5 } } }) { nodes { doctor { records(first: 150) { nodes { doctor { records(first: 150) { nodes { doctor { records(first: 150) { nodes { key } } } } } } } } } } } }',
    );
    const longest = longestTurnMs();
    expect(errors).toEqual([tooComplex('cost')]);
    // The bound is 100 ms; V8 may compile in one of these turns.
    expect(longest).toBeLessThan(250);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
  });

  // Each row counts one and each of its fields, under all their names, wherever they stand.
  it.each([
    ['a page', '{ medicalRecords(source: AZURE, first: 150) { nodes { key } } }', 150 * 2],
    [
      'a page, its nodes and its edges',
      '{ medicalRecords(source: AZURE, first: 150) { nodes { key } edges { cursor node { key } } } }',
      150 * (1 + 1 + 2 + 2),
    ],
    [
      'a list',
      '{ doctor(source: AZURE, key: 5) { records(first: 150) { nodes { key diagnosis } } } }',
      2 + 150 * 3,
    ],
    [
      'a list under two names',
      '{ doctor(source: AZURE, key: 5) { a: records(first: 150) { nodes { key } } b: records(first: 150) { nodes { key diagnosis } } } }',
      3 + 150 * 5,
    ],
    [
      'a list by a fragment and by itself',
      '{ doctor(source: AZURE, key: 5) { records(first: 150) { nodes { key } } ...F } } fragment F on Doctor { records(first: 150) { nodes { key diagnosis } } }',
      2 + 150 * 3,
    ],
    [
      'a parent of each row',
      '{ medicalRecords(source: AZURE, first: 150) { nodes { patient { lastName } doctor { key } } } }',
      150 * 3 + 150 + 150,
    ],
    [
      'a list below a parent of each row of a list',
      '{ doctor(source: AZURE, key: 5) { records(first: 150) { nodes { patient { records(first: 150) { nodes { key } } } } } } }',
      2 + 150 * 2 + 150 + 150 * 150 * 2,
    ],
    [
      'a second list, below a parent of each row',
      '{ medicalRecords(source: AZURE, first: 3) { nodes { patient { records(first: 150) { nodes { key } } } doctor { records(first: 150) { nodes { key patient { key } } } } } } }',
      3 * 3 + 3 + 3 + 3 * 150 * 2 + 3 * 150 * 3 + 3 * 150,
    ],
    [
      'rows by ids, the same one twice',
      `{ nodes(ids: ["QVpVUkU6RG9jdG9yOjU", "QVpVUkU6RG9jdG9yOjU"]) { ... on Doctor { records(first: 150) { nodes { key } } } } }`,
      2 * 2 + 2 * 150 * 2,
    ],
  ])(
    'is answered where it holds as many values as allowed, and refused beyond that: %s',
    async (_what, query, values) => {
      // What is expected before it is read has the same bound, and counts the page, too.
      const enough = await start(Math.max(values + 1, 100));
      const answered = await enough.ask(query);
      await enough[Symbol.asyncDispose]();
      expect(answered.errors).toBeUndefined();
      const tooFew = await start(values - 1);
      const refused = await tooFew.ask(query);
      await tooFew[Symbol.asyncDispose]();
      expect(new Set(refused.errors?.map(({ extensions }) => extensions.limit))).toEqual(new Set(['cost']));
    },
  );

  it('prices groups by the values that their columns can have', async () => {
    const grouped = (by: string) =>
      `{ medicalRecordsAggregate(source: AZURE, groupBy: [${by}]) { count group { key } } }`;
    for (const [query, cost] of [
      [grouped('key, diagnosis'), 1 + 1000 * 4],
      [grouped(''), 1 + 4],
      ['{ patientsAggregate(source: AZURE, groupBy: [gender, gender]) { count } }', 1 + 6 * 2],
    ] as const) {
      const most = Math.max(cost + 10_000, 100);
      await using enough = await start(most);
      expect((await enough.ask(query)).errors).toBeUndefined();
      if (cost <= 100) continue;
      await using tooFew = await start(cost - 1);
      expect((await tooFew.ask(query)).errors?.[0]?.message).toBe(
        `The operation could read ${cost} values; ${cost - 1} are allowed.`,
      );
    }
  });

  it('changes nothing where the payload of a mutation would read too many whole tables', async () => {
    await using server = await start(1000);
    const { data, errors } = await server.ask(
      `mutation { updateDoctor(source: AZURE, key: 5, input: { lastName: "Changed" }) { doctor { records { totalCount } } } }`,
    );
    expect(data).toEqual({ updateDoctor: null });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'OPERATION_TOO_COMPLEX', limit: 'cost' });
    const now = await server.ask('{ doctor(source: AZURE, key: 5) { lastName } }');
    expect(now.data.doctor.lastName).toBe('Five');
  });

  describe('that reads long texts', () => {
    beforeAll(async () => {
      const database = databases.config.databases.AZURE;
      const connection = await connect(database, database.migrator);
      await connection.query('alter table doctors modify specialty text');
      await connection.query('alter table medical_records modify treatment text');
      await connection.query('update doctors set specialty = ? where id = 5', [longText]);
      await connection.query('update medical_records set treatment = ?', [longText]);
      await connection.end();
    });

    it('is refused where its rows hold more bytes than the answer may', async () => {
      await using server = await start(limits.cost);
      const page = (n: number) => `{ medicalRecords(source: AZURE, first: ${n}) { nodes { treatment } } }`;
      expect((await server.ask(page(100))).data.medicalRecords.nodes).toHaveLength(100);
      expect((await server.ask(page(150))).errors).toEqual([tooComplex('bytes')]);
      // What was cut off is made up for.
      expect((await server.ask(page(10))).errors).toBeUndefined();
    });

    it.each([
      [
        'a parent of many rows',
        '{ medicalRecords(source: AZURE, first: 150) { nodes { doctor { specialty } } } }',
      ],
      [
        'a text under many names',
        `{ doctor(source: AZURE, key: 5) { ${Array.from({ length: 40 }, (_, n) => `a${n}: specialty`).join(' ')}
          records(first: 150) { nodes { a: treatment b: treatment } } } }`,
      ],
      [
        'a list under many names',
        `{ doctor(source: AZURE, key: 5) { a: records(first: 150) { nodes { treatment } } b: records(first: 150) { nodes { treatment } } } }`,
      ],
    ])('is refused where the answer repeats more bytes than it may hold: %s', async (_what, query) => {
      await using server = await start(limits.cost);
      expect((await server.ask(query)).errors).toEqual([tooComplex('bytes')]);
    });
  });
});
