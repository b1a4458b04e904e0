import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { createLog } from '../../src/log/log.ts';
import type { PersistedDocuments } from '../../src/persisted-documents/manifest-format.ts';
import { idOf } from '../../src/persisted-documents/manifest-format.ts';
import { createApollo } from '../../src/server/apollo.ts';
import { createHttp } from '../../src/server/fastify.ts';
import { hostCheck } from '../../src/util/hosts.ts';
import { createDatabases, environmentOf, limits, type TestDatabases } from '../helpers/databases.ts';
import { spawnTandem, tandem } from '../helpers/run-command-line.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { type Answer, startServer, type TestServer } from '../helpers/server.ts';

const known = 'query Known($key: Int!) { patient(source: GCP, key: $key) { firstName } }';
const writing = `mutation Writing { createPatient(source: GCP, input: {
  firstName: "Ada", lastName: "Exampleton", dateOfBirth: "1990-02-28", gender: FEMALE }) { patient { key } } }`;
const other = '{ patient(source: GCP, key: 1) { lastName } }';
const variables = { key: 1 };
const ada = { patient: { firstName: 'Ada' } };

let databases: TestDatabases;

beforeAll(async () => {
  databases = await createDatabases();
  await using server = await startServer(databases.config);
  const { errors } = await server.ask(writing);
  expect(errors).toBeUndefined();
});
afterAll(() => databases?.[Symbol.asyncDispose]());

const apollo = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });

/** Whatever the request says, in the body or in the address. */
async function send(server: TestServer, method: 'GET' | 'POST', parameters: object): Promise<Answer> {
  const url = new URL('/graphql', server.url);
  const headers = { 'content-type': 'application/json' };
  if (method === 'GET') {
    for (const [name, value] of Object.entries(parameters)) {
      url.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value));
    }
  }
  const response = await fetch(url, {
    method,
    headers,
    ...(method === 'POST' && { body: JSON.stringify(parameters) }),
  });
  return {
    status: response.status,
    headers: response.headers,
    ...((await response.json()) as object),
  } as Answer;
}

const codeOf = ({ status, errors }: Answer) => [status, errors?.[0].extensions.code];

describe('automatic persisted queries', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(databases.config);
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it.each(['GET', 'POST'] as const)(
    'by %s: an unknown id, its document once, then the id alone',
    async (method) => {
      const query = `${known} # ${method}`;
      const id = apollo(idOf(query));
      expect(codeOf(await send(server, method, { ...id, variables }))).toEqual([
        200,
        'PERSISTED_QUERY_NOT_FOUND',
      ]);
      expect((await send(server, method, { ...id, query, variables })).data).toEqual(ada);
      expect((await send(server, method, { ...id, variables })).data).toEqual(ada);
    },
  );

  it('refuses a document under another’s id, and another version', async () => {
    const forged = await send(server, 'POST', { ...apollo(idOf(known)), query: other });
    expect(codeOf(forged)).toEqual([400, 'BAD_REQUEST']);
    const version = { extensions: { persistedQuery: { version: 2, sha256Hash: idOf(known) } } };
    expect(codeOf(await send(server, 'POST', { ...version, query: known }))).toEqual([400, 'BAD_REQUEST']);
    expect((await send(server, 'POST', { query: known, variables })).data).toEqual(ada);
  });

  it('runs no registered mutation by GET', async () => {
    const id = apollo(idOf(writing));
    await send(server, 'POST', { ...id, query: writing });
    expect((await send(server, 'GET', id)).status).toBe(405);
  });

  it('forgets the oldest rather than grow without bound', async () => {
    const http = createHttp(createLog({ level: 'silent' }), hostCheck([]));
    const { apollo } = createApollo(http, await createSchema(), { introspection: false, limits });
    const { cache } = apollo;
    const text = 'x'.repeat(2 ** 20);
    for (let n = 0; n < 40; n++) await cache.set(`apq:${n}`, text);
    expect(await cache.get('apq:0')).toBeUndefined();
    expect(await cache.get('apq:39')).toBe(text);
  });
});

const withManifest = (persistedDocuments: PersistedDocuments) =>
  startServer({ ...databases.config, persistedDocuments });

const documents = new Map([known, writing].map((body) => [idOf(body), body]));

describe('a manifest', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await withManifest({ documents, only: false });
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it.each([
    ['GET', 'documentId', { documentId: `sha256:${idOf(known)}` }],
    ['POST', 'documentId', { documentId: `sha256:${idOf(known)}` }],
    ['GET', 'Apollo’s extension', apollo(idOf(known))],
    ['POST', 'Apollo’s extension', apollo(idOf(known))],
  ] as const)('answers to an id, by %s with %s, that no client registered', async (method, _how, id) => {
    const { status, data, errors } = await send(server, method, { ...id, variables });
    expect(errors).toBeUndefined();
    expect([status, data]).toEqual([200, ada]);
  });

  it('gives an unknown documentId a code of its own', async () => {
    const { status, errors } = await send(server, 'POST', { documentId: `sha256:${idOf(other)}` });
    expect(status).toBe(404);
    expect(errors).toEqual([
      {
        message: 'The manifest has no document with this id.',
        extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', remedy: expect.any(String), retryable: false },
      },
    ]);
  });

  it('leaves other documents and their registration as they are', async () => {
    expect((await server.ask(other)).data).toEqual({ patient: { lastName: 'Exampleton' } });
    expect((await send(server, 'POST', { ...apollo(idOf(other)), query: other })).errors).toBeUndefined();
    expect((await send(server, 'POST', apollo(idOf(other)))).data).toEqual({
      patient: { lastName: 'Exampleton' },
    });
  });

  it('runs no mutation of it by GET', async () => {
    const { status } = await send(server, 'GET', { documentId: `sha256:${idOf(writing)}` });
    expect(status).toBe(405);
  });
});

describe('a manifest, and nothing else', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await withManifest({ documents, only: true });
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it.each([
    ['an id', { documentId: `sha256:${idOf(known)}` }],
    ['Apollo’s id', apollo(idOf(known))],
    ['its document in full', { query: known }],
    ['both', { ...apollo(idOf(known)), query: known }],
  ])('answers to %s', async (_what, parameters) => {
    for (const method of ['GET', 'POST'] as const) {
      expect((await send(server, method, { ...parameters, variables })).data).toEqual(ada);
    }
  });

  it.each([
    ['another document', 403, 'PERSISTED_DOCUMENT_REQUIRED', { query: other }],
    ['the same with a blank more', 403, 'PERSISTED_DOCUMENT_REQUIRED', { query: `${known} ` }],
    [
      'another, to be registered',
      403,
      'PERSISTED_DOCUMENT_REQUIRED',
      { ...apollo(idOf(other)), query: other },
    ],
    ['another under a known id', 400, 'BAD_REQUEST', { ...apollo(idOf(known)), query: other }],
    ['an unknown id', 404, 'PERSISTED_QUERY_NOT_FOUND', apollo(idOf(other))],
    ['an unknown documentId', 404, 'PERSISTED_QUERY_NOT_FOUND', { documentId: 'sha256:0' }],
    ['introspection', 403, 'PERSISTED_DOCUMENT_REQUIRED', { query: '{ __schema { types { name } } }' }],
    ['what does not even parse', 403, 'PERSISTED_DOCUMENT_REQUIRED', { query: '{{{' }],
    ['nothing', 400, 'BAD_REQUEST', { variables }],
  ])('refuses %s with %i %s, before any statement', async (_what, status, code, parameters) => {
    const statements = await statementsOf(server.sources.GCP, async () => {
      for (const method of ['GET', 'POST'] as const) {
        expect(codeOf(await send(server, method, parameters))).toEqual([status, code]);
      }
    });
    expect(statements).toEqual([]);
  });

  it('logs a refusal by its code, and nothing of the document', async () => {
    const canary = await send(server, 'POST', { query: '{ canary }' });
    const lines = server.log.filter((line) => line.includes(canary.headers.get('x-request-id') as string));
    expect(lines.join('')).toContain('"code":"PERSISTED_DOCUMENT_REQUIRED"');
    expect(server.log.join('')).not.toContain('canary');
  });

  it('is not fooled by a list, nor by a parameter that comes twice', async () => {
    expect(codeOf(await send(server, 'POST', [{ query: other }]))).toEqual([400, 'BAD_REQUEST']);
    const headers = { 'content-type': 'application/json' };
    for (const [first, second] of [
      [known, other],
      ['', other],
    ]) {
      const twice = new URLSearchParams([
        ['query', first as string],
        ['query', second as string],
        ['variables', JSON.stringify(variables)],
      ]);
      const response = await fetch(`${server.url}/graphql?${twice}`, { headers });
      expect(await response.text()).not.toContain('Exampleton');
    }
  });

  it('has no console, which could not ask for the schema', async () => {
    expect((await fetch(server.url)).status).toBe(404);
  });
});

describe('tandem persist', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-persist-'));
    await writeFile(
      join(folder, 'known.graphql'),
      'query Known($key: Int!) { patient(source: GCP, key: $key) { ...Name } }',
    );
    await writeFile(join(folder, 'name.graphql'), 'fragment Name on Patient { firstName }');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('writes the manifest that a server then answers to', async () => {
    const out = join(folder, 'manifest.json');
    const { code, stdout, stderr } = await spawnTandem(['persist', join(folder, '*.graphql'), '--out', out]);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain('1 operation(s) from 2 file(s)');
    const config = loadConfig(
      { ...environmentOf(databases.config), PERSISTED_DOCUMENTS: out, PERSISTED_DOCUMENTS_ONLY: 'true' },
      folder,
    );
    await using server = await startServer(config);
    const [id] = [...(config.persistedDocuments?.documents.keys() ?? [])];
    expect((await send(server, 'POST', { documentId: `sha256:${id}`, variables })).data).toEqual(ada);
    expect(codeOf(await send(server, 'POST', { query: other }))[0]).toBe(403);
  });

  it('prints it for a pipe', async () => {
    const { stdout } = await tandem(['persist', join(folder, 'known.graphql'), join(folder, 'name.graphql')]);
    expect(JSON.parse(stdout)).toMatchObject({
      format: 'apollo-persisted-query-manifest',
      version: 1,
      operations: [{ name: 'Known', type: 'query', id: expect.stringMatching(/^[\da-f]{64}$/) }],
    });
  });

  it('says what is wrong and where, and writes nothing', async () => {
    await writeFile(join(folder, 'wrong.txt'), 'query Wrong { patient { key } }');
    const { code, stdout, stderr } = await tandem([
      'persist',
      join(folder, 'wrong.txt'),
      join(folder, 'no-*.graphql'),
    ]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('no-*.graphql  is no file, and matches none');
    expect(stderr).toMatch(
      /wrong\.txt:1:15 {2}Field "patient" argument "source" of type "Source!" is required/,
    );
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
