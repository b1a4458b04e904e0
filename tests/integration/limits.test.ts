import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { example } from '../../src/graphql/example-operation.ts';
import { sourceNames } from '../../src/source-name.ts';
import { createDatabases, limits, type TestDatabases } from '../helpers/databases.ts';
import { hostileRequests, many, page, sendHostile } from '../helpers/hostile.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { startSeededServer, startServer, type TestServer } from '../helpers/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startSeededServer(5);
});
afterAll(() => server?.[Symbol.asyncDispose]());

describe('a hostile request', () => {
  it.each(Object.entries(hostileRequests))(
    '%s: refused, in time, with a code, and no database hears of it',
    async (_what, hostile) => {
      const statements: string[] = [];
      const before = process.memoryUsage.rss();
      const started = performance.now();
      let answer: Awaited<ReturnType<typeof sendHostile>> | undefined;
      for (const name of sourceNames) {
        statements.push(
          ...(await statementsOf(server.sources[name], async () => {
            answer = await sendHostile(server.url, hostile);
          })),
        );
      }
      // One that is not refused takes minutes.
      expect(performance.now() - started).toBeLessThan(10_000);
      expect(process.memoryUsage.rss() - before).toBeLessThan(300e6);
      const { errors } = JSON.parse(answer?.body.toString() ?? '');
      const { status = 400, code } = hostile;
      expect([answer?.status, errors[0].extensions.code]).toEqual([status, code]);
      // 10 of a document, and 50 of variables, with one that says so.
      expect(errors.length).toBeLessThanOrEqual(51);
      expect(answer?.body.length).toBeLessThan(1_100_000);
      expect(statements).toEqual([]);
      expect((await server.ask('{ __typename }')).data).toEqual({ __typename: 'Query' });
    },
  );
});

describe('what is meant well', () => {
  it('passes: the operation that Sandbox opens with', async () => {
    expect((await server.ask(example)).errors).toBeUndefined();
  });

  it('passes: introspection as editors ask it', async () => {
    const query = getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true });
    expect((await server.ask(query)).errors).toBeUndefined();
  });

  it('passes: pages of every size, with their records', async () => {
    const query =
      'query ($n: Int!) { patients(source: AZURE, first: $n) { nodes { key firstName lastName dateOfBirth gender records(first: 10) { nodes { diagnosis treatment admissionDate dischargeDate } } } } }';
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

  it('come before all rules of GraphQL, which do not read what is refused', async () => {
    const { errors } = await server.ask(page(`nothing ${many(60, (n) => `a${n}: key`)}`));
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['OPERATION_TOO_COMPLEX']);
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
