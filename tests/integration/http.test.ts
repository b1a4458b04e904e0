import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourceNames } from '../../src/source-name.ts';
import { rawRequest } from '../helpers/raw-request.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { startSeededServer, type TestServer } from '../helpers/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startSeededServer(200);
});
afterAll(() => server?.[Symbol.asyncDispose]());

const json = { 'content-type': 'application/json' };
const long =
  '{ patients(source: GCP, first: 200) { nodes { id firstName records { nodes { diagnosis } } } } }';
const longer =
  '{ patients(source: GCP, first: 200) { nodes { id firstName records { nodes { id diagnosis treatment patient { id lastName } } } } } }';

const post = (query: string, headers: Record<string, string> = {}) =>
  rawRequest(`${server.url}/graphql`, {
    method: 'POST',
    headers: { ...json, ...headers },
    body: JSON.stringify({ query }),
  });

const get = (query: string, headers: Record<string, string> = json, method = 'GET') =>
  rawRequest(`${server.url}/graphql?${new URLSearchParams({ query })}`, { method, headers });

const codeOf = (body: Buffer) => JSON.parse(body.toString()).errors[0].extensions.code;

describe('GET', () => {
  it('answers a query as POST does', async () => {
    const [one, other] = await Promise.all([get(long), post(long)]);
    expect(one.status).toBe(200);
    expect(one.body.toString()).toBe(other.body.toString());
  });

  it('takes variables and the operation’s name from the address', async () => {
    const query = 'query A { __typename } query B($key: Int!) { patient(source: AZURE, key: $key) { key } }';
    const parameters = new URLSearchParams({ query, operationName: 'B', variables: '{"key":7}' });
    const { body } = await rawRequest(`${server.url}/graphql?${parameters}`, { headers: json });
    expect(JSON.parse(body.toString())).toEqual({ data: { patient: { key: 7 } } });
  });

  it('refuses a mutation, and writes nothing', async () => {
    const mutation =
      'mutation { createPatient(source: GCP, input: { firstName: "A", lastName: "B", dateOfBirth: "1999-01-01", gender: MALE }) { patient { key } } }';
    const statements = await statementsOf(server.sources.GCP, async () => {
      const { status, headers, body } = await get(mutation);
      expect([status, headers.allow, codeOf(body)]).toEqual([405, 'POST', 'BAD_REQUEST']);
    });
    expect(statements).toEqual([]);
  });

  it('refuses what a foreign page could send without asking', async () => {
    const { status, body } = await get(long, {});
    expect([status, codeOf(body)]).toEqual([400, 'BAD_REQUEST']);
  });

  it('is not put off by HEAD, which has the headers alone', async () => {
    const headers = { ...json, 'accept-encoding': 'gzip' };
    const [head, whole] = await Promise.all([get(long, headers, 'HEAD'), get(long, headers)]);
    expect([head.status, head.body.length]).toEqual([200, 0]);
    for (const name of ['content-type', 'content-length', 'content-encoding', 'cache-control', 'vary']) {
      expect([name, head.headers[name]]).toEqual([name, whole.headers[name]]);
    }
  });
});

describe('an answer', () => {
  it.each([
    ['data', () => post(long)],
    ['an error', () => post('{ nothing }')],
    ['a GET', () => get(long)],
    ['a refusal', () => rawRequest(`${server.url}/nothing`)],
    ['a probe', () => rawRequest(`${server.url}/readyz`)],
  ])('is kept by no cache: %s', async (_what, ask) => {
    const { headers } = await ask();
    expect(headers['cache-control']).toBe('private, no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
    expect(headers.etag).toBeUndefined();
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  it.each([1, 20, 200])(
    'has the length of its bytes, with characters of each length, of %i rows',
    async (first) => {
      await post(
        'mutation { updatePatient(source: GCP, key: 1, input: { lastName: "Łódź 漢字 😀" }) { patient { key } } }',
      );
      const query = `{ patients(source: GCP, first: ${first}) { nodes { id firstName lastName records { nodes { diagnosis } } } } }`;
      for (const _ of ['by graphql-js', 'compiled', 'the fast path']) {
        const { headers, body } = await post(query);
        expect(Number(headers['content-length'])).toBe(body.length);
        expect(headers['content-type']).toBe('application/json; charset=utf-8');
        expect(JSON.parse(body.toString()).data.patients.nodes[0].lastName).toBe('Łódź 漢字 😀');
      }
    },
  );

  it('leaves the connection open for longer than a load balancer does', async () => {
    const { headers } = await rawRequest(`${server.url}/livez`, { headers: { connection: 'keep-alive' } });
    expect(headers['keep-alive']).toBe('timeout=620');
  });
});

describe('compression', () => {
  it.each([
    ['br', 'gzip, deflate, br', brotliDecompressSync],
    ['gzip', 'gzip, deflate', gunzipSync],
    ['br', 'gzip;q=0.8, br;q=1.0', brotliDecompressSync],
    ['gzip', 'br;q=0, *', gunzipSync],
  ])('is %s for a client that accepts %j', async (encoding, accepted, decompress) => {
    const plain = await post(longer);
    for (const query of [long, longer]) {
      const [small, whole] = await Promise.all([post(query, { 'accept-encoding': accepted }), post(query)]);
      expect(small.headers['content-encoding']).toBe(encoding);
      expect(small.headers.vary).toBe('accept-encoding');
      expect(Number(small.headers['content-length'])).toBe(small.body.length);
      expect(small.body.length).toBeLessThan(whole.body.length / 4);
      expect(decompress(small.body).toString()).toBe(whole.body.toString());
    }
    expect(plain.body.length).toBeGreaterThan(32 * 1024); // the one that goes through the thread pool
  });

  it.each([undefined, 'identity', 'deflate', 'gzip;q=0', 'identity, gzip;q=0.5'])(
    'is left out for a client that accepts %j, and caches are told',
    async (accepted) => {
      const { headers, body } = await post(
        long,
        accepted === undefined ? {} : { 'accept-encoding': accepted },
      );
      expect(headers['content-encoding']).toBeUndefined();
      expect(headers.vary).toBe('accept-encoding');
      expect(JSON.parse(body.toString()).data.patients.nodes).toHaveLength(200);
    },
  );

  it('is left out where the answer fits into a packet', async () => {
    const { headers } = await post('{ patient(source: GCP, key: 1) { key } }', { 'accept-encoding': 'gzip' });
    expect(headers['content-encoding']).toBeUndefined();
  });
});

describe('a request that GraphQL never sees', () => {
  const send = (method: string, path: string, headers = {}, body?: string) =>
    rawRequest(server.url, { method, path, headers, ...(body === undefined ? {} : { body }) });

  it.each([
    [404, 'PATH_NOT_FOUND', () => send('GET', '/nothing')],
    [404, 'PATH_NOT_FOUND', () => send('POST', '/graphql/', json, '{}')],
    [404, 'PATH_NOT_FOUND', () => send('GET', '/explorer')],
    [404, 'PATH_NOT_FOUND', () => send('OPTIONS', '/nothing')],
    [405, 'METHOD_NOT_ALLOWED', () => send('PUT', '/graphql', json, '{}')],
    [405, 'METHOD_NOT_ALLOWED', () => send('DELETE', '/graphql?query={__typename}')],
    [405, 'METHOD_NOT_ALLOWED', () => send('PROPFIND', '/graphql')],
    [405, 'METHOD_NOT_ALLOWED', () => send('POST', '/livez', json, '{}')],
    [413, 'PAYLOAD_TOO_LARGE', () => send('POST', '/graphql', json, `{"query":"${'x'.repeat(2 ** 20)}"}`)],
    [415, 'UNSUPPORTED_MEDIA_TYPE', () => send('POST', '/graphql', { 'content-type': 'text/plain' }, '{}')],
    [415, 'UNSUPPORTED_MEDIA_TYPE', () => send('POST', '/graphql', { 'content-type': 'text/xml' }, '<a/>')],
    [
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      () => send('POST', '/graphql', { 'content-type': 'application/x-www-form-urlencoded' }, 'query=1'),
    ],
    [400, 'BAD_REQUEST', () => send('POST', '/graphql', json, '{"query":')],
    [400, 'BAD_REQUEST', () => send('POST', '/graphql', json, '')],
    [400, 'BAD_REQUEST', () => send('POST', '/graphql', json, '{}')],
    [400, 'BAD_REQUEST', () => send('POST', '/graphql', json, '[{"query":"{__typename}"}]')],
    [400, 'BAD_REQUEST', () => send('GET', '/%zz')],
    [
      406,
      'BAD_REQUEST',
      () => send('POST', '/graphql', { ...json, accept: 'image/png' }, '{"query":"{__typename}"}'),
    ],
  ])('is answered with %i and %s', async (status, code, ask) => {
    const answer = await ask();
    expect([answer.status, codeOf(answer.body)]).toEqual([status, code]);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.body.toString()).not.toMatch(/FST_|statusCode|stack/);
  });

  it.each([
    ['an address of 20 kB', 414, `GET /graphql?query=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['what is no HTTP', 400, 'NONSENSE\r\n\r\n'],
  ])('has a code also where it is %s', async (_what, status, text) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1').end(text);
    const answer = (await buffer(socket)).toString();
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} .*content-type: application/json`, 's'));
    expect(codeOf(Buffer.from(body))).toBe('BAD_REQUEST');
  });

  it('is told which methods a path takes, by 405 and by OPTIONS', async () => {
    expect((await send('PATCH', '/graphql', json, '{}')).headers.allow).toBe('GET, HEAD, POST, OPTIONS');
    expect((await send('PATCH', '/livez', json, '{}')).headers.allow).toBe('GET, HEAD, OPTIONS');
    const options = await send('OPTIONS', '/graphql');
    expect([options.status, options.headers.allow, options.body.length]).toEqual([
      204,
      'GET, HEAD, POST, OPTIONS',
      0,
    ]);
    expect(options.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('reaches no database', async () => {
    for (const name of sourceNames) {
      const statements = await statementsOf(server.sources[name], async () => {
        await send('PUT', '/graphql', json, JSON.stringify({ query: long }));
        await send('POST', '/graphql', { 'content-type': 'text/plain' }, JSON.stringify({ query: long }));
        await send('POST', '/graphql', json, JSON.stringify([{ query: long }]));
      });
      expect(statements).toEqual([]);
    }
  });
});
