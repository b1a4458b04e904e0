import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { createLog } from '../../src/log/log.ts';
import { createApp } from '../../src/server/app.ts';
import { openSources } from '../../src/sources/sources.ts';
import { serverPair, testConfig } from '../helpers/databases.ts';
import { rawRequest } from '../helpers/raw-request.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

let server: TestServer;
let named: TestServer;
beforeAll(async () => {
  const config = testConfig(serverPair().databases);
  server = await startServer(config);
  const allowedHosts = ['api.example.org', '[2001:db8::1]'];
  named = await startServer({ ...config, server: { ...config.server, allowedHosts } });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await named?.[Symbol.asyncDispose]();
});

const json = { 'content-type': 'application/json' };
const body = JSON.stringify({ query: '{ __typename }' });

const ask = ({ url }: TestServer, headers: Record<string, string>) =>
  rawRequest(`${url}/graphql`, { method: 'POST', headers: { ...json, ...headers }, body });

/** The status of what is sent as it is written here. */
async function statusOf({ url }: TestServer, head: string, sent = ''): Promise<string | undefined> {
  const length = sent === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${sent.length}\r\n`;
  const text = `${head.replaceAll('\n', '\r\n')}\r\n${length}Connection: close\r\n\r\n${sent}`;
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(text);
  return /^HTTP\/1.1 (\d+)/.exec((await buffer(socket)).toString())?.[1];
}

describe('a host that a request names', () => {
  it.each([
    '127.0.0.1',
    'localhost',
    'localhost:8080',
    'LOCALHOST:1',
    'localhost.:4000',
    '[::1]:4000',
    '[::1]',
    '[0:0:0:0:0:0:0:1]:4000',
    '127.0.0.2',
    '127.0.0.1:',
  ])('is loopback’s: %s', async (host) => {
    expect((await ask(server, { host })).status).toBe(200);
  });

  it.each([
    'rebound.example',
    'rebound.example:4000',
    'localhost.rebound.example',
    '127.0.0.1.rebound.example:4000',
    'localhost@rebound.example',
    'rebound.example/localhost',
    'localhost:4000:rebound',
    '0.0.0.0:4000',
    '10.1.2.3',
    '[::]:4000',
    '[2001:db8::1]',
    'api.example.org',
    'localhost, rebound.example',
    'xn--lcalhost-54a',
    'localhost:99999',
  ])('is nobody’s here: %s', async (host) => {
    const answer = await ask(server, { host });
    expect(answer.status).toBe(421);
    expect(JSON.parse(answer.body.toString()).errors[0].extensions.code).toBe('HOST_NOT_ALLOWED');
    expect((await rawRequest(`${server.url}/metrics`, { headers: { host } })).status).toBe(421);
    expect((await rawRequest(server.url, { path: '/', headers: { host } })).status).toBe(421);
  });

  it.each([
    ['api.example.org', 200],
    ['API.example.org.:443', 200],
    ['[2001:db8::1]:8080', 200],
    ['[2001:db8:0::1]', 200],
    ['localhost', 200],
    ['www.api.example.org', 421],
    ['example.org', 421],
  ])('is one of the allowed ones or is not: %s', async (host, status) => {
    expect((await ask(named, { host })).status).toBe(status);
  });

  it('does not matter to probes, which orchestrators send to an address', async () => {
    for (const path of ['/livez', '/readyz']) {
      const { status } = await rawRequest(`${server.url}${path}`, { headers: { host: '10.1.2.3:4000' } });
      expect([path, status]).toEqual([path, 200]);
    }
  });

  it('may be the address that the request came in on', async () => {
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    const address = own.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
    if (address === undefined) return; // a machine without a network
    const config = testConfig(serverPair().databases);
    const sources = await openSources(config);
    const app = await createApp(sources, createLog({ level: 'silent' }), config);
    const url = await app.http.listen({ host: address, port: 0 });
    const statuses = [];
    for (const host of [new URL(url).host, '10.255.0.1']) {
      statuses.push(
        (await rawRequest(`${url}/graphql`, { method: 'POST', headers: { ...json, host }, body })).status,
      );
    }
    expect(statuses).toEqual([200, 421]);
    await app.close();
    await sources.close();
  });

  it('is not what a proxy, or a page, says that it was', async () => {
    const forwarded = { 'x-forwarded-host': 'localhost', forwarded: 'host=localhost', 'x-host': 'localhost' };
    expect((await ask(server, { host: 'rebound.example', ...forwarded })).status).toBe(421);
    expect((await ask(server, { host: 'localhost', 'x-forwarded-host': 'rebound.example' })).status).toBe(
      200,
    );
  });

  it('is the target’s where that is a whole address', async () => {
    const post = (target: string, host: string) =>
      statusOf(server, `POST ${target} HTTP/1.1\nHost: ${host}`, body);
    expect(await post('http://rebound.example/graphql', 'localhost')).toBe('421');
    expect(await post('HTTP://rebound.example/graphql', 'localhost')).toBe('421');
    expect(await post('ftp://localhost/graphql', 'localhost')).toBe('421');
    expect(await post('//rebound.example/graphql', 'localhost')).toBe('404');
    expect(await post('http://localhost/graphql', 'rebound.example')).not.toBe('421');
  });

  it('must be there: HTTP/1.0 without one is served probes alone', async () => {
    expect(await statusOf(server, 'POST /graphql HTTP/1.0', body)).toBe('421');
    expect(await statusOf(server, 'POST /graphql HTTP/1.0\nHost: localhost', body)).toBe('200');
    expect(await statusOf(server, 'GET /livez HTTP/1.0')).toBe('200');
    expect(await statusOf(server, 'POST /graphql HTTP/1.1\nHost: ', body)).toBe('421');
  });
});

describe('a page that sends a request', () => {
  it.each([
    ['http://localhost:4000', 200],
    ['http://127.0.0.1:4000', 200],
    ['http://[::1]:3000', 200],
    ['https://rebound.example', 403],
    ['null', 403],
    ['http://localhost.rebound.example', 403],
    ['file://', 403],
    ['chrome-extension://localhost', 403],
    ['http://localhost/rebound', 403],
  ])('is of the origin %s', async (origin, status) => {
    const answer = await ask(server, { origin });
    expect(answer.status).toBe(status);
    if (status === 403) {
      expect(JSON.parse(answer.body.toString()).errors[0].extensions.code).toBe('ORIGIN_NOT_ALLOWED');
    }
  });

  it('may be of an allowed host', async () => {
    expect((await ask(named, { host: 'api.example.org', origin: 'https://api.example.org' })).status).toBe(
      200,
    );
    expect((await ask(named, { host: 'api.example.org', origin: 'https://example.org' })).status).toBe(403);
  });

  it('runs nothing by a request that browsers send unasked, whatever its origin', async () => {
    const query = encodeURIComponent('{ patients(source: AZURE) { totalCount } }');
    const simple = [
      { method: 'GET', path: `/graphql?query=${query}` },
      { method: 'POST', path: '/graphql', headers: { 'content-type': 'text/plain' }, body },
      {
        method: 'POST',
        path: '/graphql',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body,
      },
      {
        method: 'POST',
        path: '/graphql',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body,
      },
      { method: 'POST', path: '/graphql', body },
    ];
    for (const request of simple) {
      const { status, body: answer } = await rawRequest(server.url, request);
      expect([status, JSON.parse(answer.toString()).data]).toEqual([expect.any(Number), undefined]);
      expect(status).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('every answer', () => {
  const headers = {
    'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  };

  it.each([
    ['data', { method: 'POST', path: '/graphql', headers: json, body }],
    ['a refused host', { path: '/graphql', headers: { host: 'rebound.example' } }],
    ['the sandbox', { path: '/graphql', headers: { accept: 'text/html' } }],
    ['the console', { path: '/' }],
    ['metrics', { path: '/metrics' }],
    ['a probe', { path: '/livez' }],
    ['an unknown path', { path: '/nothing' }],
    ['an address that cannot be read', { path: '/%zz' }],
    ['a refused method', { method: 'PUT', path: '/graphql' }],
    ['the methods of a path', { method: 'OPTIONS', path: '/graphql' }],
    ['a broken body', { method: 'POST', path: '/graphql', headers: json, body: '{' }],
  ])('stands in no frame of another page: %s', async (_what, request) => {
    expect((await rawRequest(server.url, request)).headers).toMatchObject(headers);
  });

  it('stands in none either where it answers what was no request', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1').end('NONSENSE\r\n\r\n');
    const answer = (await buffer(socket)).toString();
    expect(answer).toContain("\r\ncontent-security-policy: frame-ancestors 'none'\r\n");
  });
});

describe('what is open', () => {
  const databases = Object.fromEntries(
    ['AZURE', 'GCP'].flatMap((name) =>
      Object.entries({ HOST: 'h', USER: 'u', PASSWORD: 'p', NAME: 'n' }).map(([key, value]) => [
        `${name}_DB_${key}`,
        value,
      ]),
    ),
  );
  const opened = (settings: Record<string, string>) => {
    const { introspection, sandbox, observability } = loadConfig(
      { ...databases, ...settings },
      '/nonexistent',
    );
    return { introspection, sandbox, metrics: observability.metrics };
  };
  const all = { introspection: true, sandbox: true, metrics: 'on' };
  const nothing = { introspection: false, sandbox: false, metrics: 'off' };
  const beyond = { ALLOWED_HOSTS: 'api.example.org', AUTH: 'none' };

  it.each([
    ['nothing set', {}, all],
    ['loopback by name', { HOST: 'localhost' }, all],
    ['loopback of IPv6', { HOST: '::1' }, all],
    ['a test', { NODE_ENV: 'test' }, all],
    ['production', { NODE_ENV: 'production' }, { ...nothing, metrics: 'on' }],
    ['all addresses', { HOST: '0.0.0.0', ...beyond }, nothing],
    ['all addresses of IPv6', { HOST: '::', ...beyond }, nothing],
    ['an address in development', { HOST: '10.1.2.3', NODE_ENV: 'development', ...beyond }, nothing],
    ['a name', { HOST: 'machine.example', ...beyond }, nothing],
    ['a proxy before loopback', beyond, nothing],
    ['loopback named once more', { ALLOWED_HOSTS: 'localhost' }, all],
    [
      'opened by name',
      { HOST: '0.0.0.0', INTROSPECTION: 'on', METRICS: 'on', ...beyond },
      { ...all, sandbox: false },
    ],
    ['closed by name', { INTROSPECTION: 'off', METRICS: 'off' }, nothing],
  ])('follows from what listens: %s', (_what, settings, expected) => {
    expect(opened(settings)).toEqual(expected);
  });

  it.each([
    [{ HOST: '0.0.0.0' }, /ALLOWED_HOSTS +is missing: HOST=0\.0\.0\.0 is reached from other machines/],
    [{ HOST: '::' }, /ALLOWED_HOSTS +is missing/],
    [{ HOST: 'machine.example', NODE_ENV: 'production' }, /ALLOWED_HOSTS +is missing/],
    [{ NODE_ENV: 'prodution' }, /NODE_ENV +is neither development, production nor test/],
    [{ NODE_ENV: 'Production' }, /NODE_ENV +is neither/],
    [{ HOST: '0.0.0.0', ALLOWED_HOSTS: '*' }, /ALLOWED_HOSTS +is not a list of hosts/],
    [{ ALLOWED_HOSTS: 'https://api.example.org' }, /ALLOWED_HOSTS +is not a list of hosts/],
    [{ ALLOWED_HOSTS: 'api.example.org:443' }, /ALLOWED_HOSTS +is not a list of hosts/],
    [{ ALLOWED_HOSTS: 'api.example.org, *.example.org' }, /ALLOWED_HOSTS +is not a list of hosts/],
    [{ INTROSPECTION: 'true' }, /INTROSPECTION +is neither on nor off/],
  ])('is not left to chance: %j is refused', (settings, message) => {
    expect(() => opened(settings)).toThrow(message);
  });

  it('is neither page nor introspection where the schema is closed', async () => {
    await using closed = await startServer(testConfig(serverPair().databases), { production: true });
    expect((await rawRequest(closed.url, { path: '/' })).status).toBe(404);
    const page = await rawRequest(closed.url, { path: '/graphql', headers: { accept: 'text/html' } });
    expect([page.status, page.body.toString()]).toEqual([400, expect.not.stringMatching(/<|apollographql/)]);
    expect((await closed.ask('{ __schema { types { name } } }')).errors?.[0].extensions.code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    );
  });
});
