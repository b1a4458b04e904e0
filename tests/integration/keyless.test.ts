import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { statements } from '../fixtures/keys/keyless.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { createDatabases, environmentOf, type TestDatabases } from '../helpers/databases.ts';
import { tandem } from '../helpers/run-command-line.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { type Answer, startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/keys/keyless.ts'));

// Tables and views without a key: read only, in lists and aggregates.

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

type Ask = (query: string) => Promise<Answer>;
const asked: Ask = (query) => server.ask(query);
async function ask(query: string, by = asked) {
  const { data, errors } = await by(query);
  expect(errors, `${query}\n${server.log.slice(-2).join('')}`).toBeUndefined();
  return data;
}

/** All pages of a list, one after the other, as texts of its rows. */
async function pagesOf(list: string, args: string, fields: string, { backward = false, by = asked } = {}) {
  const rows: string[] = [];
  let place = '';
  for (;;) {
    const data = await ask(
      `{ ${list}(source: AZURE, ${args}${place}) { edges { cursor node { ${fields} } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
      by,
    );
    const { edges, pageInfo } = data[list];
    const page = edges.map(({ node }: { node: object }) => JSON.stringify(node));
    if (backward) rows.unshift(...page);
    else rows.push(...page);
    if (!(backward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) return rows;
    place = backward ? `, before: "${pageInfo.startCursor}"` : `, after: "${pageInfo.endCursor}"`;
  }
}

const all = 'at sensor { key } level value data raw';

describe('a table without a key', () => {
  it.each([
    [''],
    ['orderBy: [{ at: ASC }]'],
    ['orderBy: [{ level: DESC }, { value: ASC }]'],
    ['orderBy: [{ value: DESC }]'],
    ['orderBy: [{ sensor: { name: ASC } }, { at: DESC }]'],
    ['where: { or: [{ level: { eq: "low" } }, { data: { isNull: false } }] }, orderBy: [{ level: ASC }]'],
  ])('is read by pages with every row as often as it is there: %s', async (args) => {
    const data = await ask(
      `{ readings(source: AZURE, first: 1000, ${args}) { totalCount nodes { ${all} } } }`,
    );
    const rows: string[] = data.readings.nodes.map((row: object) => JSON.stringify(row));
    expect(rows).toHaveLength(data.readings.totalCount);
    expect(rows.length).toBeGreaterThan(100);
    // Some are there several times.
    expect(new Set(rows).size).toBeLessThan(rows.length / 2);
    expect(await pagesOf('readings', `first: 37, ${args}`, all)).toEqual(rows);
    expect(await pagesOf('readings', `last: 41, ${args}`, all, { backward: true })).toEqual(rows);
  });

  it('has the rows that the table has', async () => {
    const rows = await pagesOf('readings', 'first: 100', 'at level sensor { key } raw');
    const expected = await server.sources.AZURE.arrays({
      sql: 'select date_format(at, "%Y-%m-%dT%T"), level, sensor_id, to_base64(raw) from readings',
      params: [],
    });
    const shown = rows.map((text) => {
      const { at, level, sensor, raw } = JSON.parse(text);
      return JSON.stringify([at.slice(0, 19), level, sensor?.key ?? null, raw]);
    });
    expect(shown.toSorted()).toEqual(expected.map((row) => JSON.stringify(row)).toSorted());
  });

  it('is a table of one column, too, whose rows are equal', async () => {
    expect(await pagesOf('coins', 'first: 1, orderBy: [{ worth: DESC }]', 'worth')).toEqual(
      [2, 1, 1, 1, null, null].map((worth) => JSON.stringify({ worth })),
    );
  });

  it('is a view, too', async () => {
    const rows = await pagesOf('levels', 'first: 50, orderBy: [{ value: ASC }]', 'level value');
    const { levelsAggregate } = await ask('{ levelsAggregate(source: AZURE) { count } }');
    expect(rows).toHaveLength(levelsAggregate[0].count);
    expect(
      await pagesOf('levels', 'last: 50, orderBy: [{ value: ASC }]', 'level value', { backward: true }),
    ).toEqual(rows);
  });

  it('is counted, aggregated and filtered without numbering its rows', async () => {
    const sent = await statementsOf(server.sources.AZURE, () =>
      ask('{ readingsAggregate(source: AZURE, groupBy: [level], where: { value: { gt: 0 } }) { count } }'),
    );
    expect(sent.length).toBeGreaterThan(0);
    for (const sql of sent) expect(sql).not.toContain('row_number');
  });

  it('belongs to rows that have one, as a list of those', async () => {
    const { sensors } = await ask(
      '{ sensors(source: AZURE, orderBy: [{ readings: { count: DESC } }, { key: ASC }]) { nodes { key readings(first: 3, orderBy: [{ level: DESC }]) { totalCount nodes { level } pageInfo { hasNextPage endCursor } } readingsAggregate { count } } } }',
    );
    const expected = await ask(
      '{ a: readingsAggregate(source: AZURE, where: { sensor: { key: { eq: 1 } } }) { count } b: readingsAggregate(source: AZURE, where: { sensor: { name: { eq: "South" } } }) { count } }',
    );
    const counts = new Map<number, number>(
      sensors.nodes.map((node: { key: number; readings: { totalCount: number } }) => [
        node.key,
        node.readings.totalCount,
      ]),
    );
    expect([counts.get(1), counts.get(2), counts.get(3)]).toEqual([
      expected.a[0].count,
      expected.b[0].count,
      0,
    ]);
    for (const { readings, readingsAggregate } of sensors.nodes) {
      expect(readingsAggregate[0].count).toBe(readings.totalCount);
    }
    const page = (after: string) =>
      ask(
        `{ sensor(source: AZURE, key: 1) { readings(first: 20, orderBy: [{ level: ASC }]${after}) { nodes { ${all} } pageInfo { hasNextPage endCursor } } } }`,
      );
    const rows: string[] = [];
    for (let after = ''; ; ) {
      const { readings } = (await page(after)).sensor;
      rows.push(...readings.nodes.map((row: object) => JSON.stringify(row)));
      if (!readings.pageInfo.hasNextPage) break;
      after = `, after: "${readings.pageInfo.endCursor}"`;
    }
    expect(rows).toHaveLength(counts.get(1) as number);
    const { readings } = await ask(
      `{ readings(source: AZURE, where: { sensor: { key: { eq: 1 } } }, first: 1000) { nodes { ${all} } } }`,
    );
    expect(rows.toSorted()).toEqual(readings.nodes.map((row: object) => JSON.stringify(row)).toSorted());
  });

  it('is read by an index where the filter is of one, and costs a scan where it is not', async () => {
    const where = 'where: { at: { eq: "2020-01-01T00:01:00" } }';
    const sent = await statementsOf(server.sources.AZURE, () =>
      ask(`{ readings(source: AZURE, ${where}) { nodes { level } } }`),
    );
    const sql = sent.find((text) => text.includes('row_number')) as string;
    const [plan] = await server.sources.AZURE.rows<{ EXPLAIN: string }>({
      sql: `explain format=tree ${sql}`,
      params: ['2020-01-01 00:01:00', '21'],
      isScan: false,
    });
    expect(plan?.EXPLAIN).toMatch(/Index (?:lookup|range scan) on \w+ using readings_at_index/);
    const costOf = async (args: string) => {
      const { errors } = await server.ask(
        `{ ${Array.from({ length: 20 }, (_, at) => `a${at}: readings(source: AZURE, first: 1${args}) { nodes { level } }`).join(' ')} }`,
      );
      return errors?.[0]?.extensions?.code;
    };
    expect(await costOf(`, ${where}`)).toBeUndefined();
    expect(await costOf('')).toBe('OPERATION_TOO_COMPLEX');
  });

  it('has neither key nor id, nor fields that name one row', async () => {
    const { __schema, type, node } = await ask(
      '{ __schema { queryType { fields { name } } mutationType { fields { name } } } type: __type(name: "Reading") { interfaces { name } fields { name } } node: __type(name: "Node") { possibleTypes { name } } }',
    );
    const names = (fields: { name: string }[]) => fields.map(({ name }) => name).toSorted();
    expect(names(__schema.queryType.fields).filter((name) => /reading|coin|level/i.test(name))).toEqual([
      'coins',
      'coinsAggregate',
      'levels',
      'levelsAggregate',
      'readings',
      'readingsAggregate',
    ]);
    expect(names(__schema.mutationType.fields).filter((name) => /reading|coin|level/i.test(name))).toEqual(
      [],
    );
    expect(names(type.fields)).toEqual(['at', 'data', 'level', 'raw', 'sensor', 'source', 'value']);
    expect(type.interfaces).toEqual([]);
    expect(names(node.possibleTypes)).toEqual(['Sensor']);
    const id = Buffer.from('AZURE:Reading:x').toString('base64url');
    const { errors } = await server.ask(`{ node(id: "${id}") { id } }`);
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });

  it('is to drift a table without a key, as entities have it', async () => {
    const { code, stdout } = await tandem(['drift', '--only', 'entities'], environmentOf(databases.config));
    expect(stdout).not.toMatch(/readings|coins/);
    expect(code, stdout).toBe(0);
  });
});

describe('a role that may read some columns and rows of one', () => {
  it('gets every row of those by pages, and cursors that tell nothing of others', async () => {
    const auth = await authFor({ guest: { roles: ['analyst'] }, admin: { roles: ['administrator'] } });
    await using guarded = await startServer({ ...databases.config, auth });
    const by: Ask = (query) => askAs(guarded, 'guest', query);
    const { readings } = await ask(
      '{ readings(source: AZURE, first: 1000, orderBy: [{ at: ASC }]) { nodes { at } totalCount } }',
      by,
    );
    const rows = await pagesOf('readings', 'first: 30, orderBy: [{ at: ASC }]', 'at', { by });
    expect(rows).toEqual(readings.nodes.map((row: object) => JSON.stringify(row)));
    expect(rows).toHaveLength(readings.totalCount);
    const { readingsAggregate } = await ask(
      '{ readingsAggregate(source: AZURE, where: { value: { isNull: false } }) { count } }',
    );
    expect(rows).toHaveLength(readingsAggregate[0].count);
    const sent = await statementsOf(guarded.sources.AZURE, () =>
      ask('{ readings(source: AZURE, first: 2) { pageInfo { endCursor } } }', by),
    );
    const numbered = sent.find((sql) => sql.includes('row_number'));
    expect(numbered).toBeDefined();
    expect(numbered).not.toContain('`level`');
  });
});
