import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examples } from '../../src/graphql/examples.ts';
import { sourceNames } from '../../src/source-name.ts';
import { createDatabases, limits, type TestDatabases } from '../helpers/databases.ts';
import { rawRequest } from '../helpers/raw-request.ts';
import { startSeededServer, startServer, type TestServer } from '../helpers/server.ts';
import { statementsOf } from '../helpers/statements.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startSeededServer(5);
});
afterAll(() => server?.[Symbol.asyncDispose]());

const send = (body: string | Buffer, headers: Record<string, string> = {}) =>
  rawRequest(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body.toString(),
  });
const post = (query: string, variables?: unknown) => send(JSON.stringify({ query, variables }));
const many = (count: number, make: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => make(n)).join(' ');
const nested = (levels: number, open: string, inner: string, close: string) =>
  open.repeat(levels) + inner + close.repeat(levels);
const page = (fields: string) => `{ patients(source: AZURE) { nodes { ${fields} } } }`;

/** A fragment that doubles with each further one: what it expands to is 2 to their number. */
const bomb = (length: number) =>
  `{ patients(source: AZURE) { nodes { ...f0 } } } ${many(
    length,
    (n) =>
      `fragment f${n} on Patient { records { patient { key ${n + 1 < length ? `...f${n + 1}` : ''} } r: patient { ${n + 1 < length ? `...f${n + 1}` : 'key'} } } }`,
  )}`;

const hostile: Record<string, readonly [send: () => ReturnType<typeof send>, status: number, code: string]> =
  {
    'fields below each other': [
      () => post(page(nested(20, 'records { patient { ', 'key', ' } }'))),
      400,
      'OPERATION_TOO_COMPLEX',
    ],
    'introspection below itself': [
      () =>
        post(nested(1, '{ __schema { types ', nested(20, '{ fields { type ', '{ name }', ' } }'), ' } }')),
      400,
      'OPERATION_TOO_COMPLEX',
    ],
    aliases: [() => post(page(many(200, (n) => `a${n}: firstName`))), 400, 'OPERATION_TOO_COMPLEX'],
    'aliases of __typename': [
      () => post(`{ ${many(500, (n) => `a${n}: __typename`)} }`),
      400,
      'OPERATION_TOO_COMPLEX',
    ],
    'root fields': [
      () => post(`{ ${many(30, (n) => `a${n}: patient(source: GCP, key: ${n}) { key }`)} }`),
      400,
      'OPERATION_TOO_COMPLEX',
    ],
    'one field, again and again': [() => post(page(many(500, () => 'key'))), 400, 'OPERATION_TOO_COMPLEX'],
    'directives that there are': [
      () => post(page(many(100, () => 'key @include(if: true)'))),
      400,
      'OPERATION_TOO_COMPLEX',
    ],
    'directives that there are not': [
      () => post(page(`key ${many(500, (n) => `@a${n}`)}`)),
      400,
      'OPERATION_TOO_COMPLEX',
    ],
    'lists in lists in lists': [
      () =>
        post(
          '{ patients(source: AZURE, first: 100) { nodes { records { patient { records { patient { records { diagnosis } } } } } } } }',
        ),
      400,
      'OPERATION_TOO_COMPLEX',
    ],
    'pages whose size is in a variable': [
      () =>
        post(
          'query ($n: Int!) { patients(source: AZURE, first: $n) { nodes { records { patient { records { key diagnosis } } } } } }',
          { n: 1000 },
        ),
      400,
      'OPERATION_TOO_COMPLEX',
    ],
    'pages whose size is a variable’s default': [
      () =>
        post(
          'query ($n: Int = 1000) { patients(source: AZURE, first: $n) { nodes { records { patient { records { key diagnosis } } } } } }',
        ),
      400,
      'OPERATION_TOO_COMPLEX',
    ],
    'fragments that double': [() => post(bomb(6)), 400, 'OPERATION_TOO_COMPLEX'],
    'many fragments that double': [() => post(bomb(100)), 400, 'OPERATION_TOO_COMPLEX'],
    'fragments in a circle': [
      () => post(`${page('...a')} fragment a on Patient { key ...b } fragment b on Patient { key ...a }`),
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    'a document of 260 kB': [() => post(page(many(40_000, () => 'key'))), 400, 'GRAPHQL_PARSE_FAILED'],
    'a document nested without end': [() => post(nested(5000, '{ a ', '', '}')), 400, 'GRAPHQL_PARSE_FAILED'],
    'a number of a million digits': [
      () => post(`{ patient(source: AZURE, key: ${'9'.repeat(900_000)}) { key } }`),
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    'a filter below itself, in the document': [
      () =>
        post(
          `{ patients(source: AZURE, where: ${nested(300, '{ not: ', '{ key: { eq: 1 } }', ' }')}) { nodes { key } } }`,
        ),
      200,
      'BAD_USER_INPUT',
    ],
    'a filter below itself, in variables': [
      () =>
        send(
          `{"query":"query ($w: PatientFilter) { patients(source: AZURE, where: $w) { nodes { key } } }","variables":{"w":${nested(20_000, '{"not":', '{}', '}')}}}`,
        ),
      400,
      'OPERATION_TOO_COMPLEX',
    ],
    'lists below each other in variables': [
      () => send(`{"query":"{ __typename }","variables":{"w":${nested(100_000, '[', '', ']')}}}`),
      400,
      'OPERATION_TOO_COMPLEX',
    ],
    'a body of 5 MB': [() => post(`{ __typename } # ${'x'.repeat(5_000_000)}`), 413, 'PAYLOAD_TOO_LARGE'],
    'a list of operations': [
      () => send(JSON.stringify(Array.from({ length: 100 }, () => ({ query: page('key') })))),
      400,
      'BAD_REQUEST',
    ],
    'a form': [
      () => send('query=%7B__typename%7D', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    'a form with files': [
      () => send('--x--', { 'content-type': 'multipart/form-data; boundary=x' }),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
  };

describe('a hostile request', () => {
  it.each(Object.entries(hostile))(
    '%s: refused, in time, with a code, and no database hears of it',
    async (_what, [ask, status, code]) => {
      const statements: string[] = [];
      const before = process.memoryUsage.rss();
      const started = performance.now();
      let answer: Awaited<ReturnType<typeof send>> | undefined;
      for (const name of sourceNames) {
        statements.push(
          ...(await statementsOf(server.sources[name], async () => {
            answer = await ask();
          })),
        );
      }
      expect(performance.now() - started).toBeLessThan(3000);
      expect(process.memoryUsage.rss() - before).toBeLessThan(300e6);
      const { errors } = JSON.parse(answer?.body.toString() ?? '');
      expect([answer?.status, errors[0].extensions.code]).toEqual([status, code]);
      expect(errors.length).toBeLessThanOrEqual(11);
      expect(answer?.body.length).toBeLessThan(1_100_000);
      expect(statements).toEqual([]);
      expect((await server.ask('{ __typename }')).data).toEqual({ __typename: 'Query' });
    },
  );
});

describe('what is meant well', () => {
  it.each(examples.map((example) => [example.name, example] as const))(
    'passes: %s',
    async (_name, example) => {
      const variables = 'variables' in example ? example.variables : {};
      const { errors = [] } = await server.ask(example.query, variables as Record<string, unknown>);
      expect(errors.map(({ extensions }) => extensions.code)).not.toContain('OPERATION_TOO_COMPLEX');
    },
  );

  it('passes: introspection as explorers ask it', async () => {
    const query = getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true });
    expect((await server.ask(query)).errors).toBeUndefined();
  });

  it('passes: pages of every size, with their records', async () => {
    const query =
      'query ($n: Int!) { patients(source: AZURE, first: $n) { nodes { key firstName lastName dateOfBirth gender records { diagnosis treatment admissionDate dischargeDate } } } }';
    for (const n of [1, 200, 1000]) expect((await server.ask(query, { n })).errors).toBeUndefined();
  });
});

describe('limits', () => {
  let databases: TestDatabases;
  beforeAll(async () => {
    databases = await createDatabases({ migrated: false });
  });
  afterAll(() => databases?.[Symbol.asyncDispose]());

  it('say which one it was, and by how much', async () => {
    const { errors } = await server.ask(page(many(60, (n) => `a${n}: key`)));
    expect(errors).toEqual([
      {
        message: 'The document has 60 aliases; 50 are allowed.',
        extensions: {
          code: 'OPERATION_TOO_COMPLEX',
          limit: 'aliases',
          retryable: false,
          remedy: expect.stringContaining('Ask for less'),
        },
      },
    ]);
  });

  it('are set by the configuration', async () => {
    await using strict = await startServer({ ...databases.config, limits: { ...limits, aliases: 1 } });
    expect((await strict.ask('{ a: __typename }')).errors).toBeUndefined();
    expect((await strict.ask('{ a: __typename b: __typename }')).errors?.[0].extensions.limit).toBe(
      'aliases',
    );
  });

  it('count requests of an address, where that is asked for', async () => {
    await using strict = await startServer({
      ...databases.config,
      limits: { ...limits, requestsPerMinute: 3 },
    });
    const statuses = [];
    for (let n = 0; n < 5; n++) {
      const answer = await strict.ask('{ __typename }');
      statuses.push(answer.status);
      if (answer.status === 429) {
        expect(answer.errors?.[0].extensions).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
    }
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect((await fetch(`${strict.url}/livez`)).status).toBe(200);
  });

  it('tell nothing of the schema in production', async () => {
    await using production = await startServer(databases.config, { production: true });
    const { errors } = await production.ask('{ patientz(source: AZURE) { nodes { key } } }');
    expect(errors?.[0].message).not.toMatch(/did you mean/i);
    expect((await production.ask('{ __schema { types { name } } }')).errors?.[0].extensions.code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    );
  });
});
