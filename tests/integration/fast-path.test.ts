import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFastPath } from '../../src/graphql/fast-path.ts';
import { type Step, type StepHook, stepHooks } from '../../src/graphql/pipeline/compose.ts';
import { stepsOf } from '../../src/graphql/pipeline/steps.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { createLog } from '../../src/log/log.ts';
import { idOf } from '../../src/persisted-documents/manifest-format.ts';
import { Budget } from '../../src/reads/operation-budget.ts';
import { seed } from '../../src/seeders/seed.ts';
import { createApollo } from '../../src/server/apollo.ts';
import { createHttp } from '../../src/server/fastify.ts';
import { sourceNames } from '../../src/source-name.ts';
import { hostCheck } from '../../src/util/hosts.ts';
import { createDatabases, limits, type TestDatabases } from '../helpers/databases.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

let databases: TestDatabases;
let server: TestServer;
/** On the same databases, without the fast path and without compiled execution. */
let reference: TestServer;
beforeAll(async () => {
  databases = await createDatabases();
  // One connection each: what more is asked at the same time is refused.
  const config = { ...databases.config, pool: { ...databases.config.pool, max: 2, queueMax: 1 } };
  server = await startServer(config);
  reference = await startServer(config, { compileAfter: Number.POSITIVE_INFINITY });
  for (const name of sourceNames) await seed(server.sources[name], 20);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await reference[Symbol.asyncDispose]();
  await databases[Symbol.asyncDispose]();
});

interface Request {
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

/** The answer, without what differs between any two. */
async function send({ body, headers = {} }: Request, { url } = server) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const answered = Object.fromEntries(response.headers);
  delete answered.date;
  delete answered['x-request-id'];
  return { status: response.status, headers: answered, body: await response.text() };
}

const page =
  'query Page($first: Int) { patients(source: AZURE, first: $first) { nodes { key lastName records { nodes { diagnosis } } } } }';
const one = 'query One($key: Int!) { patient(source: GCP, key: $key) { key lastName } }';
const costly =
  'query Costly($first: Int) { patients(source: AZURE, first: $first) { nodes { records { nodes { doctor { records { nodes { key diagnosis treatment } } } } } } } }';
const some =
  'query Some($name: Boolean!, $key: Boolean!) { patient(source: GCP, key: 1) { id lastName @include(if: $name) key @skip(if: $key) } }';
const two =
  'query A { patient(source: AZURE, key: 1) { key } } query B { patient(source: GCP, key: 2) { key } }';

describe('a document that comes again is answered as Apollo and graphql-js answer it', () => {
  const accepting = (accept: string): Request => ({
    body: { query: one, variables: { key: 1 } },
    headers: { accept },
  });
  it.each<[string, Request]>([
    ['with variables', { body: { query: page, variables: { first: 3 } } }],
    ['without variables', { body: { query: page } }],
    ['with null for variables and extensions', { body: { query: page, variables: null, extensions: null } }],
    ['with an extension', { body: { query: page, extensions: { clientLibrary: { name: 'a client' } } } }],
    ['with a variable of a wrong type', { body: { query: one, variables: { key: 'one' } } }],
    ['without a variable that it needs', { body: { query: one } }],
    ['with variables that are a list', { body: { query: one, variables: [1] } }],
    ['with a list for variables that may be absent', { body: { query: page, variables: [1] } }],
    ['with a text for them', { body: { query: page, variables: '{}' } }],
    ['with variables that are a text', { body: { query: one, variables: '{"key":1}' } }],
    ['with variables that cost little', { body: { query: costly, variables: { first: 1 } } }],
    ['with variables that cost too much', { body: { query: costly, variables: { first: 1000 } } }],
    ['with one field, as variables decide', { body: { query: some, variables: { name: true, key: false } } }],
    ['with the other', { body: { query: some, variables: { name: false, key: true } } }],
    ['with both', { body: { query: some, variables: { name: true, key: true } } }],
    ['with variables that no resolver takes', { body: { query: page, variables: { first: -1 } } }],
    ['with the name of an operation', { body: { query: two, operationName: 'B' } }],
    ['with an empty name', { body: { query: page, operationName: '' } }],
    ['with the name of no operation', { body: { query: two, operationName: 'C' } }],
    ['with a name that is a number', { body: { query: two, operationName: 5 } }],
    ['without the name that it needs', { body: { query: two } }],
    ['with extensions that are a list', { body: { query: one, variables: { key: 1 }, extensions: [] } }],
    [
      'with a hash that is another’s',
      { body: { query: page, extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } } },
    ],
    ['for a client that takes anything', accepting('*/*')],
    ['for one of the new media type', accepting('application/graphql-response+json')],
    ['for one that prefers the old', accepting('application/graphql-response+json;q=0.5, application/json')],
    ['for one that takes neither', accepting('text/html')],
    ['for one that takes gzip', { body: { query: page }, headers: { 'accept-encoding': 'gzip' } }],
  ])('%s', async (_name, request) => {
    const expected = await send(request, reference);
    for (let time = 0; time < 3; time++) expect(await send(request)).toEqual(expected);
  });

  it('and apart from others of its length', async () => {
    const ofKey = (key: number) => ({
      body: { query: `{ patient(source: AZURE, key: ${key}) { key } }` },
    });
    for (let time = 0; time < 3; time++) {
      for (const key of [1, 2, 3]) {
        expect(JSON.parse((await send(ofKey(key))).body).data.patient.key).toBe(key);
      }
    }
  });

  it('and whatever came before with it: filters, orders, the end that a page is of, and cursors', async () => {
    const query = `query Listed($where: PatientWhere, $orderBy: [PatientOrderBy!], $first: Int, $last: Int, $after: String) {
      patients(source: AZURE, where: $where, orderBy: $orderBy, first: $first, last: $last, after: $after) { nodes { key } edges { cursor } }
    }`;
    const listed = async (variables: object) => {
      const { patients } = JSON.parse((await send({ body: { query, variables } })).body).data;
      return patients as { nodes: { key: number }[]; edges: { cursor: string }[] };
    };
    const [, third] = (await listed({ first: 3 })).edges.slice(1);
    const asked: [object, number[]][] = [
      [{ first: 2 }, [1, 2]],
      [{ last: 2 }, [19, 20]],
      [{ first: 2, orderBy: [{ key: 'DESC' }] }, [20, 19]],
      [{ first: 2, where: { key: { gt: 7 } } }, [8, 9]],
      [{ first: 2, where: { key: { lt: 7 } } }, [1, 2]],
      [{ first: 2, where: { key: { gt: 7 } }, orderBy: [{ key: 'DESC' }] }, [20, 19]],
      [{ first: 2, after: third?.cursor }, [4, 5]],
    ];
    for (const order of [asked, asked.toReversed(), asked]) {
      for (const [variables, keys] of order) {
        expect((await listed(variables)).nodes.map(({ key }) => key)).toEqual(keys);
      }
    }
  });

  it('and in the media type that each client asks for, whoever came first', async () => {
    const types = [];
    for (const accept of ['application/json', 'application/graphql-response+json', 'application/json']) {
      types.push((await send(accepting(accept))).headers['content-type']);
    }
    expect(types).toEqual([
      'application/json; charset=utf-8',
      'application/graphql-response+json; charset=utf-8',
      'application/json; charset=utf-8',
    ]);
  });

  it('and registers a text with its hash', async () => {
    const query = '{ patient(source: AZURE, key: 3) { key } }';
    const extensions = { persistedQuery: { version: 1, sha256Hash: idOf(query) } };
    const found = { body: { extensions } };
    expect((await send(found)).body).toContain('PERSISTED_QUERY_NOT_FOUND');
    for (let time = 0; time < 3; time++) await send({ body: { query } });
    await send({ body: { query, extensions } });
    expect(JSON.parse((await send(found)).body).data.patient.key).toBe(3);
  });

  it('and with 503 where a pool has no room', async () => {
    const request = { body: { query: one, variables: { key: 2 } } };
    for (let time = 0; time < 2; time++) expect((await send(request)).status).toBe(200);
    // Its one connection is at work meanwhile.
    const held = server.sources.GCP.arrays({ sql: 'select sleep(1)', params: [] });
    const answers = await Promise.all(Array.from({ length: 30 }, () => send(request)));
    await held;
    const refused = answers.filter(({ body }) => body.includes('OVERLOADED'));
    expect(refused.length).toBeGreaterThan(0);
    for (const { status, headers } of refused) {
      expect(status).toBe(503);
      expect(headers['retry-after']).toBe('1');
    }
  });

  it('and reads anew', async () => {
    const create =
      'mutation Make($input: CreatePatientInput!) { createPatient(source: AZURE, input: $input) { patient { key } } }';
    const input = { firstName: 'A', lastName: 'B', dateOfBirth: '2000-01-01', gender: 'OTHER' };
    const count = { body: { query: '{ patients(source: AZURE) { totalCount } }' } };
    const before = JSON.parse((await send(count)).body).data.patients.totalCount;
    const keys = new Set();
    for (let time = 0; time < 3; time++) {
      const { body } = await send({ body: { query: create, variables: { input } } });
      keys.add(JSON.parse(body).data.createPatient.patient.key);
    }
    expect(keys.size).toBe(3);
    expect(JSON.parse((await send(count)).body).data.patients.totalCount).toBe(before + 3);
  });
});

describe('the fast path', () => {
  const query = '{ patient(source: AZURE, key: 1) { key } }';
  const context = {
    started: 0,
    log: createLog({ level: 'silent' }),
    requestId: 'a',
    budget: new Budget(),
    readers: { fallbacks: null },
  } as never;

  async function open() {
    const made = createApollo(
      createHttp(createLog({ level: 'silent' }), hostCheck([])),
      await createSchema(),
      {
        introspection: false,
        limits,
        compileAfter: 0,
      },
    );
    await made.apollo.start();
    return made;
  }

  it('is taken once Apollo has seen the document, and with the text alone', async () => {
    const { apollo, fastPath } = await open();
    expect(await fastPath.answer({ query }, '', context)).toBeNull();
    await apollo.executeOperation({ query }, { contextValue: context });
    // No source is there to be read: that an error comes is enough to see who answered.
    expect((await fastPath.answer({ query }, '', context))?.result.errors).toHaveLength(1);
    expect(await fastPath.answer({ query: `${query} ` }, '', context)).toBeNull();
    expect(await fastPath.answer({ query, operationName: 'B' }, '', context)).toBeNull();
    await apollo.stop();
  });

  it('calls every hook that a step can have, in the order of a request', async () => {
    const called: string[] = [];
    const hook = (name: StepHook) => async () => {
      called.push(name);
      return name === 'responseForOperation' ? { body: { kind: 'single', singleResult: {} } } : null;
    };
    const steps = Object.fromEntries(stepHooks.map((name) => [name, hook(name)])) as Step;
    const path = createFastPath(steps);
    const resolved = { source: query, request: {}, operation: {} } as never;
    await path.listener.didResolveOperation?.(resolved);
    expect(await path.answer({ query }, '', context)).not.toBeNull();
    expect(called).toEqual([...stepHooks]);
  });

  it('has steps without other hooks, to the compiler and when they run', () => {
    // @ts-expect-error The fast path calls no such hook.
    const planted: Step = { async executionDidStart() {} };
    expect(Object.keys(planted).every((name) => stepHooks.includes(name as StepHook))).toBe(false);
    const inUse = Object.keys(stepsOf({ limits, tell: [] }));
    expect(inUse.filter((name) => !stepHooks.includes(name as StepHook))).toEqual([]);
  });

  it('keeps a document in use, however many with literals a client sends', async () => {
    const { apollo, fastPath } = await open();
    const answers = async (text: string) => (await fastPath.answer({ query: text }, '', context)) !== null;
    await apollo.executeOperation({ query }, { contextValue: context });
    for (let key = 0; key < 40; key++) {
      const literal = `{ patient(source: AZURE, key: ${key}) { key } } # ${'x'.repeat(4000)}`;
      await apollo.executeOperation({ query: literal }, { contextValue: context });
      expect(await answers(query), `after ${key + 1} others`).toBe(true);
    }
    await apollo.stop();
  });

  it('drops the least recently used documents, and keeps none that is long', async () => {
    const { apollo, fastPath } = await open();
    const long = (n: number) => `${query} # ${n} ${'x'.repeat(8000)}`;
    const answers = async (text: string) => (await fastPath.answer({ query: text }, '', context)) !== null;
    for (let n = 0; n < 9; n++) await apollo.executeOperation({ query: long(n) }, { contextValue: context });
    const tooLong = `${long(9)}${'x'.repeat(200)}`;
    await apollo.executeOperation({ query: tooLong }, { contextValue: context });
    expect(await answers(long(0))).toBe(false);
    expect(await answers(long(1))).toBe(true);
    expect(await answers(long(8))).toBe(true);
    expect(await answers(tooLong)).toBe(false);
    await apollo.stop();
  });
});
