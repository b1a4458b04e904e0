import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSchema } from '../../src/graphql/schema.ts';
import { persist } from '../../src/persisted-documents/build.ts';
import { idOf } from '../../src/persisted-documents/manifest-format.ts';
import { inventPatient } from '../../src/seeders/people.ts';
import { createDatabases } from '../helpers/databases.ts';
import { startSeededServer, startServer, type TestServer } from '../helpers/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startSeededServer(5);
});
afterAll(() => server?.[Symbol.asyncDispose]());

/** A client of its own, and the requests that it sent. */
function connect(url: string, ...links: readonly ApolloLink[]) {
  const requests: { method: string; body: Record<string, unknown> | null }[] = [];
  const http = new HttpLink({
    uri: `${url}/graphql`,
    fetch: (input, init = {}) => {
      requests.push({ method: init.method ?? 'GET', body: init.body ? JSON.parse(String(init.body)) : null });
      return fetch(input, init);
    },
  });
  const client = new ApolloClient({ link: ApolloLink.from([...links, http]), cache: new InMemoryCache() });
  return { client, requests };
}

const both = gql`
  query Both($key: Int!) {
    azure: patient(source: AZURE, key: $key) { id source firstName lastName }
    gcp: patient(source: GCP, key: $key) { id source firstName lastName }
  }
`;

interface Patient {
  readonly id: string;
  readonly source: string;
  readonly firstName: string;
  readonly lastName: string;
}

interface Both {
  readonly azure: Patient;
  readonly gcp: Patient;
}

it('keeps the clouds apart in the client’s cache, also when one is written', async () => {
  const { client, requests } = connect(server.url);
  const variables = { key: 1 };
  const { firstName, lastName } = inventPatient(1).patient;
  const read = await client.query<Both>({ query: both, variables });
  expect(read.data).toMatchObject({
    azure: { source: 'AZURE', firstName, lastName },
    gcp: { source: 'GCP', firstName, lastName },
  });
  const cached = () =>
    Object.keys(client.cache.extract() as object).filter((id) => id.startsWith('Patient:'));
  expect(cached()).toHaveLength(2);

  await client.mutate({
    mutation: gql`
      mutation Marry($key: Int!) {
        updatePatient(source: AZURE, key: $key, input: { lastName: "Newly-Wed" }) {
          patient { id lastName }
        }
      }
    `,
    variables,
  });
  // The payload's id alone tells the cache which of the two changed: nothing is asked again.
  expect(client.readQuery<Both>({ query: both, variables })).toMatchObject({
    azure: { lastName: 'Newly-Wed' },
    gcp: { lastName },
  });
  expect(requests).toHaveLength(2);

  const fresh = await client.query<Both>({ query: both, variables, fetchPolicy: 'network-only' });
  expect(fresh.data).toMatchObject({ azure: { lastName: 'Newly-Wed' }, gcp: { lastName } });
  expect(cached()).toHaveLength(2);
});

it('finds a row again by its id, in the place where the cache has it', async () => {
  const { client } = connect(server.url);
  const { data } = await client.query<Both>({ query: both, variables: { key: 2 } });
  await server.ask(
    'mutation { updatePatient(source: GCP, key: 2, input: { firstName: "Renamed" }) { patient { id } } }',
  );
  await client.query({
    query: gql`query Again($id: ID!) { node(id: $id) { id ... on Patient { firstName } } }`,
    variables: { id: data?.gcp.id },
  });
  expect(client.readQuery<Both>({ query: both, variables: { key: 2 } })).toMatchObject({
    azure: { firstName: inventPatient(2).patient.firstName },
    gcp: { firstName: 'Renamed' },
  });
});

it('registers a document once, and then sends its id alone, by GET', async () => {
  const link = () => new PersistedQueryLink({ sha256: idOf, useGETForHashedQueries: true });
  const first = connect(server.url, link());
  const answer = await first.client.query<Both>({ query: both, variables: { key: 3 } });
  expect(answer.data?.azure.firstName).toBe(inventPatient(3).patient.firstName);
  expect(first.requests).toMatchObject([
    { method: 'GET' },
    { method: 'POST', body: { query: expect.any(String) } },
  ]);

  const second = connect(server.url, link());
  const again = await second.client.query<Both>({ query: both, variables: { key: 3 } });
  expect(again.data).toEqual(answer.data);
  expect(second.requests).toEqual([{ method: 'GET', body: null }]);
});

it('sends the ids that `tandem persist --typename` writes, and needs no other', async () => {
  const persisted = persist(
    await createSchema(),
    [{ name: 'both.graphql', text: both.loc?.source.body ?? '' }],
    { typename: true },
  );
  if (!('operations' in persisted)) throw new Error(persisted.faults.join('\n'));
  const documents = new Map(persisted.operations.map(({ id, body }) => [id, body]));

  await using databases = await createDatabases();
  await using strict = await startServer({
    ...databases.config,
    persistedDocuments: { documents, only: true },
  });
  const { client, requests } = connect(strict.url, new PersistedQueryLink({ sha256: idOf }));
  const { data, error } = await client.query({ query: both, variables: { key: 1 } });
  expect(error).toBeUndefined();
  expect(data).toEqual({ azure: null, gcp: null });
  expect(requests).toHaveLength(1);
  expect(requests[0]?.body).not.toHaveProperty('query');

  await expect(client.query({ query: gql`query Other { sources { state } }` })).rejects.toThrow(/403/);
});
