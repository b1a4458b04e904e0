import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessRules, claim } from '../../src/access/permission.ts';
import { seed } from '../../src/seeders/seed.ts';
import { perSource, type SourceName, sourceNames } from '../../src/source-name.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { asMigrator, createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { type ServerOptions, startServer, type TestServer } from '../helpers/server.ts';

const count = 40;
let databases: TestDatabases;
let server: TestServer;

/** Changes rows past Tandem, as replication or another program does. */
const run = (source: SourceName, ...statements: readonly string[]) =>
  asMigrator(databases.config.databases[source], statements);

const fields = 'key status differing azure { key source firstName } gcp { key source firstName }';
const page = (given: string) => `{ patientsCompared${given} {
  nodes { ${fields} }
  edges { cursor node { key } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  unavailable
} }`;

interface Node {
  readonly key: number;
  readonly status: string;
  readonly differing: readonly string[];
}

async function compared(given: string): Promise<{ nodes: Node[]; edges: never; pageInfo: never }> {
  const { data, errors } = await server.ask(page(given));
  expect(errors).toBeUndefined();
  return data.patientsCompared;
}

/** All pages, one after another. */
async function paged(field: string, given: string, first: number, from = server): Promise<Node[]> {
  const nodes: Node[] = [];
  let after: string | null = null;
  for (let pages = 0; ; pages += 1) {
    expect(pages).toBeLessThan(200);
    const { data, errors } = await from.ask(
      `query ($after: String) { page: ${field}(${given} first: ${first}, after: $after) { nodes { key status differing } pageInfo { hasNextPage endCursor hasPreviousPage } } }`,
      { after },
    );
    expect(errors).toBeUndefined();
    expect(data.page.nodes.length).toBeLessThanOrEqual(first);
    expect(data.page.pageInfo.hasPreviousPage).toBe(after !== null);
    nodes.push(...data.page.nodes);
    if (!data.page.pageInfo.hasNextPage) return nodes;
    after = data.page.pageInfo.endCursor;
  }
}

const keysOf = (nodes: readonly Node[]) => nodes.map(({ key }) => key);
const not = (...keys: readonly number[]) =>
  Array.from({ length: count }, (_, at) => at + 1).filter((key) => !keys.includes(key));

beforeAll(async () => {
  databases = await createDatabases();
  server = await startServer(databases.config, { bothExecutors: true });
  await Promise.all(sourceNames.map((name) => seed(server.sources[name], count)));
  for (const source of sourceNames) {
    await run(source, "update patients set contact_number = '1', last_name = concat('Name', id)");
  }
  await run(
    'GCP',
    "update patients set last_name = 'name3' where id = 3",
    "update patients set contact_number = null, gender = if(gender = 'male', 'female', 'male') where id = 5",
    "update medical_records set diagnosis = 'other' where patient_id = 6",
    'delete from medical_records where patient_id in (7, 8)',
    'delete from patients where id in (7, 8)',
    "insert into patients (id, first_name, last_name, date_of_birth, gender) values (1000, 'A', 'Zz', '2000-01-01', 'other'), (1001, 'B', 'Aa', '2000-01-01', 'other'), (1002, 'C', 'Zz', '2000-01-01', 'other')",
  );
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

describe('rows of both clouds side by side', () => {
  it('have a status, their row in each cloud, and the fields that differ, selected or not', async () => {
    const { nodes } = await compared('(first: 100)');
    expect(keysOf(nodes)).toEqual([...not(), 1000, 1001, 1002]);
    const of = (key: number) => nodes.find((node) => node.key === key);
    expect(of(3)).toMatchObject({ status: 'DIFFERENT', differing: ['lastName'], azure: { key: 3 } });
    expect(of(5)).toMatchObject({ status: 'DIFFERENT', differing: ['gender', 'contactNumber'] });
    expect(of(7)).toMatchObject({
      status: 'ONLY_AZURE',
      differing: [],
      azure: { source: 'AZURE' },
      gcp: null,
    });
    expect(of(1001)).toEqual({
      key: 1001,
      status: 'ONLY_GCP',
      differing: [],
      azure: null,
      gcp: { key: 1001, source: 'GCP', firstName: 'B' },
    });
    const others = nodes.filter(({ key }) => ![3, 5, 7, 8, 1000, 1001, 1002].includes(key));
    for (const node of others) {
      expect(node).toMatchObject({
        status: 'SAME',
        differing: [],
        azure: { key: node.key, source: 'AZURE' },
        gcp: { key: node.key, source: 'GCP' },
      });
    }
  });

  it('have relations, lists and aggregates below them, by whatever way they are selected', async () => {
    const below =
      'key records(first: 1, orderBy: [{ key: ASC }]) { totalCount nodes { diagnosis patient { key source } } } recordsAggregate { count }';
    const { data, errors } = await server.ask(
      `{ patientsCompared(where: { key: { in: [6, 7] } }) {
        nodes { status gcp { ${below} } }
        edges { node { azure { ${below} } gcp { firstName } } }
      } alone: patients(source: GCP, where: { key: { in: [6] } }) { nodes { ${below} } } }`,
    );
    expect(errors).toBeUndefined();
    const [six, seven] = data.patientsCompared.nodes;
    expect(six).toEqual({ status: 'SAME', gcp: data.alone.nodes[0] });
    expect(six.gcp.records.nodes[0]).toEqual({ diagnosis: 'other', patient: { key: 6, source: 'GCP' } });
    expect(seven).toEqual({ status: 'ONLY_AZURE', gcp: null });
    const [edge] = data.patientsCompared.edges;
    expect(edge.node.azure.records.nodes[0].patient).toEqual({ key: 6, source: 'AZURE' });
    expect(edge.node.azure.records.nodes[0].diagnosis).not.toBe('other');
    expect(typeof edge.node.gcp.firstName).toBe('string');
  });

  it('name relations whose keys differ, by their fields', async () => {
    const { data } = await server.ask(
      '{ medicalRecordsCompared(first: 1) { nodes { key status azure { doctor { key } } } } }',
    );
    const [{ key, azure }] = data.medicalRecordsCompared.nodes;
    const another = `(select id from doctors where id <> ${azure.doctor?.key ?? 0} limit 1)`;
    await run('GCP', `update medical_records set doctor_id = ${another} where id = ${key}`);
    const after = await server.ask(
      `{ medicalRecordsCompared(where: { key: { eq: ${key} } }) { nodes { status differing } } }`,
    );
    expect(after.data.medicalRecordsCompared.nodes).toEqual([{ status: 'DIFFERENT', differing: ['doctor'] }]);
    await run(
      'GCP',
      `update medical_records set doctor_id = ${azure.doctor?.key ?? 'null'} where id = ${key}`,
    );
  });

  it('of an empty answer are an empty page', async () => {
    expect(await compared('(where: { key: { eq: 5000 } })')).toEqual({
      nodes: [],
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      unavailable: [],
    });
    expect((await compared('(first: 0)')).nodes).toEqual([]);
  });

  it('refuse arguments that cannot be used, as other pages do', async () => {
    for (const given of ['first: -1', 'first: 1001', 'after: "x"', 'after: "R0NQOng"', 'orderBy: [{}]']) {
      const { data, errors } = await server.ask(page(`(${given})`));
      expect(data, given).toEqual({ patientsCompared: null });
      expect(errors?.[0]?.extensions.code, given).toBe('BAD_USER_INPUT');
    }
  });
});

describe('pages of compared rows', () => {
  it.each([1, 2, 3, 7, 39, 40, 41, 42, 43, 44, 1000])(
    'show each key of either cloud once, %i at a time',
    async (first) => {
      expect(keysOf(await paged('patientsCompared', '', first))).toEqual([...not(), 1000, 1001, 1002]);
    },
  );

  it.each([
    ['orderBy: [{ lastName: ASC }]', [1001, 1000, 1002]],
    ['orderBy: [{ lastName: DESC }, { key: ASC }]', [1000, 1002, 1001]],
    ['orderBy: [{ contactNumber: DESC }, { firstName: DESC }]', [1002, 1001, 1000]],
    ['orderBy: [{ key: DESC }]', [1002, 1001, 1000]],
    ['orderBy: [{ records: { count: DESC } }, { lastName: ASC }]', [1001, 1000, 1002]],
  ])('are in AZURE’s order, then in that of the rows of GCP alone: %s', async (order, ofGcp) => {
    const { data } = await server.ask(`{ patients(source: AZURE, ${order}, first: 1000) { nodes { key } } }`);
    const all = keysOf(await paged('patientsCompared', `${order},`, 1000));
    expect(all).toEqual([...keysOf(data.patients.nodes), ...ofGcp]);
    expect(keysOf(await paged('patientsCompared', `${order},`, 4))).toEqual(all);
  });

  it('have the keys that match in either cloud, and both rows of each', async () => {
    // In AZURE it is Name3, in GCP name3, which the collation takes for the same; the number is null in GCP alone.
    const where = 'where: { contactNumber: { isNull: true } },';
    const nodes = await paged('patientsCompared', where, 1);
    expect(nodes.map(({ key, status }) => [key, status])).toEqual([
      [5, 'DIFFERENT'],
      [1000, 'ONLY_GCP'],
      [1001, 'ONLY_GCP'],
      [1002, 'ONLY_GCP'],
    ]);
    const number = await paged(
      'patientsCompared',
      'where: { contactNumber: { eq: "1" }, key: { lte: 8 } },',
      2,
    );
    expect(number.map(({ key, status }) => [key, status])).toEqual([
      [1, 'SAME'],
      [2, 'SAME'],
      [3, 'DIFFERENT'],
      [4, 'SAME'],
      [5, 'DIFFERENT'],
      [6, 'SAME'],
      [7, 'ONLY_AZURE'],
      [8, 'ONLY_AZURE'],
    ]);
    const others = await paged(
      'patientsCompared',
      'where: { records: { some: { diagnosis: { eq: "other" } } } },',
      2,
    );
    expect(others).toEqual([{ key: 6, status: 'SAME', differing: [] }]);
  });

  it('ask each cloud a fixed number of statements, whatever the number of rows', async () => {
    const alone = await startServer(databases.config);
    const ask = (first: number) =>
      alone.ask(
        `{ patientsCompared(first: ${first}) { nodes { status azure { records { nodes { key } } } gcp { records { nodes { doctor { key lastName } } } } } } }`,
      );
    await ask(1);
    for (const first of [10, 30]) {
      let gcp: readonly string[] = [];
      const azure = await statementsOf(alone.sources.AZURE, async () => {
        gcp = await statementsOf(alone.sources.GCP, () => ask(first));
      });
      // The keys, the rows with their lists; in GCP, the rows with their lists and the doctors. Columns, once a second.
      const asked = [azure, gcp].map((sent) => sent.filter((sql) => !sql.includes('information_schema')));
      expect(asked.map(({ length }) => length)).toEqual([2, 2]);
    }
    await alone[Symbol.asyncDispose]();
  });

  it('take one connection of each cloud at most', async () => {
    const alone = await startServer(databases.config);
    const nested =
      'records { totalCount nodes { patient { lastName } doctor { lastName } } } recordsAggregate { count }';
    await alone.ask(`{ patientsCompared { nodes { azure { ${nested} } gcp { ${nested} } } } }`);
    for (const source of sourceNames) {
      const { idle, inUse } = alone.sources[source].stats();
      expect(idle + inUse, source).toBe(1);
    }
    await alone[Symbol.asyncDispose]();
  });

  it('are priced: the rows of both clouds count', async () => {
    const limited = async (cost: number) => {
      await using one = await startServer({
        ...databases.config,
        limits: { ...databases.config.limits, cost },
      });
      const { errors } = await one.ask(
        '{ patientsCompared(first: 40) { nodes { key azure { firstName lastName } gcp { firstName lastName } } } }',
      );
      return errors?.[0]?.extensions.code;
    };
    expect(await limited(200)).toBe('OPERATION_TOO_COMPLEX');
    expect(await limited(20_000)).toBeUndefined();
  });
});

describe('with one cloud down', () => {
  async function without(source: SourceName, work: (one: TestServer) => Promise<void>): Promise<void> {
    const { config } = databases;
    const gone = { ...config.databases, [source]: { ...config.databases[source], port: 9 } };
    await using one = await startServer({ ...config, databases: gone });
    await work(one);
  }

  it.each(sourceNames)('of %s nothing is known, and the rows of the other are there', async (source) => {
    const other = source === 'AZURE' ? 'GCP' : 'AZURE';
    await without(source, async (one) => {
      const { data, errors } = await one.ask(page('(first: 100)'));
      expect(errors).toBeUndefined();
      const { nodes, unavailable } = data.patientsCompared;
      expect(unavailable).toEqual([source]);
      expect(keysOf(nodes)).toEqual(source === 'GCP' ? not() : [...not(7, 8), 1000, 1001, 1002]);
      for (const node of nodes) {
        expect(node).toMatchObject({ status: 'UNKNOWN', differing: [] });
        expect(node[source.toLowerCase()]).toBeNull();
        expect(node[other.toLowerCase()]).toMatchObject({ key: node.key, source: other });
      }
      const all = await paged('patientsCompared', 'orderBy: [{ lastName: ASC }],', 9, one);
      const { data: expected } = await server.ask(
        `{ patients(source: ${other}, orderBy: [{ lastName: ASC }], first: 1000) { nodes { key } } }`,
      );
      expect(keysOf(all)).toEqual(keysOf(expected.patients.nodes));
    });
  });

  it('pages go on from cursors that both had given, and are refused among rows that GCP has alone', async () => {
    const { data } = await server.ask('{ patientsCompared(first: 42) { edges { cursor } } }');
    const [at3, at41] = [2, 40].map((at) => data.patientsCompared.edges[at].cursor);
    for (const source of sourceNames) {
      await without(source, async (one) => {
        const behind = await one.ask(page(`(first: 2, after: "${at3}")`));
        expect(keysOf(behind.data.patientsCompared.nodes)).toEqual([4, 5]);
        const { data: none, errors } = await one.ask(page(`(first: 2, after: "${at41}")`));
        expect(none).toEqual({ patientsCompared: null });
        expect(errors?.[0]?.extensions).toMatchObject({ code: 'SOURCE_UNAVAILABLE', source });
      });
    }
  });
});

it('names both clouds where neither answers', async () => {
  const gone = perSource((name) => ({ ...databases.config.databases[name], port: 9 }));
  await using one = await startServer({ ...databases.config, databases: gone });
  const { errors } = await one.ask(
    '{ patientsCompared { unavailable } parity { id } erd(source: GCP, compare: true) { svg } }',
  );
  expect(errors?.map(({ path }) => path?.[0]).toSorted()).toEqual(['erd', 'parity', 'patientsCompared']);
  for (const { message, extensions } of errors ?? []) {
    for (const name of sourceNames) expect(message).toContain(`of ${name} does not answer`);
    expect(extensions).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: true });
    expect(extensions).not.toHaveProperty('source');
    // There is no other source to ask.
    expect(extensions?.remedy).not.toMatch(/other source/);
    expect(extensions?.remedy).toMatch(/AZURE_DB_HOST.*GCP_DB_HOST/);
  }
});

describe('values of compared rows', () => {
  /** What differs in a patient whose columns are changed so in GCP, and then given back. */
  async function differing(
    change: string,
    alter?: readonly [there: string, back: string],
  ): Promise<string[]> {
    if (alter) await run('GCP', `alter table patients modify ${alter[0]}`);
    await run('GCP', `update patients set ${change} where id = 10`);
    // The columns of a cloud are looked at once a second.
    await using one = await startServer(databases.config);
    const { data, errors } = await one.ask(
      '{ patientsCompared(where: { key: { eq: 10 } }) { nodes { status differing } } }',
    );
    expect(errors).toBeUndefined();
    const [node] = data.patientsCompared.nodes;
    await run(
      'GCP',
      "update patients set last_name = 'Name10', first_name = (select f from (select first_name as f from patients where id = 1000) as t) where id = 10",
    );
    if (alter) await run('GCP', `alter table patients modify ${alter[1]}`);
    expect(node.status).toBe(node.differing.length === 0 ? 'SAME' : 'DIFFERENT');
    return node.differing;
  }
  beforeAll(async () => {
    for (const source of sourceNames) await run(source, "update patients set first_name = 'A' where id = 10");
  });

  it.each([
    ['the same', "first_name = 'A'", []],
    ['another case', "first_name = 'a'", ['firstName']],
    ['a blank at the end', "first_name = 'A '", ['firstName']],
    ['an accent', "first_name = 'Á'", ['firstName']],
    [
      'values that two columns exchanged',
      "first_name = 'Name10', last_name = 'A'",
      ['firstName', 'lastName'],
    ],
  ])('differ by their bytes: %s', async (_, change, expected) => {
    expect(await differing(change)).toEqual(expected);
  });

  it('are the same under another character set, length and collation', async () => {
    for (const source of sourceNames) await run(source, "update patients set last_name = 'é' where id = 10");
    const columns = [
      'last_name varchar(80) character set latin1 not null',
      'last_name varchar(50) not null',
    ] as const;
    expect(await differing("last_name = 'é'", columns)).toEqual([]);
    expect(await differing("last_name = 'è'", columns)).toEqual(['lastName']);
    for (const source of sourceNames)
      await run(source, "update patients set last_name = 'Name10' where id = 10");
  });

  it('are refused where a cloud has no such column', async () => {
    await run('GCP', 'alter table patients rename column contact_number to another_number');
    await using one = await startServer(databases.config);
    const { data, errors } = await one.ask('{ patientsCompared(first: 1) { nodes { key } } }');
    await run('GCP', 'alter table patients rename column another_number to contact_number');
    expect(data).toEqual({ patientsCompared: null });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'SCHEMA_OUTDATED', source: 'GCP' });
  });
});

describe('a role', () => {
  const rules: AccessRules = {
    roles: Object.fromEntries(
      ['family', 'ages', 'azure', 'records'].map((role) => [role, { description: 'A test.' }]),
    ),
    tables: {
      Patient: {
        family: { read: { rows: { lastName: { eq: claim('family') } } } },
        ages: { read: { columns: ['dateOfBirth', 'firstName'] } },
        azure: { read: { sources: ['AZURE'] } },
      },
      MedicalRecord: { records: { read: true }, family: { read: { columns: ['diagnosis'] } } },
    } as never,
  };
  let guarded: TestServer;
  const ask = (caller: string, query: string) => askAs(guarded, caller, query);

  beforeAll(async () => {
    const auth = await authFor({
      zz: { roles: ['family'], claims: { family: 'Zz' } },
      five: { roles: ['family'], claims: { family: 'Name5' } },
      ages: { roles: ['ages'] },
      azure: { roles: ['azure'] },
      records: { roles: ['records'] },
    });
    guarded = await startServer({ ...databases.config, auth }, { rules } as ServerOptions);
    await run('GCP', "update patients set last_name = 'Zz' where id = 11");
    await run('AZURE', "update patients set last_name = 'Zz' where id = 12");
  });
  afterAll(() => guarded?.[Symbol.asyncDispose]());

  it('has the rows of its rule in each cloud: what it may not read is not there', async () => {
    const all = '{ patientsCompared { nodes { key status azure { lastName } gcp { lastName } } } }';
    const { data, errors } = await ask('zz', all);
    expect(errors).toBeUndefined();
    const [zz, none] = [{ lastName: 'Zz' }, null];
    expect(data.patientsCompared.nodes).toEqual([
      { key: 12, status: 'ONLY_AZURE', azure: zz, gcp: none },
      { key: 11, status: 'ONLY_GCP', azure: none, gcp: zz },
      { key: 1000, status: 'ONLY_GCP', azure: none, gcp: zz },
      { key: 1002, status: 'ONLY_GCP', azure: none, gcp: zz },
    ]);
    const five = await ask('five', all);
    expect(five.data.patientsCompared.nodes).toMatchObject([{ key: 5, status: 'DIFFERENT' }]);
  });

  it('is told of its own columns only', async () => {
    const { data, errors } = await ask(
      'ages',
      '{ patientsCompared(first: 100) { nodes { key status differing } } }',
    );
    expect(errors).toBeUndefined();
    const nodes: Node[] = data.patientsCompared.nodes;
    expect(nodes.find(({ key }) => key === 3)).toEqual({ key: 3, status: 'SAME', differing: [] });
    const refused = await ask('ages', '{ patientsCompared { nodes { azure { lastName } } } }');
    expect(refused.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  it('that may read one cloud is refused, and one that may not read the table has no such field', async () => {
    const { data, errors } = await ask('azure', '{ patientsCompared { nodes { key } } }');
    expect(data).toEqual({ patientsCompared: null });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', source: 'GCP' });
    const none = await ask('records', '{ patientsCompared { nodes { key } } }');
    expect(none.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});

it.runIf(process.env.TANDEM_LONG === '1')(
  'ends a page that has looked up 65,536 keys of GCP in AZURE, and goes on behind them',
  async () => {
    const numbers = 'select /*+ set_var(cte_max_recursion_depth = 100000) */ i from n';
    const doctors = `insert into doctors (id, first_name, last_name, licence_number) with recursive n as (select 1 as i union all select i + 1 from n where i < 75000) ${numbers.replace('*/ i', "*/ i, 'a', 'b', i")}`;
    for (const source of sourceNames)
      await run(source, 'delete from medical_records', 'delete from doctors', doctors);
    await run('GCP', "insert into doctors values (80000, 'a', 'b', 'c', 'd'), (80001, 'a', 'b', 'e', 'f')");
    const ask = async (first: number, after: string) => {
      const { data, errors } = await server.ask(
        `{ doctorsCompared(first: ${first}, after: "${after}") { nodes { key status } pageInfo { hasNextPage endCursor } } }`,
      );
      expect(errors).toBeUndefined();
      return data.doctorsCompared;
    };
    const { data } = await server.ask(
      '{ doctors(source: AZURE, orderBy: [{ key: DESC }], first: 1) { edges { cursor } } }',
    );
    const last = Buffer.from(data.doctors.edges[0].cursor, 'base64url').toString().replace('-key', '+key');
    const after = Buffer.from(`AZURE:${Buffer.from(last).toString('base64url')}`).toString('base64url');
    const none = await ask(1, after);
    expect(none).toMatchObject({ nodes: [], pageInfo: { hasNextPage: true } });
    const one = await ask(1, none.pageInfo.endCursor);
    expect(one).toMatchObject({
      nodes: [{ key: 80_000, status: 'ONLY_GCP' }],
      pageInfo: { hasNextPage: true },
    });
    expect(await ask(1, one.pageInfo.endCursor)).toMatchObject({
      nodes: [{ key: 80_001, status: 'ONLY_GCP' }],
      pageInfo: { hasNextPage: false },
    });
  },
);
