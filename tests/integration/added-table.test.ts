import type { EntityProperty } from '@mikro-orm/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { describeError } from '../../src/commands/describe-error.ts';
import { createLog } from '../../src/log/log.ts';
import { createApp } from '../../src/server/app.ts';
import { sourceNames } from '../../src/source-name.ts';
import { openSource } from '../../src/sources/source.ts';
import { openSources } from '../../src/sources/sources.ts';
import { Clinic } from '../fixtures/clinic/clinic.ts';
import { createDatabases, pool, type TestDatabases } from '../helpers/databases.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

// The list that a new table is added to: each is one file and one line.
vi.mock('../../src/entities/index.ts', async (original) => {
  const { Clinic } = await import('../fixtures/clinic/clinic.ts');
  const { BedCount } = await import('../fixtures/clinic/bed-count.ts');
  const { entities } = await original<{ entities: readonly unknown[] }>();
  return { entities: [...entities, Clinic, BedCount] };
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
        `create table clinics (id int auto_increment primary key, name varchar(50) not null, beds int not null, open tinyint(1),
          meals int generated always as (beds * 3) stored, contract varchar(50) not null default 'none', whole_id int,
          constraint clinics_whole_id_foreign foreign key (whole_id) references clinics (id))`,
      ),
    );
    await source.read((em) => em.execute('create view bed_counts as select id, beds from clinics'));
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
      sum: { beds: '30' },
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

describe('is written by the mutations that follow from it', () => {
  it('with what is given, and read as the database has it', async () => {
    const { data, errors } = await server.ask(`mutation {
      createClinic(source: AZURE, input: { name: "West", beds: 40, open: false, parts: [{ name: "Annex", beds: 4, open: true }] }) {
        clinic { name beds meals open whole { name } parts { nodes { name open whole { name } } } } } }`);
    expect(errors).toBeUndefined();
    expect(data.createClinic.clinic).toEqual({
      name: 'West',
      beds: 40,
      meals: 120,
      open: false,
      whole: null,
      parts: { nodes: [{ name: 'Annex', open: true, whole: { name: 'West' } }] },
    });
  });

  it('many at once, changed where it holds what is expected, and deleted', async () => {
    const created = await server.ask(`mutation { createClinics(source: GCP, inputs: [
      { name: "One", beds: 1, open: true }, { name: "Two", beds: 2, open: false }]) { clinics { key open } } }`);
    const [one] = created.data.createClinics.clinics;
    expect(created.data.createClinics.clinics.map(({ open }: { open: boolean }) => open)).toEqual([
      true,
      false,
    ]);
    const update = (expected: string) =>
      server.ask(`mutation { updateClinic(source: GCP, key: ${one.key}, input: { open: false }, expected: { ${expected} }) {
        clinic { open } } }`);
    const refused = await update('open: false, beds: 1');
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: 'CONFLICT',
      fields: [{ path: 'expected.open' }],
    });
    expect((await update('open: true, beds: 1')).data.updateClinic.clinic).toEqual({ open: false });
    const deleted = await server.ask(`mutation { deleteClinic(source: GCP, key: ${one.key}) { key } }`);
    expect(deleted.data.deleteClinic).toEqual({ key: one.key });
  });

  it('without fields that the database computes, and without hidden ones', async () => {
    const inputs = await server.ask(
      '{ create: __type(name: "CreateClinicInput") { inputFields { name } } type: __type(name: "Clinic") { fields { name } } }',
    );
    const names = (fields: { name: string }[]) => fields.map(({ name }) => name).toSorted();
    expect(names(inputs.data.create.inputFields)).toEqual([
      'beds',
      'name',
      'open',
      'parts',
      'partsConnect',
      'wholeKey',
    ]);
    expect(names(inputs.data.type.fields)).not.toContain('contract');
    expect(names(inputs.data.type.fields)).toContain('meals');
  });
});

it('is filtered by a boolean, and read by pages in its order, every row once', async () => {
  await server.ask(`mutation { createClinics(source: GCP, inputs: [
    { name: "A", beds: 1, open: true }, { name: "B", beds: 2, open: false }, { name: "C", beds: 2, open: true }]) { clinics { key } } }`);
  const counts = [];
  for (const where of ['eq: true', 'eq: false', 'ne: true', 'in: [true, false]', 'isNull: true']) {
    const { data } = await server.ask(
      `{ clinics(source: GCP, where: { open: { ${where} } }) { totalCount nodes { open } } }`,
    );
    counts.push([data.clinics.totalCount, data.clinics.nodes.length]);
  }
  const [open, closed, notOpen, known, unknown] = counts.map(([count]) => count as number);
  expect(counts.every(([count, rows]) => count === rows)).toBe(true);
  expect(closed).toBe(notOpen);
  expect((open as number) + (closed as number)).toBe(known);
  // A cursor is one whether the page has shown the column or not.
  for (const [direction, asked] of [
    ['ASC', ''],
    ['DESC', 'open'],
    ['ASC', 'open'],
    ['DESC', ''],
  ] as const) {
    const keys: number[] = [];
    let after = '';
    for (;;) {
      const { data, errors } = await server.ask(
        `{ clinics(source: GCP, first: 1, orderBy: [{ open: ${direction} }]${after}) { nodes { key ${asked} } pageInfo { hasNextPage endCursor } } }`,
      );
      expect(errors).toBeUndefined();
      keys.push(...data.clinics.nodes.map(({ key }: { key: number }) => key));
      if (!data.clinics.pageInfo.hasNextPage) break;
      after = `, after: "${data.clinics.pageInfo.endCursor}"`;
    }
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength((known as number) + (unknown as number));
  }
});

it('has no mutations where it is read only, such as a view', async () => {
  const { data } = await server.ask(
    '{ bedCounts(source: AZURE, where: { beds: { eq: 30 } }) { nodes { beds } } __schema { mutationType { fields { name } } } }',
  );
  expect(data.bedCounts.nodes).toEqual([{ beds: 30 }]);
  const names: string[] = data.__schema.mutationType.fields.map(({ name }: { name: string }) => name);
  expect(names).toContain('createClinic');
  expect(names.filter((name) => /BedCount/.test(name))).toEqual([]);
});

it('keeps the server from starting where the API cannot serve it', async () => {
  await using sources = await openSources(databases.config);
  const { beds } = sources.AZURE.orm.getMetadata().get(Clinic).properties as Record<string, EntityProperty>;
  const { columnTypes } = beds as EntityProperty;
  try {
    (beds as EntityProperty).columnTypes = ['vector(3)'];
    const app = createApp(sources, createLog({ level: 'silent' }), databases.config);
    const error = await app.catch((thrown: unknown) => thrown);
    expect(describeError(error)).toBe(`One fault in an entity:
  Clinic.beds has a column of type vector, which the API does not serve yet. Next: remove its @Field: the column is then hidden.
docs/tables.md lists what an entity can have.`);
  } finally {
    (beds as EntityProperty).columnTypes = columnTypes;
  }
});
