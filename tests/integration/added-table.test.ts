import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sourceNames } from '../../src/source-name.ts';
import { openSource } from '../../src/sources/source.ts';
import { createDatabases, pool, type TestDatabases } from '../helpers/databases.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

// The two lists that a new table is added to, each with its one file more.
vi.mock('../../src/entities/index.ts', async (original) => {
  const { Clinic } = await import('../fixtures/clinic/clinic.ts');
  const { entities } = await original<{ entities: readonly unknown[] }>();
  return { entities: [...entities, Clinic] };
});
vi.mock('../../src/resolvers/index.ts', async (original) => {
  const { ClinicResolver } = await import('../fixtures/clinic/clinic-resolver.ts');
  const { resolvers } = await original<{ resolvers: readonly unknown[] }>();
  return { resolvers: [...resolvers, ClinicResolver] };
});

let databases: TestDatabases;
let server: TestServer;
beforeAll(async () => {
  databases = await createDatabases();
  for (const name of sourceNames) {
    const database = databases.config.databases[name];
    await using source = await openSource(name, { ...database, runtime: database.migrator }, pool);
    await source.read((em) =>
      em.execute(
        'create table clinics (id int auto_increment primary key, name varchar(50) not null, beds int not null)',
      ),
    );
    await source.read((em) =>
      em.execute(
        `insert into clinics (name, beds) values ('${name} North', 30), ('${name} South', 10), ('Old', 20)`,
      ),
    );
  }
  server = await startServer(databases.config);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await databases[Symbol.asyncDispose]();
});

it('is filtered, ordered, counted and read by pages in both directions', async () => {
  const page = (where: string) => `clinics(source: GCP, ${where}) {
    totalCount nodes { name beds } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`;
  const { data: first } = await server.ask(`{ ${page('first: 2, orderBy: [{ beds: ASC }]')} }`);
  expect(first.clinics).toMatchObject({
    totalCount: 3,
    nodes: [
      { name: 'GCP South', beds: 10 },
      { name: 'Old', beds: 20 },
    ],
    pageInfo: { hasNextPage: true, hasPreviousPage: false },
  });
  const { endCursor } = first.clinics.pageInfo;
  const after = `first: 2, after: "${endCursor}", orderBy: [{ beds: ASC }]`;
  const { data: second } = await server.ask(`{ ${page(after)} }`);
  expect(second.clinics).toMatchObject({ nodes: [{ name: 'GCP North' }], pageInfo: { hasNextPage: false } });
  const { data: back } = await server.ask(
    `{ ${page(`last: 2, before: "${second.clinics.pageInfo.startCursor}", orderBy: [{ beds: ASC }]`)} }`,
  );
  expect(back.clinics.nodes).toEqual(first.clinics.nodes);
  const { data: some } = await server.ask(
    `{ ${page('where: { or: [{ name: { startsWith: "Old" } }, { beds: { gt: 20 } }] }')} }`,
  );
  expect(some.clinics.nodes.map(({ name }: { name: string }) => name)).toEqual(['GCP North', 'Old']);
});

it('is aggregated, by group, too', async () => {
  const { data } = await server.ask(`{ clinicsAggregate(source: AZURE, where: { beds: { lt: 30 } }) {
    count min { beds name } max { beds } avg { beds } sum { beds } } }`);
  expect(data.clinicsAggregate).toEqual([
    {
      count: 2,
      min: { beds: 10, name: 'AZURE South' },
      max: { beds: 20 },
      avg: { beds: 15 },
      sum: { beds: 30 },
    },
  ]);
});

it('is read by key, and by id from either cloud', async () => {
  const { data } = await server.ask(
    '{ a: clinic(source: AZURE, key: 1) { id source name } b: clinic(source: GCP, key: 1) { id source name } }',
  );
  expect(data.a.id).not.toBe(data.b.id);
  for (const { id, name } of [data.a, data.b]) {
    const found = await server.ask(
      'query ($id: ID!) { node(id: $id) { __typename id ... on Clinic { name } } }',
      { id },
    );
    expect(found.data.node).toEqual({ __typename: 'Clinic', id, name });
  }
});
