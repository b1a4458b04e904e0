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
      message: expect.stringMatching(/^The answer would hold more than [\d]+ (values|bytes); ask for fewer/),
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
    const { data, errors } = await server.ask(
      '{ medicalRecords(source: AZURE, first: 1, where: { doctor: { key: { eq: 5 } } }) { nodes { doctor { records { doctor { records { doctor { records { key } } } } } } } } }',
    );
    const longest = longestTurnMs();
    expect({ data, errors }).toEqual({ data: { medicalRecords: null }, errors: [tooComplex('cost')] });
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
    ['a list', '{ doctor(source: AZURE, key: 5) { records { key diagnosis } } }', 2 + 150 * 3],
    [
      'a list under two names',
      '{ doctor(source: AZURE, key: 5) { a: records { key } b: records { key diagnosis } } }',
      3 + 150 * 4,
    ],
    [
      'a list by a fragment and by itself',
      '{ doctor(source: AZURE, key: 5) { records { key } ...F } } fragment F on Doctor { records { key diagnosis } }',
      2 + 150 * 3,
    ],
    [
      'a parent of each row',
      '{ medicalRecords(source: AZURE, first: 150) { nodes { patient { lastName } doctor { key } } } }',
      150 * 3 + 150 * 2 + 150 * 2,
    ],
    [
      'a list below a parent of each row of a list',
      '{ doctor(source: AZURE, key: 5) { records { patient { records { key } } } } }',
      2 + 150 * 2 + 150 * 2 + 150 * 150 * 2,
    ],
    [
      'a second list, below a parent of each row',
      '{ medicalRecords(source: AZURE, first: 3) { nodes { patient { records { key } } doctor { records { key patient { key } } } } } }',
      3 * 3 + 3 * 2 + 3 * 2 + 3 * 150 * 2 + 3 * 150 * 3 + 3 * 150 * 2,
    ],
    [
      'rows by ids, the same one twice',
      `{ nodes(ids: ["QVpVUkU6RG9jdG9yOjU", "QVpVUkU6RG9jdG9yOjU"]) { ... on Doctor { records { key } } } }`,
      2 * 2 + 2 * 150 * 2,
    ],
    [
      'groups',
      '{ medicalRecordsAggregate(source: AZURE, where: { doctor: { key: { eq: 5 } } }, groupBy: [key]) { count group { key } min { key } } }',
      150 * 6,
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

  it('reads no more rows than it may answer with, and one', async () => {
    // The smallest cap there is.
    const server = await start(100);
    await server.sources.AZURE.write(async (em) => {
      const record = "(null, 1, 'y', null, '2020-01-01', null, 6)";
      for (let n = 0; n < 10; n++)
        await em.execute(`insert into medical_records values ${Array(300).fill(record).join()}`);
    });
    const read: number[] = [];
    const { arrays } = server.sources.AZURE;
    Object.assign(server.sources.AZURE, {
      arrays: async (...given: Parameters<typeof arrays>) => {
        const rows = await arrays(...given);
        read.push(rows.length);
        return rows;
      },
    });
    const joined = await server.ask('{ doctor(source: AZURE, key: 6) { records { key } } }');
    const apart = await server.ask(
      '{ medicalRecords(source: AZURE, first: 1, orderBy: [{ key: DESC }]) { nodes { doctor { lastName } patient { records { key } } } } }',
    );
    for (const { errors } of [joined, apart]) expect(errors).toEqual([tooComplex('cost')]);
    expect(Math.max(...read)).toBe(1000);
    await server.sources.AZURE.write((em) => em.execute('delete from medical_records where doctor_id = 6'));
    await server[Symbol.asyncDispose]();
  });

  it('changes nothing where the payload of a mutation would be too large', async () => {
    await using server = await start(1000);
    const { data, errors } = await server.ask(
      `mutation { updateDoctor(source: AZURE, key: 5, input: { lastName: "Changed" }) { doctor {
        records { diagnosis patient { lastName records { key } } } } } }`,
    );
    expect({ data, errors }).toEqual({ data: { updateDoctor: null }, errors: [tooComplex('cost')] });
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
          records { a: treatment b: treatment } } }`,
      ],
      [
        'a list under many names',
        `{ doctor(source: AZURE, key: 5) { a: records { treatment } b: records { treatment } } }`,
      ],
    ])('is refused where the answer repeats more bytes than it may hold: %s', async (_what, query) => {
      await using server = await start(limits.cost);
      expect((await server.ask(query)).errors).toEqual([tooComplex('bytes')]);
    });
  });
});
