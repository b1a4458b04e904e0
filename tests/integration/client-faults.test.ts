import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

/** Once compiled from the second time on, with the fast path; once by graphql-js alone. */
let servers: readonly TestServer[];
let databases: TestDatabases;
beforeAll(async () => {
  databases = await createDatabases();
  servers = [
    await startServer(databases.config, { compileAfter: 1 }),
    await startServer(databases.config, { compileAfter: Number.POSITIVE_INFINITY }),
  ];
});
afterAll(async () => {
  for (const server of servers ?? []) await server[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});
let logged: readonly number[];
beforeEach(() => {
  logged = servers.map(({ log }) => log.length);
});

/** Sends a body three times to each server: all must answer the same. */
async function answerTo(body: unknown) {
  const answers: { status: number; text: string }[] = [];
  for (const { url } of servers) {
    for (let time = 0; time < 3; time++) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      answers.push({ status: response.status, text: await response.text() });
    }
  }
  const [first, ...others] = answers;
  for (const other of others) expect(other).toEqual(first);
  const { errors, ...rest } = JSON.parse(first?.text ?? '');
  return { status: first?.status, code: errors?.[0].extensions.code, errors, rest, text: first?.text ?? '' };
}

/** What was logged since the test began. */
const lines = () =>
  servers.flatMap(({ log }, at) =>
    log.slice(logged[at]).map((line) => JSON.parse(line) as Record<string, unknown>),
  );

const patients = async () =>
  (await servers[0]?.ask('{ patients(source: AZURE) { totalCount } }'))?.data.patients.totalCount;

const input = '{ firstName: "A", lastName: "B", dateOfBirth: "2000-01-01", gender: OTHER }';
const make = `createPatient(source: AZURE, input: ${input})`;

describe('null for a variable that decides what is selected', () => {
  it.each([
    `mutation ($x: Boolean = false) { ${make} @skip(if: $x) { patient { key } } }`,
    `mutation ($x: Boolean = true) { ${make} @include(if: $x) { patient { key } } }`,
    `mutation ($x: Boolean = false) { ${make} { patient { key @skip(if: $x) } } }`,
    `mutation ($x: Boolean = false) { ${make} { patient { ... @skip(if: $x) { key } } } }`,
    `mutation ($x: Boolean = false) { ...F } fragment F on Mutation { ${make} { patient { ...G } } } fragment G on Patient { key @skip(if: $x) }`,
    `mutation ($x: Boolean = false) { a: ${make} { patient { key } } ...F @skip(if: $x) } fragment F on Mutation { ${make} { patient { key } } }`,
    `mutation ($x: Boolean = false, $y: Boolean!) { ${make} @include(if: $y) @skip(if: $x) { patient { key } } }`,
  ])('is refused before anything runs, each time: %s', async (query) => {
    const before = await patients();
    const { status, code, rest, errors } = await answerTo({ query, variables: { x: null, y: false } });
    expect([status, code, rest]).toEqual([400, 'BAD_USER_INPUT', {}]);
    expect(errors[0].message).toContain('"$x" must not be null');
    expect(await patients()).toBe(before);
    const refusals = lines().filter(({ msg }) => msg === 'operation refused');
    expect(refusals).toHaveLength(6);
    for (const line of refusals) expect(line).toMatchObject({ level: 30, code: 'BAD_USER_INPUT' });
  });

  it('leaves the default its place where the variable is absent', async () => {
    const query = 'query ($x: Boolean = true) { a: __typename b: __typename @skip(if: $x) }';
    expect((await answerTo({ query })).rest).toEqual({ data: { a: 'Query' } });
    expect((await answerTo({ query, variables: { x: false } })).rest).toEqual({
      data: { a: 'Query', b: 'Query' },
    });
  });

  it('matters to the operation that takes it, and to no other of its document', async () => {
    const query = `query A($x: Boolean = true) { __typename @skip(if: $x) } query B($x: Int) { patients(source: AZURE, first: $x) { nodes { key } } }`;
    expect((await answerTo({ query, operationName: 'B', variables: { x: null } })).status).toBe(200);
    expect((await answerTo({ query, operationName: 'A', variables: { x: null } })).status).toBe(400);
  });
});

describe('null for a variable with a default, where the argument takes none', () => {
  const one = 'query ($key: Int = 1) { patient(source: AZURE, key: $key) { key } a: __typename }';
  it('is the client’s fault, of the field alone', async () => {
    const { status, code, rest, errors } = await answerTo({ query: one, variables: { key: null } });
    expect([status, code, errors[0].path]).toEqual([200, 'BAD_USER_INPUT', ['patient']]);
    expect(errors[0].message).toBe('Argument "key" of non-null type "Int!" must not be null.');
    expect(rest).toEqual({ data: { patient: null, a: 'Query' } });
    const refusals = lines().filter(({ msg }) => msg === 'operation refused');
    expect(refusals).toHaveLength(6);
    for (const line of refusals) expect(line).toMatchObject({ level: 30, code: 'BAD_USER_INPUT' });
  });

  it('leaves the other fields’ data and errors, also beside a list of nodes', async () => {
    const query =
      'query ($ids: [ID!] = []) { nodes(ids: $ids) { id } patients(source: AZURE, first: -1) { nodes { key } } a: __typename }';
    const { errors, rest } = await answerTo({ query, variables: { ids: null } });
    expect(errors.map(({ path }: { path: unknown }) => path)).toEqual([['nodes'], ['patients']]);
    expect(rest).toEqual({ data: { nodes: null, patients: null, a: 'Query' } });
  });

  it.each([
    ['query ($key: Int = 1) { patient(source: AZURE, key: $key) { key } }', { key: null }],
    [
      'query ($key: Int = 1, $s: Source = GCP) { patient(source: AZURE, key: $key) { key } ...F } fragment F on Query { patients(source: $s) { nodes { key } } }',
      { key: null, s: null },
    ],
    [
      'query ($l: String = "a") { patients(source: AZURE, where: { or: [{ lastName: { in: [$l] } }] }) { nodes { key } } }',
      { l: null },
    ],
    [
      'mutation ($n: String = "a") { createPatient(source: AZURE, input: { firstName: $n, lastName: "B", dateOfBirth: "2000-01-01", gender: OTHER }) { patient { key } } }',
      { n: null },
    ],
    ['query ($s: Source = AZURE) { source(source: $s) { state } }', { s: null }],
  ])('is refused with 400 where no field can run: %s', async (query, variables) => {
    const before = await patients();
    const { status, code, rest, errors } = await answerTo({ query, variables });
    expect([status, code, rest]).toEqual([400, 'BAD_USER_INPUT', {}]);
    expect(errors[0].message).toMatch(/^Variable "\$\w+" must not be null, since "\w+" takes it\.$/);
    expect(await patients()).toBe(before);
    const { status: whole } = await answerTo({
      query: query.replace('{', '{ first: __typename '),
      variables,
    });
    expect(whole).toBe(200);
  });

  it.each([
    [
      'a source',
      'query ($s: Source = AZURE) { patients(source: $s) { nodes { key } } a: __typename }',
      { s: null },
    ],
    [
      'an item',
      'query ($l: String = "a") { patients(source: AZURE, where: { lastName: { in: [$l] } }) { nodes { key } } a: __typename }',
      { l: null },
    ],
    [
      'a field of an input',
      `mutation ($n: String = "a") { createPatient(source: AZURE, input: { firstName: $n, lastName: "B", dateOfBirth: "2000-01-01", gender: OTHER }) { patient { key } } a: __typename }`,
      { n: null },
    ],
    [
      'an input',
      'mutation ($i: UpdatePatientInput = {}) { updatePatient(source: AZURE, key: 1, input: $i) { patient { key } } a: __typename }',
      { i: null },
    ],
    ['an id', 'query ($i: ID = "a") { node(id: $i) { id } a: __typename }', { i: null }],
  ])('also as %s', async (_what, query, variables) => {
    const before = await patients();
    const { status, code, text } = await answerTo({ query, variables });
    expect([status, code]).toEqual([200, 'BAD_USER_INPUT']);
    expect(text).not.toContain('INTERNAL');
    expect(await patients()).toBe(before);
  });
});

describe('a request that no operation comes of has a code, and so has its line in the log', () => {
  const one = 'query ($key: Int!) { patient(source: AZURE, key: $key) { key } }';
  it.each<[string, unknown, string]>([
    ['a subscription', { query: 'subscription { patients { key } }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a subscription beside a query',
      { query: 'query A { __typename } subscription B { x }', operationName: 'A' },
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a subscription to introspection',
      { query: 'subscription { __typename }' },
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['another kind of operation', { query: 'write { __typename }' }, 'GRAPHQL_PARSE_FAILED'],
    ['a schema', { query: 'type Query { a: Int }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['fragments alone', { query: 'fragment F on Query { __typename }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['a comment alone', { query: '# nothing' }, 'GRAPHQL_PARSE_FAILED'],
    ['spaces', { query: '  ' }, 'GRAPHQL_PARSE_FAILED'],
    ['no text', { query: '' }, 'BAD_REQUEST'],
    ['no selection', { query: '{}' }, 'GRAPHQL_PARSE_FAILED'],
    [
      'the name of a fragment',
      { query: '{ ...F } fragment F on Query { __typename }', operationName: 'F' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'the name of nothing',
      { query: '{ __typename }', operationName: 'Canary x' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['an empty name', { query: 'query A { __typename }', operationName: '' }, 'OPERATION_RESOLUTION_FAILURE'],
    [
      'no name where it needs one',
      { query: 'query A { __typename } query B { __typename }' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'one name twice',
      { query: 'query A { a: __typename } query A { b: __typename }', operationName: 'A' },
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a query that is a number', { query: 1 }, 'BAD_REQUEST'],
    ['a query that is 0', { query: 0 }, 'BAD_REQUEST'],
    ['a query that is true', { query: true }, 'BAD_REQUEST'],
    ['a query that is null', { query: null }, 'BAD_REQUEST'],
    ['a query that is a list', { query: ['{ __typename }'] }, 'BAD_REQUEST'],
    ['a query that is parsed', { query: { kind: 'Document', definitions: [] } }, 'BAD_REQUEST'],
    ['variables that are a list', { query: one, variables: [{ key: 1 }] }, 'BAD_REQUEST'],
    ['variables that are a text', { query: one, variables: '{"key":1}' }, 'BAD_REQUEST'],
    ['variables that are a number', { query: one, variables: 1 }, 'BAD_REQUEST'],
    ['variables that are true', { query: one, variables: true }, 'BAD_REQUEST'],
    ['extensions that are a list', { query: '{ __typename }', extensions: [] }, 'BAD_REQUEST'],
    ['extensions that are a text', { query: '{ __typename }', extensions: 'x' }, 'BAD_REQUEST'],
    ['extensions that are a number', { query: '{ __typename }', extensions: 1 }, 'BAD_REQUEST'],
    [
      'a persisted query that is a number',
      { query: '{ __typename }', extensions: { persistedQuery: 1 } },
      'BAD_REQUEST',
    ],
    [
      'a persisted query of another version',
      { extensions: { persistedQuery: { version: 2, sha256Hash: 'a' } } },
      'BAD_REQUEST',
    ],
    [
      'a persisted query without a hash',
      { query: '{ __typename }', extensions: { persistedQuery: { version: 1 } } },
      'BAD_REQUEST',
    ],
    ['a name that is a number', { query: '{ __typename }', operationName: 1 }, 'BAD_REQUEST'],
    ['a name that is a list', { query: '{ __typename }', operationName: ['A'] }, 'BAD_REQUEST'],
    ['an empty object', {}, 'BAD_REQUEST'],
    ['a number', 5, 'BAD_REQUEST'],
    ['null', null, 'BAD_REQUEST'],
    ['a list', [], 'BAD_REQUEST'],
    ['a text', '"{ __typename }"', 'BAD_REQUEST'],
    ['no JSON', '{', 'BAD_REQUEST'],
    ['a prototype', '{"query":"{__typename}","__proto__":{"a":1}}', 'BAD_REQUEST'],
    [
      'lists without end',
      `{"query":"{__typename}","variables":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      'OPERATION_TOO_COMPLEX',
    ],
    [
      'objects without end',
      `{"query":"{__typename}","variables":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
      'OPERATION_TOO_COMPLEX',
    ],
    ['an absent variable', { query: one }, 'BAD_USER_INPUT'],
    ['a variable of a wrong type', { query: one, variables: { key: 'Canary' } }, 'BAD_USER_INPUT'],
    [
      'a hundred wrong values',
      {
        query:
          'query ($k: [Int!]!) { patients(source: AZURE, where: { key: { in: $k } }) { nodes { key } } }',
        variables: { k: Array(100).fill('Canary') },
      },
      'BAD_USER_INPUT',
    ],
  ])('%s', async (_what, body, code) => {
    const sent = body === null ? 'null' : body;
    const answer = await answerTo(sent);
    expect([answer.status, answer.code]).toEqual([400, code]);
    expect(answer.text).not.toMatch(/INTERNAL|Canary/);
    for (const line of lines()) {
      expect(JSON.stringify(line)).not.toContain('Canary');
      expect(line.level).toBeLessThan(40);
      if (String(line.msg).startsWith('operation')) expect(line.code).toEqual(expect.any(String));
    }
  });

  it('takes the last of two values of one name, whatever way it goes', async () => {
    const body = '{"query":"{ a: __typename }","query":"{ b: __typename }"}';
    expect((await answerTo(body)).rest).toEqual({ data: { b: 'Query' } });
  });

  it('reads what extensions hold as deep as they nest', async () => {
    const deep = `{"query":"{ __typename }","extensions":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`;
    expect((await answerTo(deep)).rest).toEqual({ data: { __typename: 'Query' } });
  });
});

describe('no message repeats a value that the client sent', () => {
  const literal = (argument: string) => ({
    query: `{ patients(source: AZURE, ${argument}) { nodes { key } } }`,
  });
  const birth = (value: string) => literal(`where: { dateOfBirth: { eq: ${value} } }`);
  const filter = (where: unknown) => ({
    query: 'query ($where: PatientWhere) { patients(source: AZURE, where: $where) { nodes { key } } }',
    variables: { where },
  });
  it.each<[string, unknown]>([
    ['a LocalDate', birth('"2020-13-45 Canary"')],
    ['a LocalDate that is a number', birth('20201345')],
    ['a LocalDate that is a name', birth('Canary')],
    ['a LocalDate that is an object', birth('{ a: "Canary" }')],
    ['a LocalDate of a variable', filter({ dateOfBirth: { eq: '2020-02-30 Canary' } })],
    ['an enum', literal('where: { gender: { eq: Canary } }')],
    ['an enum that is a text', literal('where: { gender: { eq: "Canary" } }')],
    ['an enum of a variable', filter({ gender: { eq: 'Canary' } })],
    ['an Int', literal('first: "Canary"')],
    ['an Int that is too large', literal('first: 20201345202013452020')],
    ['a String', literal('where: { lastName: { eq: Canary } }')],
    ['a String of a variable', filter({ lastName: { eq: { a: 'Canary' } } })],
    ['a list', filter({ lastName: { in: [['Canary']] } })],
    ['a name of a field that is no name', filter({ 'Canary Smith': 1 })],
    ['a cursor', literal('after: "Canary"')],
    [
      'a cursor of a variable',
      {
        query: 'query ($a: String) { patients(source: AZURE, after: $a) { nodes { key } } }',
        variables: { a: 'Canary' },
      },
    ],
    ['an id', { query: '{ node(id: "Canary") { id } }' }],
    ['ids', { query: '{ nodes(ids: ["Canary"]) { id } }' }],
    [
      'a variable in an object',
      {
        query:
          'query ($x: String) { patients(source: AZURE, where: { lastName: { in: [$x, "Canary"] } }) { nodes { key } } }',
        variables: { x: null },
      },
    ],
    ['a Source', { query: '{ patients(source: Canary) { nodes { key } } }' }],
    ['a Boolean', { query: '{ __typename @skip(if: "Canary") }' }],
    ['a text without its end', { query: '{ node(id: "Canary) { id } }' }],
    ['an escape', { query: '{ node(id: "\\uCanary") { id } }' }],
    ['a character', { query: '{ node(id: ü) { id } }' }],
    ['a name of an operation', { query: 'query A { __typename }', operationName: 'Canary Smith' }],
    ['a path', '{'],
  ])('%s', async (_what, body) => {
    const { code, text } = await answerTo(body);
    expect(code).toMatch(/^(GRAPHQL_|BAD_|OPERATION_RESOLUTION)/);
    expect(text).not.toMatch(/Canary|20201345|ü/);
    expect(JSON.stringify(lines())).not.toMatch(/Canary|20201345/);
  });

  it('nor a cursor that somebody made', async () => {
    for (const place of ['Canary', '2020-13-45', 20201345, '']) {
      const cursor = Buffer.from(JSON.stringify(['+dateOfBirth+key', place, 1])).toString('base64url');
      const query = `{ patients(source: AZURE, after: "${cursor}", orderBy: [{ dateOfBirth: ASC }]) { nodes { key } } }`;
      const { text } = await answerTo({ query });
      expect(text).not.toMatch(/Canary|20201345|2020-13-45|INTERNAL/);
    }
    expect(JSON.stringify(lines())).not.toMatch(/Canary|20201345|2020-13-45/);
  });

  it('nor an address', async () => {
    for (const { url } of servers) {
      for (const path of [
        '/Canary',
        '/%zzCanary',
        '/graphql?query={node(id:"Canary")',
        '/graphql?variables=Canary',
      ]) {
        const response = await fetch(url + path, { headers: { 'content-type': 'application/json' } });
        expect(await response.text()).not.toContain('Canary');
      }
    }
    expect(JSON.stringify(lines())).not.toContain('Canary');
  });
});
