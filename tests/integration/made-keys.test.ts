import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { tables } from '../fixtures/keys/made.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/keys/made.ts'));

let databases: TestDatabases;
let server: TestServer;
beforeAll(async () => {
  databases = await createDatabases({ statements: tables });
  server = await startServer(databases.config, { bothExecutors: true });
}, 60_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

async function ask(query: string, variables: Record<string, unknown> = {}) {
  const { data, errors } = await server.ask(query, variables);
  expect(errors, query).toBeUndefined();
  return data;
}

const uuid = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/;

it('answers with the keys that the entity makes, of a row and of those below it', async () => {
  const { createParcel } = await ask(
    'mutation { createParcel(source: AZURE, input: { label: "a", stamps: [{ motif: "x" }, { motif: "y" }] }) { parcel { id key uuid stamps { nodes { key motif parcel { key } } } } } }',
  );
  const { id, key, stamps, uuid: own } = createParcel.parcel;
  expect([key, own]).toEqual([expect.stringMatching(uuid), key]);
  expect(stamps.nodes).toEqual([
    { key: expect.stringMatching(uuid), motif: 'x', parcel: { key } },
    { key: expect.stringMatching(uuid), motif: 'y', parcel: { key } },
  ]);
  const found = await ask(
    'query ($key: UUID!, $id: ID!) { parcel(source: AZURE, key: $key) { id } node(id: $id) { id } }',
    { key, id },
  );
  expect(found).toEqual({ parcel: { id }, node: { id } });
});

it('gives many rows keys of their own, in the order of the inputs, and takes one that is given', async () => {
  const given = '00000000-0000-4000-8000-000000000001';
  const { createParcels } = await ask(
    'mutation ($given: UUID!) { createParcels(source: GCP, inputs: [{ label: "b" }, { label: "c", uuid: $given }, { label: "d" }]) { parcels { key label } } }',
    { given },
  );
  const { parcels } = createParcels;
  expect(parcels.map(({ label }: { label: string }) => label)).toEqual(['b', 'c', 'd']);
  expect(parcels[1].key).toBe(given);
  expect(parcels[0].key < parcels[2].key).toBe(true);
  for (const at of [0, 2]) expect(parcels[at].key).toMatch(uuid);
});

it('changes, compares and deletes rows by such keys', async () => {
  const { createStamp } = await ask(
    'mutation { createStamp(source: AZURE, input: { motif: "z" }) { stamp { key } } }',
  );
  const { key } = createStamp.stamp;
  const update = (expected: string) =>
    server.ask(
      `mutation ($key: UUID!) { updateStamp(source: AZURE, key: $key, input: { motif: "w" }, expected: { motif: "${expected}" }) { stamp { key motif } } }`,
      { key },
    );
  expect((await update('another')).errors).toMatchObject([{ extensions: { code: 'CONFLICT' } }]);
  expect((await update('z')).data.updateStamp.stamp).toEqual({ key, motif: 'w' });
  const compared = await ask(
    'query ($key: UUID!) { stampsCompared(where: { key: { eq: $key } }) { nodes { key status } } }',
    { key },
  );
  expect(compared.stampsCompared.nodes).toEqual([{ key, status: 'ONLY_AZURE' }]);
  await ask(
    'mutation ($key: UUID!) { createStamp(source: GCP, input: { key: $key, motif: "w" }) { stamp { key } } }',
    { key },
  );
  const same = await ask(
    'query ($key: UUID!) { stampsCompared(where: { key: { eq: $key } }) { nodes { key status } } }',
    { key },
  );
  expect(same.stampsCompared.nodes).toEqual([{ key, status: 'SAME' }]);
  expect(
    (await ask('mutation ($key: UUID!) { deleteStamp(source: AZURE, key: $key) { key } }', { key }))
      .deleteStamp,
  ).toEqual({ key });
});

it('asks for a key that only a default of the column would make, and not for another column of one', async () => {
  const { type } = await ask(
    '{ type: __type(name: "CreateSealInput") { inputFields { name type { kind } } } }',
  );
  expect(type.inputFields).toEqual([
    { name: 'key', type: { kind: 'NON_NULL' } },
    { name: 'number', type: { kind: 'SCALAR' } },
  ]);
  const key = '00000000-0000-4000-8000-00000000000a';
  const { createSeal } = await ask(
    'mutation ($key: UUID!) { createSeal(source: AZURE, input: { key: $key }) { seal { key number } } }',
    { key },
  );
  expect(createSeal.seal).toEqual({ key, number: expect.stringMatching(/^[\da-f-]{36}$/) });
});
