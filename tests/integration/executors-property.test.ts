import { type GraphQLSchema, parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSchema } from '../../src/graphql/schema.ts';
import { globalId } from '../../src/reads/global-id.ts';
import { seed as seedRows } from '../../src/seeders/seed.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { putOddRows } from '../helpers/odd-rows.ts';
import { type RandomOperation, randomOperation } from '../helpers/random-operations.ts';
import { seed } from '../helpers/random-seed.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

// Random operations on odd rows, answered by graphql-js alone and by what is compiled: both must answer the same.

const operations = Number(
  process.env.TANDEM_TEST_OPERATIONS ?? (process.env.TANDEM_LONG === '1' ? 5000 : 100),
);

interface Side extends AsyncDisposable {
  readonly server: TestServer;
}

let schema: GraphQLSchema;
/** Compiled from the second time on, by the fast path; with rows of its own, as mutations change them. */
let compiled: Side;
/** Without the fast path and without compiled execution. */
let reference: Side;

async function open(compileAfter: number): Promise<Side> {
  const databases: TestDatabases = await createDatabases();
  const server = await startServer(databases.config, { compileAfter });
  await putOddRows(databases.config);
  await seedRows(server.sources.GCP, 10);
  return {
    server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await databases[Symbol.asyncDispose]();
    },
  };
}

beforeAll(async () => {
  schema = await createSchema();
  compiled = await open(1);
  reference = await open(Number.POSITIVE_INFINITY);
});
afterAll(async () => {
  await compiled?.[Symbol.asyncDispose]();
  await reference?.[Symbol.asyncDispose]();
});

const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };

/** The answer as text. Root fields are read at once, and their errors are in the order in which they came. */
async function answerOf(response: Response) {
  const text = await response.text();
  const { errors, ...rest } = JSON.parse(text);
  const inOrder = errors?.map((error: unknown) => JSON.stringify(error)).toSorted();
  const shown = ['content-type', 'cache-control', 'retry-after'].map((name) => response.headers.get(name));
  return { status: response.status, headers: shown, errors: inOrder, rest: JSON.stringify(rest), text };
}

const post = async ({ server }: Side, { query, variables, operationName }: RandomOperation) =>
  answerOf(
    await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables, operationName }),
    }),
  );

/** Apollo's way, with what was compiled. */
async function get({ server }: Side, { query, variables, operationName }: RandomOperation) {
  const parameters = new URLSearchParams({
    query,
    variables: JSON.stringify(variables),
    ...(operationName && { operationName }),
  });
  return answerOf(await fetch(`${server.url}/graphql?${parameters}`, { headers }));
}

/** A comparison goes on by itself and tells when: both servers answer what theirs has come to. */
const isOfRuns = /\b(?:parity|startParity|cancelParity)\b/;

const ids = ['Patient', 'Doctor', 'MedicalRecord'].flatMap((type) =>
  [1, 2, 3, 4, 8, 9, 77].flatMap((key) => [globalId('AZURE', type, key), globalId('GCP', type, key)]),
);

it(`are no different in ${operations} operations, seed ${seed}`, { timeout: 3_600_000 }, async () => {
  const cursors: string[] = [];
  const tally = { valid: 0, data: 0, errors: 0, mutations: 0, unreadable: 0 };
  let ofRuns = 0;
  for (let n = 0; n < operations; n++) {
    const operation = randomOperation(schema, (seed + n) | 0, { ids, cursors });
    if (isOfRuns.test(operation.query)) {
      ofRuns += 1;
      continue;
    }
    const about = `operation ${n} of seed ${seed}: ${JSON.stringify(operation)}`;
    const isValid = validate(schema, parse(operation.query)).length === 0;
    const times = operation.isMutation ? 3 : 1;
    const expected = [];
    for (let time = 0; time < times; time++) expected.push(await post(reference, operation));
    for (let time = 0; time < 3; time++) {
      const { text, ...answer } = await post(compiled, operation);
      const { text: _, ...same } = expected[Math.min(time, times - 1)] as Awaited<ReturnType<typeof post>>;
      expect(answer, `time ${time} of ${about}`).toEqual(same);
      for (const [, cursor = ''] of text.matchAll(/"(?:cursor|endCursor|startCursor)":"([^"]+)"/g)) {
        cursors.push(cursor);
        if (cursors.length > 50) cursors.shift();
      }
    }
    const last = expected.at(-1);
    if (!operation.isMutation) {
      const { text: _, ...answer } = await get(compiled, operation);
      const { text: __, ...same } = last as Awaited<ReturnType<typeof post>>;
      expect(answer, `by GET, ${about}`).toEqual(same);
    }
    tally.valid += Number(isValid);
    tally.mutations += Number(operation.isMutation);
    tally.data += Number(/"data":\{.*(?:\[|\d)/.test(last?.text ?? ''));
    tally.errors += Number(last?.errors !== undefined);
    tally.unreadable += Number(last?.text.includes('UNREADABLE_VALUE') === true);
    expect(last?.text, about).not.toContain('INTERNAL_SERVER_ERROR');
  }
  // What is asked must not be all of one kind.
  for (const [what, count] of Object.entries(tally))
    expect([what, count]).toEqual([what, expect.toSatisfy((is) => is > operations / 50)]);
  expect(tally.valid).toBeGreaterThan((operations - ofRuns) * 0.9);
  if (process.env.TANDEM_LONG === '1') console.info(`seed ${seed}:`, tally);
});
