import { isInterfaceType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entities } from '../../src/entities/index.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { globalId } from '../../src/reads/global-id.ts';
import { inventPatient } from '../../src/seeders/people.ts';
import { perSource, sourceNames } from '../../src/source-name.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { startSeededServer, startServer, type TestServer } from '../helpers/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startSeededServer(20);
});
afterAll(() => server?.[Symbol.asyncDispose]());

it('is implemented by the type of every entity, and by no other', async () => {
  const schema = await createSchema();
  const node = schema.getType('Node');
  if (!isInterfaceType(node)) throw new Error('Node is no interface');
  expect(Object.keys(node.getFields())).toEqual(['id']);
  expect(
    schema
      .getPossibleTypes(node)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(entities.map(({ name }) => name).toSorted());
  expect(isObjectType(schema.getType('SourceRow'))).toBe(false);
});

describe.each(sourceNames)('on %s', (source) => {
  it('brings back every row that any field returned, by its id', async () => {
    const { data } = await server.ask(`{
      patient(source: ${source}, key: 3) { id firstName records { nodes { id diagnosis } } }
    }`);
    const { id, firstName } = data.patient;
    const records: { id: string }[] = data.patient.records.nodes;
    const again = await server.ask(
      `query ($ids: [ID!]!) {
        nodes(ids: $ids) { __typename id ... on Patient { firstName source } ... on MedicalRecord { diagnosis patient { key } } }
      }`,
      { ids: [id, ...records.map((record) => record.id)] },
    );
    expect(again.errors).toBeUndefined();
    expect(again.data.nodes).toEqual([
      { __typename: 'Patient', id, firstName, source },
      ...records.map((record) => ({ __typename: 'MedicalRecord', ...record, patient: { key: 3 } })),
    ]);
  });

  it('answers null for a key that is not there', async () => {
    const { data, errors } = await server.ask('query ($id: ID!) { node(id: $id) { id } }', {
      id: globalId(source, 'Patient', 123_456),
    });
    expect(errors).toBeUndefined();
    expect(data).toEqual({ node: null });
  });

  it('reads only the columns that are asked of the row’s own type', async () => {
    const [sql, ...others] = await statementsOf(server.sources[source], () =>
      server.ask(
        'query ($id: ID!) { node(id: $id) { ... on Patient { lastName } ... on MedicalRecord { treatment } } }',
        { id: globalId(source, 'Patient', 1) },
      ),
    );
    expect(others).toEqual([]);
    expect(sql).toContain('last_name');
    expect(sql).not.toMatch(/treatment|first_name/);
  });
});

it('spends one statement for each type and source, however many ids', async () => {
  const ids = sourceNames.flatMap((source) =>
    [1, 2, 3, 4, 5, 5, 5].flatMap((key) => [
      globalId(source, 'Patient', key),
      globalId(source, 'MedicalRecord', key),
    ]),
  );
  let onGcp: string[] = [];
  const onAzure = await statementsOf(server.sources.AZURE, async () => {
    onGcp = await statementsOf(server.sources.GCP, async () => {
      const { data, errors } = await server.ask(
        'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Patient { key firstName } ... on MedicalRecord { key diagnosis } } }',
        { ids },
      );
      expect(errors).toBeUndefined();
      expect(data.nodes.map(({ id }: { id: string }) => id)).toEqual(ids);
      expect(data.nodes[0]).toMatchObject({ key: 1, firstName: inventPatient(1).patient.firstName });
    });
  });
  expect([onAzure.length, onGcp.length]).toEqual([2, 2]);
});

it.each([
  ['nonsense', 'nonsense'],
  ['an empty text', ''],
  ['another source', Buffer.from('AWS:Patient:1').toString('base64url')],
  ['a type that is no table', Buffer.from('GCP:SourceStatus:1').toString('base64url')],
  ['a property of every object', Buffer.from('GCP:constructor:1').toString('base64url')],
  ['a key that is no number', Buffer.from('GCP:Patient:1 or 1=1').toString('base64url')],
  ['a key in another spelling', Buffer.from('GCP:Patient:01').toString('base64url')],
  ['another spelling of base64', `${globalId('GCP', 'Patient', 1)}==`],
])('refuses %s with BAD_USER_INPUT, sends no statement, and answers the others', async (_what, id) => {
  const statements = await statementsOf(server.sources.GCP, async () => {
    const { data, errors } = await server.ask('query ($id: ID!) { node(id: $id) { id } }', { id });
    expect(data).toEqual({ node: null });
    expect(errors).toMatchObject([{ path: ['node'], extensions: { code: 'BAD_USER_INPUT' } }]);
  });
  expect(statements).toEqual([]);
  const good = globalId('AZURE', 'Patient', 1);
  const mixed = await server.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: [id, good] });
  expect(mixed.data).toEqual({ nodes: [null, { id: good }] });
  expect(mixed.errors).toMatchObject([{ path: ['nodes', 0], extensions: { code: 'BAD_USER_INPUT' } }]);
});

it('takes a hundred ids, and refuses one more', async () => {
  const ids = Array.from({ length: 101 }, (_, index) => globalId('GCP', 'Patient', index + 1));
  const ask = (some: readonly string[]) =>
    server.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: some });
  expect((await ask(ids.slice(1))).data.nodes.filter(Boolean)).toHaveLength(19);
  expect((await ask(ids)).errors).toMatchObject([
    { message: 'ids has 101 ids; it can have 100.', extensions: { code: 'BAD_USER_INPUT' } },
  ]);
});

describe('with one source down', () => {
  let databases: TestDatabases;
  let half: TestServer;

  beforeAll(async () => {
    databases = await createDatabases();
    const { config } = databases;
    const configured = perSource((name) =>
      name === 'GCP' ? { ...config.databases.GCP, port: 9 } : config.databases[name],
    );
    half = await startServer({ ...config, databases: configured });
    await half.ask(`mutation { createPatient(source: AZURE, input: {
      firstName: "Ada", lastName: "Exampleton", dateOfBirth: "1990-02-28", gender: FEMALE }) { patient { key } } }`);
  });
  afterAll(async () => {
    await half?.[Symbol.asyncDispose]();
    await databases?.[Symbol.asyncDispose]();
  });

  it('answers the other’s rows, with a coded error for each id of the one', async () => {
    const ids = [globalId('GCP', 'Patient', 1), globalId('AZURE', 'Patient', 1)];
    const { data, errors } = await half.ask(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Patient { firstName } } }',
      { ids },
    );
    expect(data).toEqual({ nodes: [null, { firstName: 'Ada' }] });
    expect(errors).toMatchObject([
      { path: ['nodes', 0], extensions: { code: 'SOURCE_UNAVAILABLE', source: 'GCP' } },
    ]);
  });
});
