import { createHash } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { exportSPKI, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAuthenticator } from '../../src/access/authenticate.ts';
import type { AccessRules } from '../../src/access/permission.ts';
import type { AuthConfig, IssuerConfig } from '../../src/config/groups/access.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import {
  forge,
  type IdentityProvider,
  makeKey,
  type SigningKey,
  startIdentityProvider,
} from '../helpers/identity-provider.ts';
import { rawRequest } from '../helpers/raw-request.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

let databases: TestDatabases;
let key: SigningKey;
let provider: IdentityProvider;
let server: TestServer;

const issuerOf = (issuer: string, more: Partial<IssuerConfig> = {}): IssuerConfig => ({
  issuer,
  audience: ['tandem'],
  algorithms: ['RS256', 'ES256'],
  rolesClaim: 'roles',
  ...more,
});
const authOf = (issuers: readonly IssuerConfig[], more: Partial<AuthConfig> = {}): AuthConfig => ({
  mode: 'required',
  issuers,
  leewayMs: 0,
  ...more,
});
/** Roles that may read patients. */
const readers = ['reader', 'writer', 'nurse', 'exporter'];
const rules: AccessRules = {
  roles: Object.fromEntries(readers.map((role) => [role, { description: 'A test.' }])),
  tables: { Patient: Object.fromEntries(readers.map((role) => [role, { read: true }])) },
};
const serverWith = (auth: AuthConfig) => startServer({ ...databases.config, auth }, { rules });

beforeAll(async () => {
  databases = await createDatabases();
  key = await makeKey('first');
  provider = await startIdentityProvider({ keys: [key] });
  server = await serverWith(authOf([issuerOf(provider.issuer)]));
  // On a busy machine its first attempt at the keys can take longer than it waits.
  await vi.waitFor(async () => expect((await send(await provider.token())).status).toBe(200), 60_000);
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await provider?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

const query = '{ patients(source: AZURE, first: 1) { nodes { key } } }';

async function send(
  token: string | undefined,
  { to = server, method = 'POST', headers = {} }: { to?: TestServer; method?: string; headers?: object } = {},
) {
  const path = method === 'POST' ? '/graphql' : `/graphql?query=${encodeURIComponent(query)}`;
  const response = await fetch(to.url + path, {
    method,
    headers: {
      'content-type': 'application/json',
      'apollo-require-preflight': 'true',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(method === 'POST' && { body: JSON.stringify({ query }) }),
  });
  const text = await response.text();
  const { data, errors = [] } = JSON.parse(text || '{}');
  const [error] = errors;
  return {
    status: response.status,
    code: error?.extensions.code,
    message: error?.message,
    challenge: response.headers.get('www-authenticate'),
    data,
  };
}

const answered = { status: 200, data: { patients: { nodes: [] } } };
const refused = (message?: string) => ({
  status: 401,
  code: 'UNAUTHENTICATED',
  ...(message && { message }),
  data: undefined,
});

const seconds = () => Math.floor(Date.now() / 1000);
const claims = (more: Record<string, unknown> = {}) => ({
  iss: provider.issuer,
  aud: 'tandem',
  sub: 'machine',
  exp: seconds() + 300,
  roles: ['reader'],
  ...more,
});

describe('a request', () => {
  it('is answered with a token of the provider, by Apollo first and by the fast path then, by POST and by GET', async () => {
    const token = await provider.token();
    for (const method of ['POST', 'POST', 'POST', 'GET', 'GET']) {
      expect(await send(token, { method })).toMatchObject(answered);
    }
  });

  it('is answered with the ID token and with the access token of a person who logs in', async () => {
    const { id_token, access_token } = await provider.logIn('nora');
    await using forPeople = await serverWith(
      authOf([issuerOf(provider.issuer, { audience: ['app', 'tandem'] })]),
    );
    expect(await send(id_token, { to: forPeople })).toMatchObject(answered);
    expect(await send(access_token, { to: forPeople })).toMatchObject(answered);
    expect(forPeople.log.join('')).toContain('"subject":"nora"');
  });

  it('is refused without a token, by POST, GET and HEAD, before and after its text is known', async () => {
    await send(await provider.token());
    await send(await provider.token());
    for (const method of ['POST', 'GET', 'HEAD']) {
      const { status, challenge } = await send(undefined, { method });
      expect([status, challenge]).toEqual([401, 'Bearer']);
    }
    expect(await send(undefined)).toMatchObject(
      refused('The request brings no token, and this server answers none without.'),
    );
  });

  it('is refused with another scheme, or with a token where nobody looks for it', async () => {
    const token = await provider.token();
    for (const authorization of [
      'Basic YTpi',
      'Bearer',
      `Token ${token}`,
      token,
      `Bearer ${token} ${token}`,
    ]) {
      expect(await send(undefined, { headers: { authorization } })).toMatchObject({
        status: 401,
        challenge: 'Bearer error="invalid_token"',
      });
    }
    const inAddress = await fetch(`${server.url}/graphql?access_token=${token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, access_token: token }),
    });
    expect(inAddress.status).toBe(401);
    expect((await send(undefined, { headers: { authorization: `bEaReR   ${token}` } })).status).toBe(200);
  });

  it('is refused with two Authorization headers, whatever they hold', async () => {
    const token = await provider.token();
    const body = JSON.stringify({ query });
    for (const [one, other] of [
      [token, token],
      [token, 'x'],
      ['x', token],
    ]) {
      const { status, body: answer } = await rawRequest(`${server.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: [`Bearer ${one}`, `Bearer ${other}`] as unknown as string,
        },
        body,
      });
      expect(status).toBe(400);
      expect(answer.toString()).toContain('several tokens');
    }
  });

  it('acts in the role that it names, of those that its token has', async () => {
    const token = await forge(key, claims({ roles: ['reader', 'writer'] }));
    const as = (role?: string) =>
      send(token, { headers: role === undefined ? {} : { 'x-tandem-role': role } });
    expect(await as()).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(await as('writer')).toMatchObject(answered);
    expect(server.log.join('')).toContain('"subject":"machine","role":"writer"');
    for (const role of ['administrator', 'reader, writer', 'constructor', 'Reader']) {
      expect(await as(role)).toMatchObject({
        status: 403,
        code: 'FORBIDDEN',
        challenge: 'Bearer error="insufficient_scope"',
      });
    }
  });
});

describe('a token is refused', () => {
  it('when it has expired, also one that was accepted before', async () => {
    const token = await forge(key, claims({ exp: seconds() + 2 }));
    expect(await send(token)).toMatchObject(answered);
    await expect
      .poll(() => send(token), { timeout: 10_000, interval: 200 })
      .toMatchObject(refused('The token has expired.'));
    expect(await send(await forge(key, claims({ exp: seconds() - 1 })))).toMatchObject(
      refused('The token has expired.'),
    );
  });

  it('when it has expired by more than the leeway', async () => {
    await using lenient = await serverWith(authOf([issuerOf(provider.issuer)], { leewayMs: 30_000 }));
    expect(await send(await forge(key, claims({ exp: seconds() - 10 })), { to: lenient })).toMatchObject(
      answered,
    );
    expect(await send(await forge(key, claims({ exp: seconds() - 40 })), { to: lenient })).toMatchObject(
      refused(),
    );
    expect(await send(await forge(key, claims({ nbf: seconds() + 10 })), { to: lenient })).toMatchObject(
      answered,
    );
    expect(await send(await forge(key, claims({ nbf: seconds() + 40 })), { to: lenient })).toMatchObject(
      refused(),
    );
  });

  it.each<[what: string, message: string, change: Record<string, unknown>]>([
    ['another audience', 'The token is for another audience.', { aud: 'someone-else' }],
    ['other audiences', 'The token is for another audience.', { aud: ['a', 'tandem2'] }],
    ['a time to come', 'The token is not valid yet.', { nbf: 4_000_000_000 }],
    ['no audience', 'The token lacks a claim that it needs: iss, aud, sub and exp.', { aud: undefined }],
    ['no end', 'The token lacks a claim that it needs: iss, aud, sub and exp.', { exp: undefined }],
    ['no subject', 'The token lacks a claim that it needs: iss, aud, sub and exp.', { sub: undefined }],
    ['an empty subject', 'The token names no subject.', { sub: '' }],
    ['no issuer', 'The token is from no issuer that this server knows.', { iss: undefined }],
    [
      'another issuer',
      'The token is from no issuer that this server knows.',
      { iss: 'https://evil.example' },
    ],
    [
      'a longer issuer',
      'The token is from no issuer that this server knows.',
      { iss: 'http://127.0.0.1:1/' },
    ],
    ['an issuer of another type', 'The token is from no issuer that this server knows.', { iss: ['x'] }],
  ])('for %s', async (_what, message, change) => {
    expect(await send(await forge(key, claims(change)))).toMatchObject(refused(message));
  });

  it('for an end that is no number', async () => {
    const [header, , signature] = (await forge(key, claims())).split('.');
    const payload = Buffer.from(JSON.stringify({ ...claims(), exp: 'never' })).toString('base64url');
    expect(await send([header, payload, signature].join('.'))).toMatchObject(refused());
  });

  it('without a signature: alg none, in every spelling', async () => {
    const unsecured = new UnsecuredJWT(claims()).encode();
    const payload = unsecured.split('.')[1];
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '']) {
      const header = Buffer.from(JSON.stringify({ alg, kid: 'first' })).toString('base64url');
      for (const signature of ['', 'AAAA']) {
        expect(await send(`${header}.${payload}.${signature}`), alg).toMatchObject(refused());
      }
    }
  });

  it('signed by HMAC with the public key, which all can read', async () => {
    const pem = await exportSPKI(key.publicKey);
    for (const secret of [pem, pem.trim(), JSON.stringify(key.jwk.n), key.jwk.n as string]) {
      const token = await forge(new TextEncoder().encode(secret), claims(), { kid: 'first' });
      expect(await send(token)).toMatchObject(
        refused('The token is signed by an algorithm that is not allowed here.'),
      );
    }
  });

  it('signed by an algorithm of the key that the settings do not name', async () => {
    const token = await forge(await makeKey('first', 'PS256'), claims());
    expect(await send(token)).toMatchObject(
      refused('The token is signed by an algorithm that is not allowed here.'),
    );
  });

  it('signed by a key that it brings or points to itself', async () => {
    const own = await makeKey('own');
    const { n, e, kty } = own.jwk;
    for (const header of [
      { jwk: { n, e, kty } },
      { jku: 'http://127.0.0.1:1/keys' },
      { x5u: 'http://127.0.0.1:1/chain' },
      { x5c: ['AAAA'] },
      { kid: 'first' },
      { kid: '../../etc/passwd' },
      { kid: undefined },
    ]) {
      expect(await send(await forge(own, claims(), header)), JSON.stringify(header)).toMatchObject(refused());
    }
  });

  it('with a critical header that this server does not know', async () => {
    for (const header of [
      { crit: ['exp'], exp: 1 },
      { crit: ['x'], x: 1 },
      { crit: ['b64'], b64: false },
    ]) {
      const { jwk, privateKey } = key;
      const { createSign, KeyObject } = await import('node:crypto');
      const head = Buffer.from(JSON.stringify({ alg: 'RS256', kid: jwk.kid, ...header })).toString(
        'base64url',
      );
      const payload = Buffer.from(JSON.stringify(claims())).toString('base64url');
      const signature = createSign('RSA-SHA256')
        .update(`${head}.${payload}`)
        .sign(KeyObject.from(privateKey), 'base64url');
      expect(await send(`${head}.${payload}.${signature}`)).toMatchObject(refused());
    }
  });

  it('when one character of it was changed', async () => {
    const token = await provider.token();
    const parts = token.split('.');
    for (let part = 0; part < 3; part += 1) {
      const changed = parts.map((text, at) => (at === part ? flip(text) : text)).join('.');
      expect(await send(changed)).toMatchObject({ status: 401, data: undefined });
    }
  });

  it('when it is too long, encrypted, or no token at all', async () => {
    const long = await forge(key, claims({ groups: Array.from({ length: 650 }, (_, n) => `group-${n}`) }));
    expect(long.length).toBeGreaterThan(8192);
    expect(await send(long)).toMatchObject(refused('The token is longer than 8192 characters.'));
    for (const token of ['a.b.c.d.e', 'a.b', '..', 'é.é.é', '{}', 'null', '%00']) {
      const authorization = Buffer.from(`Bearer ${token}`).toString('latin1');
      expect((await send(undefined, { headers: { authorization } })).status, token).toBe(401);
    }
  });

  it('when it has 100 kB, without a look at it', async () => {
    const { status } = await rawRequest(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${'a'.repeat(100_000)}` },
      body: JSON.stringify({ query }),
    });
    expect(status).toBe(431);
  });

  it('of another type where the settings name one', async () => {
    await using strict = await serverWith(authOf([issuerOf(provider.issuer, { typ: 'at+jwt' })]));
    expect(await send(await forge(key, claims(), { typ: 'at+jwt' }), { to: strict })).toMatchObject(answered);
    expect(await send(await forge(key, claims(), { typ: 'JWT' }), { to: strict })).toMatchObject(
      refused('The token is of another type.'),
    );
    expect(await send(await forge(key, claims()), { to: strict })).toMatchObject(refused());
  });

  it('and leaves nothing of itself in the log or the answer', async () => {
    const token = await forge(key, claims({ aud: 'canary-audience', sub: 'canary-subject' }));
    const { message } = await send(token);
    expect(message).not.toMatch(/canary/);
    await send(await provider.token());
    const log = server.log.join('');
    expect(log).not.toMatch(/canary|eyJ/);
    expect(log).toContain('"code":"UNAUTHENTICATED"');
  });
});

describe('the keys of a provider', () => {
  let own: IdentityProvider;
  let guarded: TestServer;

  beforeEach(async () => {
    own = await startIdentityProvider({ keys: [key] });
    guarded = await serverWith(authOf([issuerOf(own.issuer)]));
    return async () => {
      await guarded[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    };
  });
  const ask = async (token: string) => (await send(token, { to: guarded })).status;

  it('are found by discovery, once for all requests that wait', async () => {
    const token = await own.token();
    own.asked.length = 0;
    const statuses = await Promise.all(Array.from({ length: 20 }, () => ask(token)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(own.asked.filter((path) => path === '/jwks').length).toBeLessThanOrEqual(1);
  });

  it('rotate without a failed request, also with a key that is used before anybody could know it', async () => {
    expect(await ask(await own.token())).toBe(200);
    const next = await makeKey('next');
    own.rotate(next, key);
    const old = await forge(key, { ...claims(), iss: own.issuer });
    const tokens = [await own.token(), old, await own.token()];
    expect(await Promise.all(tokens.map(ask))).toEqual([200, 200, 200]);
    const last = await makeKey('last');
    own.rotate(last);
    expect(await ask(await own.token())).toBe(200);
    expect(await ask(old)).toBe(401);
    expect(await ask(await forge(key, { ...claims(), iss: own.issuer, jti: 'new' }))).toBe(401);
  });

  it('rotate also where they have no names, or the same name', async () => {
    expect(await ask(await own.token())).toBe(200);
    for (const kid of ['first', undefined]) {
      const next = await makeKey(kid as string);
      own.rotate(next);
      expect(await ask(await own.token()), kid).toBe(200);
    }
  });

  it('serve on while the provider is away, for tokens that were seen and for new ones', async () => {
    const seen = await own.token();
    expect(await ask(seen)).toBe(200);
    own.setAway(true);
    expect(await ask(seen)).toBe(200);
    expect(await ask(await forge(key, { ...claims(), iss: own.issuer, jti: 'new' }))).toBe(200);
    const unknown = await makeKey('unknown');
    const token = await forge(unknown, { ...claims(), iss: own.issuer });
    expect(await send(token, { to: guarded })).toMatchObject({
      status: 503,
      code: 'IDENTITY_PROVIDER_UNAVAILABLE',
    });
    expect(await ask(await forge(await makeKey('first'), { ...claims(), iss: own.issuer }))).toBe(401);
    own.rotate(unknown, key);
    own.setAway(false);
    await expect.poll(() => ask(token), { timeout: 10_000 }).toBe(200);
  });

  it('that are not there yet let no token in, and the server recovers by itself', async () => {
    own.setAway(true);
    await using late = await serverWith(authOf([issuerOf(own.issuer)]));
    const token = await forge(key, { ...claims(), iss: own.issuer });
    const { status, code } = await send(token, { to: late });
    expect([status, code]).toEqual([503, 'IDENTITY_PROVIDER_UNAVAILABLE']);
    expect(late.log.join('')).toContain('keys of the identity provider not loaded');
    own.setAway(false);
    await expect.poll(async () => (await send(token, { to: late })).status, { timeout: 10_000 }).toBe(200);
  });

  it('that were withdrawn while no request came let no token in, also one that was accepted before', async () => {
    await using withdrawing = await startIdentityProvider({ keys: [key] });
    let at = 0;
    const log = { info() {}, warn() {} } as never;
    const authenticator = createAuthenticator(authOf([issuerOf(withdrawing.issuer)]), log, {
      clock: () => at,
    });
    const [token, later] = [await withdrawing.token(), await withdrawing.token('other')];
    const identify = async (text: string) =>
      authenticator.identify({ rawHeaders: ['Authorization', `Bearer ${text}`] });
    expect(await identify(token)).toMatchObject({ subject: 'machine' });
    withdrawing.rotate(await makeKey('second'));
    at = 1_200_001;
    await expect(identify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(identify(later)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    authenticator.close();
  });

  it('are asked for a few times a minute, however many unknown keys are named', async () => {
    expect(await ask(await own.token())).toBe(200);
    own.asked.length = 0;
    const stranger = await makeKey('stranger');
    for (let n = 0; n < 40; n += 1) {
      expect(await ask(await forge(stranger, { ...claims(), iss: own.issuer }, { kid: `k${n}` }))).toBe(401);
    }
    expect(own.asked.filter((path) => path === '/jwks').length).toBeLessThanOrEqual(10);
  });
});

describe('what a provider answers', () => {
  type Answers = Record<string, (origin: string) => { status?: number; headers?: object; body: string }>;

  /** A server that answers as it likes. */
  async function statusWith(answers: Answers): Promise<number> {
    const host = createServer((request, response) => {
      const answer = answers[request.url as string]?.(origin) ?? { status: 404, body: '' };
      response.writeHead(answer.status ?? 200, { ...answer.headers }).end(answer.body);
    });
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
    try {
      await using guarded = await serverWith(authOf([issuerOf(origin)]));
      return (await send(await forge(key, { ...claims(), iss: origin }), { to: guarded })).status;
    } finally {
      host.closeAllConnections();
      host.close();
    }
  }
  const discovery = '/.well-known/openid-configuration';
  const discovered = (origin: string) => ({
    body: JSON.stringify({ issuer: origin, jwks_uri: `${origin}/keys` }),
  });
  const keySet = () => {
    const { kty, n, e, kid, alg, use } = key.jwk;
    return { kty, n, e, kid, alg, use };
  };

  it('is followed where it is right', async () => {
    const body = JSON.stringify({ keys: [keySet()] });
    expect(await statusWith({ [discovery]: discovered, '/keys': () => ({ body }) })).toBe(200);
  });

  it.each<[what: string, answers: Answers]>([
    [
      'another issuer’s discovery document',
      {
        [discovery]: (origin) => ({
          body: JSON.stringify({ issuer: `${origin}/`, jwks_uri: `${origin}/keys` }),
        }),
      },
    ],
    [
      'keys at an address without TLS',
      {
        [discovery]: (origin) => ({
          body: JSON.stringify({ issuer: origin, jwks_uri: 'http://keys.example/keys' }),
        }),
      },
    ],
    [
      'keys of a file',
      {
        [discovery]: (origin) => ({
          body: JSON.stringify({ issuer: origin, jwks_uri: 'file:///etc/passwd' }),
        }),
      },
    ],
    [
      'a redirect',
      {
        [discovery]: discovered,
        '/keys': (origin) => ({ status: 302, headers: { location: `${origin}/others` }, body: '' }),
        '/others': () => ({ body: JSON.stringify({ keys: [] }) }),
      },
    ],
    [
      'text without end',
      { [discovery]: discovered, '/keys': () => ({ body: `{"keys":[],"x":"${'x'.repeat(300_000)}"}` }) },
    ],
    ['no JSON', { [discovery]: discovered, '/keys': () => ({ body: '<html>' }) }],
    ['no keys', { [discovery]: discovered, '/keys': () => ({ body: '{"keys":{}}' }) }],
    [
      'too many keys',
      {
        [discovery]: discovered,
        '/keys': () => ({ body: JSON.stringify({ keys: Array(101).fill(keySet()) }) }),
      },
    ],
    ['an error', { [discovery]: discovered, '/keys': () => ({ status: 500, body: '' }) }],
  ])('counts for nothing: %s', async (_what, answers) => {
    expect(await statusWith(answers)).toBe(503);
  });

  it.each([1, 2])('has all keys of one name tried: %i others before the right one', async (others) => {
    const twins = await Promise.all(Array.from({ length: others }, () => makeKey('first')));
    const keys = [...twins.map(({ jwk: { kty, n, e } }) => ({ ...keySet(), kty, n, e })), keySet()];
    const body = JSON.stringify({ keys });
    expect(await statusWith({ [discovery]: discovered, '/keys': () => ({ body }) })).toBe(200);
    const without = JSON.stringify({ keys: keys.slice(0, -1) });
    expect(await statusWith({ [discovery]: discovered, '/keys': () => ({ body: without }) })).toBe(401);
  });

  it('has keys passed over that are none, beside the right one and alone', async () => {
    const broken = [
      { kty: 'RSA', kid: 'first', alg: 'RS256' },
      { kty: 'RSA', kid: 'first', alg: 'RS256', n: '!', e: 'AQAB' },
      { kty: 'EC', kid: 'first', crv: 'P-999', x: 'AA', y: 'AA' },
      { kty: 'XYZ', kid: 'first' },
      { kid: 'first' },
      { kty: ['RSA'], kid: { first: 1 }, use: 1 },
      {},
    ];
    for (const [keys, status] of [
      [[...broken, keySet()], 200],
      [broken, 401],
      [[{ ...keySet(), kty: 'EC' }], 401],
      [[{ ...keySet(), use: 'enc' }], 401],
      [[{ ...keySet(), key_ops: ['encrypt'] }], 401],
    ] as const) {
      const body = JSON.stringify({ keys });
      expect(await statusWith({ [discovery]: discovered, '/keys': () => ({ body }) }), body).toBe(status);
    }
  });

  it('lets a secret key that it publishes prove nothing', async () => {
    const body = JSON.stringify({ keys: [{ kty: 'oct', k: 'AAAA', kid: 'first' }, null, 1, 'x'] });
    expect(await statusWith({ [discovery]: discovered, '/keys': () => ({ body }) })).toBe(401);
  });
});

describe('a provider that is slow', () => {
  /** A server before the provider, which can hold its answers back. */
  async function behind(origin: string) {
    const asked: string[] = [];
    const held: { readonly path: string; readonly response: ServerResponse }[] = [];
    let how: 'pass' | 'hang' | 'trickle' = 'pass';
    let delayMs = 0;
    const proxy = createServer(async (request, response) => {
      asked.push(request.url as string);
      if (how === 'hang') return void held.push({ path: request.url as string, response });
      if (how === 'trickle') {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 50);
        return void response.on('close', () => clearInterval(timer));
      }
      const text = await answerTo(request.url as string);
      await delay(delayMs);
      response.end(text);
    });
    const answerTo = async (path: string) =>
      (await (await fetch(origin + path)).text()).replaceAll(origin, address());
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = () => `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    return {
      issuer: address(),
      asked,
      set(now: typeof how, ms = 0) {
        how = now;
        delayMs = ms;
      },
      /** Answers what hangs, as the provider does. */
      async release() {
        how = 'pass';
        for (const { path, response } of held.splice(0)) response.end(await answerTo(path));
      },
      async [Symbol.asyncDispose]() {
        proxy.closeAllConnections();
        await new Promise((resolve) => proxy.close(resolve));
      },
    };
  }
  const tokenOf = (issuer: string, by = key, more = {}) => forge(by, { ...claims(), iss: issuer, ...more });

  it.concurrent.each([
    ['never answers', 'hang', 0],
    ['sends a byte now and then', 'trickle', 0],
    ['takes its time at each of two steps', 'pass', 3500],
  ] as const)('and %s is unavailable after five seconds', async (_what, how, ms) => {
    await using slow = await behind(provider.issuer);
    slow.set(how, ms);
    await using guarded = await serverWith(authOf([issuerOf(slow.issuer)]));
    expect(await send(await tokenOf(slow.issuer), { to: guarded })).toMatchObject({
      status: 503,
      code: 'IDENTITY_PROVIDER_UNAVAILABLE',
      data: undefined,
    });
    slow.set('pass');
    await expect
      .poll(async () => (await send(await tokenOf(slow.issuer), { to: guarded })).status, { timeout: 20_000 })
      .toBe(200);
  });

  it('keeps no caller waiting whose key is known, and is asked once for all whose key is not', async () => {
    await using slow = await behind(provider.issuer);
    await using guarded = await serverWith(authOf([issuerOf(slow.issuer)]));
    expect((await send(await tokenOf(slow.issuer), { to: guarded })).status).toBe(200);
    slow.asked.length = 0;
    slow.set('hang');
    const strangers = await Promise.all(['a', 'b', 'c'].map((kid) => makeKey(kid)));
    let over = false;
    const unknown = Promise.all(
      Array.from({ length: 30 }, async (_, at) =>
        send(await tokenOf(slow.issuer, strangers[at % 3], { jti: String(at) }), { to: guarded }),
      ),
    ).finally(() => {
      over = true;
    });
    await expect.poll(() => slow.asked.length, { timeout: 20_000 }).toBe(1);
    for (let n = 0; n < 10; n += 1) {
      const { status } = await send(await tokenOf(slow.issuer, key, { jti: `k${n}` }), { to: guarded });
      expect([status, over]).toEqual([200, false]);
    }
    expect(slow.asked.length).toBe(1);
    await slow.release();
    expect(new Set((await unknown).map(({ status }) => status))).toEqual(new Set([401]));
  });
});

describe('several issuers', () => {
  it('have their own keys, audiences and roles, and none signs for the other', async () => {
    const otherKey = await makeKey('other', 'ES256');
    const rsa = await makeKey('first');
    await using other = await startIdentityProvider({ keys: [rsa, otherKey], audience: 'tandem-other' });
    await using both = await serverWith(
      authOf([
        issuerOf(provider.issuer),
        issuerOf(other.issuer, {
          audience: ['tandem-other'],
          rolesClaim: 'realm_access.roles',
          roles: { nurses: ['nurse'] },
        }),
      ]),
    );
    const ask = (token: Promise<string>) => token.then((text) => send(text, { to: both }));
    const theirs = {
      ...claims(),
      iss: other.issuer,
      aud: 'tandem-other',
      realm_access: { roles: ['nurses', 'x'] },
    };
    expect(await ask(provider.token())).toMatchObject(answered);
    expect(await ask(forge(otherKey, theirs))).toMatchObject(answered);
    expect(both.log.join('')).toContain('"role":"nurse"');
    expect(await ask(forge(otherKey, claims()))).toMatchObject(refused());
    expect(await ask(forge(key, theirs))).toMatchObject(refused());
    expect(await ask(forge(rsa, { ...claims(), iss: other.issuer }))).toMatchObject(
      refused('The token is for another audience.'),
    );
  });

  it('are told apart where key id, audience and subject are the same, in limits and in the log, too', async () => {
    const twin = await makeKey('first');
    await using other = await startIdentityProvider({ keys: [twin] });
    const limited = {
      ...rules,
      roles: { ...rules.roles, reader: { description: 'A test.', requestsPerMinute: 3 } },
    };
    const auth = authOf([issuerOf(provider.issuer), issuerOf(other.issuer)]);
    await using both = await startServer({ ...databases.config, auth }, { rules: limited });
    const of = (issuer: string, by: SigningKey) => forge(by, { ...claims(), iss: issuer });
    const [own, theirs] = [await of(provider.issuer, key), await of(other.issuer, twin)];
    const statuses = async (...tokens: string[]) => {
      const found: number[] = [];
      for (const token of tokens) found.push((await send(token, { to: both })).status);
      return found;
    };
    expect(await statuses(own, theirs)).toEqual([200, 200]);
    expect(await statuses(await of(provider.issuer, twin), await of(other.issuer, key))).toEqual([401, 401]);
    // The signature of one on what the other says.
    const crossed = [...own.split('.').slice(0, 2), theirs.split('.')[2]].join('.');
    expect(await statuses(crossed)).toEqual([401]);
    expect(await statuses(own, own, own, theirs, theirs, theirs)).toEqual([200, 200, 429, 200, 200, 429]);
    for (const { issuer } of [provider, other])
      expect(both.log.join('')).toContain(`"subject":"machine","role":"reader","issuer":"${issuer}"`);
  });

  it('take the token of a proxy from its own header alone', async () => {
    const proxyKey = await makeKey('proxy', 'ES256');
    await using proxy = await startIdentityProvider({ keys: [await makeKey('rsa'), proxyKey] });
    const settings = { header: 'x-goog-iap-jwt-assertion', jwksUri: `${proxy.issuer}/jwks` };
    const iap = 'https://cloud.google.com/iap';
    await using behind = await serverWith(authOf([issuerOf(iap, settings), issuerOf(provider.issuer)]));
    const token = await forge(proxyKey, { ...claims(), iss: iap });
    const inHeader = { 'x-goog-iap-jwt-assertion': token };
    expect(await send(undefined, { to: behind, headers: inHeader })).toMatchObject(answered);
    expect(await send(token, { to: behind })).toMatchObject(refused());
    const bearer = await provider.token();
    expect(
      await send(undefined, { to: behind, headers: { 'x-goog-iap-jwt-assertion': bearer } }),
    ).toMatchObject(refused());
    expect(await send(bearer, { to: behind, headers: inHeader })).toMatchObject({
      status: 400,
      code: 'BAD_REQUEST',
    });
  });
});

describe('an API key', () => {
  const keyOf = (text: string) => createHash('sha256').update(text).digest('hex');
  const machine = 'tandem_Zk3v9Qx1m4dXw0bq7sT5uA2eHnRfYcLp8gJiKoMt6Vz';

  it('is accepted by its hash, until it ends or leaves the list', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'tandem-keys-')), 'keys.json');
    const write = (list: object[]) => writeFile(file, JSON.stringify(list));
    const entry = { name: 'nightly-export', sha256: keyOf(machine), roles: ['exporter'] };
    await write([
      entry,
      { name: 'old', sha256: keyOf('old-key'), roles: ['x'], expires: '2020-01-01T00:00:00Z' },
    ]);
    await using guarded = await serverWith(authOf([], { apiKeys: { file } }));
    expect(await send(machine, { to: guarded })).toMatchObject(answered);
    expect(guarded.log.join('')).toContain('"subject":"nightly-export","role":"exporter"');
    expect(guarded.log.join('')).not.toContain(machine);
    expect(await send('old-key', { to: guarded })).toMatchObject(refused('The API key has expired.'));
    for (const wrong of [`${machine}x`, keyOf(machine), 'x', machine.slice(0, -1)]) {
      expect(await send(wrong, { to: guarded })).toMatchObject(
        refused('The token is neither a JSON Web Token nor a known API key.'),
      );
    }
    expect(await send(undefined, { to: guarded })).toMatchObject(refused());
  });

  it('comes from a command as well, and stands beside tokens', async () => {
    const list = JSON.stringify([{ name: 'm', sha256: keyOf(machine), roles: ['exporter'] }]);
    const argv = [process.execPath, '-e', `console.log(${JSON.stringify(list)})`] as const;
    await using guarded = await serverWith(authOf([issuerOf(provider.issuer)], { apiKeys: { argv } }));
    expect(await send(machine, { to: guarded })).toMatchObject(answered);
    expect(await send(await provider.token(), { to: guarded })).toMatchObject(answered);
  });

  it('is refused with 503 while the list cannot be loaded', async () => {
    const argv = [process.execPath, '-e', 'process.exit(3)'] as const;
    await using guarded = await serverWith(authOf([], { apiKeys: { argv } }));
    expect(await send(machine, { to: guarded })).toMatchObject({
      status: 503,
      code: 'IDENTITY_PROVIDER_UNAVAILABLE',
    });
    expect(guarded.log.join('')).toContain('API keys not loaded');
  });
});

describe('a server that lets everybody in', () => {
  it('verifies a token that is given all the same', async () => {
    await using open = await serverWith({ mode: 'open', issuers: [], leewayMs: 0 });
    expect(await send(undefined, { to: open })).toMatchObject(answered);
    expect(await send(await provider.token(), { to: open })).toMatchObject(refused());
    expect(await send('key', { to: open })).toMatchObject(refused());
  });
});

/** Another text whose last but one character differs: of the last one, some bits can mean nothing. */
function flip(text: string): string {
  const at = text.length - 2;
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
}
