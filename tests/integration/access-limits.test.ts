import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessRules } from '../../src/access/permission.ts';
import type { RequestCounters } from '../../src/access/request-counters.ts';
import type { AuthConfig } from '../../src/config/groups/access.ts';
import { seed } from '../../src/seeders/seed.ts';
import { sourceNames } from '../../src/source-name.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { createDatabases, environmentOf, type TestDatabases } from '../helpers/databases.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { startServing } from '../helpers/serving.ts';

const rules: AccessRules = {
  roles: {
    small: { description: 'A test.', pageRows: 5 },
    slow: { description: 'A test.', requestsPerMinute: 3 },
    cheap: { description: 'A test.', cost: 40 },
    watcher: { description: 'A test.', features: ['metrics', 'sources'] },
  },
  tables: {
    Patient: Object.fromEntries(['small', 'slow', 'cheap'].map((role) => [role, { read: true }])),
    MedicalRecord: Object.fromEntries(['small', 'slow', 'cheap'].map((role) => [role, { read: true }])),
  },
};

let databases: TestDatabases;
let server: TestServer;
let metrics: string;
let auth: AuthConfig;

beforeAll(async () => {
  databases = await createDatabases();
  const plain = await startServer(databases.config);
  await Promise.all(sourceNames.map((name) => seed(plain.sources[name], 30)));
  await plain[Symbol.asyncDispose]();
  auth = await authFor({
    admin: { roles: ['administrator'] },
    small: { roles: ['small'] },
    one: { roles: ['slow', 'small'] },
    other: { roles: ['slow'] },
    cheap: { roles: ['cheap'] },
    watcher: { roles: ['watcher'] },
  });
  const port = await freePort();
  metrics = `http://127.0.0.1:${port}/metrics`;
  const observability = { ...databases.config.observability, metrics: { port } };
  server = await startServer({ ...databases.config, auth, observability }, { rules });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

async function freePort(): Promise<number> {
  const held = createServer();
  await new Promise<void>((resolve) => held.listen(0, '127.0.0.1', resolve));
  const { port } = held.address() as { port: number };
  await new Promise((resolve) => held.close(resolve));
  return port;
}

const get = (url: string, caller?: string) =>
  fetch(url, caller === undefined ? {} : { headers: { authorization: `Bearer ${caller}` } });

describe('the rows of a page', () => {
  const message = (name: string, asked: number) => `${name} is ${asked}; it can be 0 to 5.`;
  it.each([
    ['a list', '{ patients(source: AZURE, first: 6) { nodes { key } } }', message('first', 6)],
    ['the end of a list', '{ patients(source: AZURE, last: 1000) { nodes { key } } }', message('last', 1000)],
    [
      'a list of a row',
      '{ patients(source: AZURE, first: 2) { nodes { records(first: 6) { nodes { key } } } } }',
      `records: ${message('first', 6)}`,
    ],
    [
      'a list of one row',
      '{ patient(source: AZURE, key: 1) { records(last: 7) { nodes { key } } } }',
      `records: ${message('last', 7)}`,
    ],
    ['a comparison', '{ patientsCompared(first: 6) { nodes { key } } }', message('first', 6)],
    ['nodes', `{ nodes(ids: ["a", "b", "c", "d", "e", "f"]) { id } }`, 'ids has 6 ids; it can have 5.'],
  ])('are at most those of the role in %s', async (_what, query, text) => {
    // By Apollo, by what was compiled, and by the fast path.
    for (let time = 0; time < 3; time += 1) {
      const { errors } = await askAs(server, 'small', query);
      expect(errors?.[0]).toMatchObject({ message: text, extensions: { code: 'BAD_USER_INPUT' } });
    }
    expect((await askAs(server, 'admin', query)).errors?.[0].message ?? '').not.toBe(text);
  });

  it('are those by default, and bound neither counts nor aggregates', async () => {
    const { data, errors } = await askAs(
      server,
      'small',
      '{ patients(source: AZURE) { totalCount nodes { key } pageInfo { hasNextPage } } patientsAggregate(source: AZURE, groupBy: [dateOfBirth]) { count } patientsCompared { nodes { key } } }',
    );
    expect(errors).toBeUndefined();
    expect(data.patients).toMatchObject({ totalCount: 30, pageInfo: { hasNextPage: true } });
    expect(data.patients.nodes).toHaveLength(5);
    expect(data.patientsCompared.nodes).toHaveLength(5);
    expect(data.patientsAggregate.length).toBeGreaterThan(5);
  });
});

it('the cost of an operation is the role’s, before and after its text is known', async () => {
  const query = '{ patients(source: AZURE, first: 20) { nodes { firstName lastName } } }';
  for (let time = 0; time < 3; time += 1) {
    expect((await askAs(server, 'cheap', query)).errors?.[0].extensions.code).toBe('OPERATION_TOO_COMPLEX');
    expect((await askAs(server, 'small', '{ __typename }')).errors).toBeUndefined();
  }
});

it('requests a minute are counted by caller, in the role that has the limit', async () => {
  const statuses = async (caller: string, headers: Record<string, string> = {}) => {
    const answers = [];
    for (let at = 0; at < 5; at += 1) {
      const { status, headers: given } = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${caller}`, ...headers },
        body: JSON.stringify({ query: '{ __typename }' }),
      });
      answers.push(status === 429 ? Number(given.get('retry-after')) > 0 && 429 : status);
    }
    return answers;
  };
  expect(await statuses('one', { 'x-tandem-role': 'slow' })).toEqual([200, 200, 200, 429, 429]);
  expect(await statuses('other')).toEqual([200, 200, 200, 429, 429]);
  expect(await statuses('one', { 'x-tandem-role': 'small' })).toEqual([200, 200, 200, 200, 200]);
  expect(await statuses('small')).toEqual([200, 200, 200, 200, 200]);
  // One that is refused costs its caller nothing.
  expect(await statuses('unknown')).toEqual([401, 401, 401, 401, 401]);
});

describe('a store of counts that several servers share', () => {
  const statuses = async (servers: readonly TestServer[]) => {
    const answers = [];
    for (let at = 0; at < 6; at += 1) {
      answers.push((await askAs(servers[at % 2] as TestServer, 'other', '{ __typename }')).status);
    }
    return answers;
  };
  const startTwo = (sharedCounters: RequestCounters) =>
    Promise.all([1, 2].map(() => startServer({ ...databases.config, auth }, { rules, sharedCounters })));

  it('bounds a caller over all of them, and learns no name', async () => {
    const counts = new Map<string, number>();
    const servers = await startTwo(({ name, perMinute }) => async (key) => {
      const id = `${name} ${key}`;
      counts.set(id, (counts.get(id) ?? 0) + 1);
      return (counts.get(id) as number) <= perMinute ? null : 12_345;
    });
    expect(await statuses(servers)).toEqual([200, 200, 200, 429, 429, 429]);
    expect([...counts]).toEqual([[expect.stringMatching(/^role slow [\w-]{43}$/), 6]]);
    await Promise.all(servers.map((one) => one[Symbol.asyncDispose]()));
  });

  it('leaves each server to count by itself while it does not answer', async () => {
    const servers = await startTwo(() => () => Promise.reject(new Error('The store does not answer.')));
    expect(await statuses(servers)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(await statuses(servers)).toEqual([429, 429, 429, 429, 429, 429]);
    await Promise.all(servers.map((one) => one[Symbol.asyncDispose]()));
  });
});

it('metrics on a port of their own are for roles with that feature', async () => {
  expect((await get(metrics)).status).toBe(401);
  expect((await get(metrics)).headers.get('www-authenticate')).toBe('Bearer');
  expect((await get(metrics, 'unknown')).status).toBe(401);
  expect((await get(metrics, 'small')).status).toBe(403);
  expect((await get(metrics, 'one')).status).toBe(403);
  const allowed = await get(metrics, 'watcher');
  expect([allowed.status, await allowed.text()]).toEqual([200, expect.stringContaining('tandem_')]);
  expect((await get(metrics, 'admin')).status).toBe(200);
});

it('a probe tells no caller without an identity how the sources are', async () => {
  for (const caller of [undefined, 'small', 'admin']) {
    const ready = await get(`${server.url}/readyz`, caller);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ok' }]);
  }
  await using open = await startServer(databases.config);
  expect(await (await get(`${open.url}/readyz`)).json()).toMatchObject({
    sources: { AZURE: 'UP', GCP: 'UP' },
  });
});

it('several processes know the same tokens, and count requests together', async () => {
  const { apiKeys } = await authFor({
    boss: { roles: ['administrator'] },
    doctor: { roles: ['doctor'], claims: { licence: 'none' } },
  });
  await using serving = await startServing({
    ...environmentOf(databases.config),
    WEB_CONCURRENCY: '2',
    API_KEYS: (apiKeys as { file: string }).file,
    LIMIT_REQUESTS_PER_MINUTE: '20',
    POOL_ACQUIRE_TIMEOUT_MS: '20000',
  });
  // Each request on a connection of its own, so that both processes get some.
  const ask = async (caller: string, query: string) => {
    const response = await fetch(`${serving.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close', authorization: `Bearer ${caller}` },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, body: await response.text() };
  };
  const query = '{ patients(source: AZURE) { totalCount } }';
  const answers = [];
  for (let at = 0; at < 6; at += 1) {
    answers.push(await ask('boss', query), await ask('doctor', query), await ask('stranger', query));
  }
  expect(answers.map(({ status }) => status)).toEqual(
    Array.from({ length: 6 }, () => [200, 200, 401]).flat(),
  );
  expect(new Set(answers.map(({ body }) => JSON.parse(body).data?.patients.totalCount))).toEqual(
    new Set([30, 0, undefined]),
  );
  expect(
    new Set(serving.lines.flatMap(({ worker, status }) => (status === undefined ? [] : [worker]))).size,
  ).toBe(2);
  // 18 of the 20 are spent, whichever process got them.
  const more = [];
  for (let at = 0; at < 5; at += 1) more.push((await ask('boss', '{ __typename }')).status);
  expect(more).toEqual([200, 200, 429, 429, 429]);
});
