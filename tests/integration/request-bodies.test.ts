import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { type Answer, startServer, type TestServer } from '../helpers/server.ts';

let databases: TestDatabases;
let server: TestServer;
beforeAll(async () => {
  databases = await createDatabases();
  server = await startServer(databases.config);
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

const create =
  'mutation ($input: CreatePatientInput!) { createPatient(source: AZURE, input: $input) { patient { lastName } } }';
const input = (lastName: string) => ({
  firstName: 'A',
  lastName,
  dateOfBirth: '2000-01-01',
  gender: 'OTHER',
});
const creating = (lastName: string) =>
  JSON.stringify({ query: create, variables: { input: input(lastName) } });

const patients = async () =>
  (await server.ask('{ patients(source: AZURE) { totalCount } }')).data.patients.totalCount;

async function send(body: string | Uint8Array, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body as never,
  });
  const answer = (await response.json()) as Pick<Answer, 'data' | 'errors'>;
  return {
    status: response.status,
    headers: response.headers,
    code: answer.errors?.[0].extensions.code,
    answer,
  };
}

async function get(parameters: string) {
  const response = await fetch(`${server.url}/graphql?${parameters}`, {
    headers: { 'content-type': 'application/json' },
  });
  const answer = (await response.json()) as Pick<Answer, 'data' | 'errors'>;
  return { status: response.status, code: answer.errors?.[0].extensions.code, answer };
}

describe('text that is stored is the text that was sent', () => {
  it.each(['Müller', '😀', 'a\u0000b', 'a\u200bb', '\ufeffBOM', 'a\u2028b', 'é vs e\u0301'])(
    '%j',
    async (text) => {
      const sent = await send(creating(text));
      expect(sent.answer.data.createPatient.patient.lastName).toBe(text);
      const escaped = creating(text).replace(
        /[^ -~]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
      expect((await send(escaped)).answer.data.createPatient.patient.lastName).toBe(text);
    },
  );

  it('also with a byte order mark before the body', async () => {
    const sent = await send(`\ufeff${creating('Marked')}`);
    expect(sent.answer.data.createPatient.patient.lastName).toBe('Marked');
  });

  it.each<[string, number[]]>([
    ['a byte of Latin-1', [0xfc]],
    ['a start without its end', [0xc3]],
    ['an end without its start', [0xbc]],
    ['an overlong form', [0xc0, 0xaf]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['what lies beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ])('and is refused with 400 where it has %s in it', async (_what, bytes) => {
    const before = await patients();
    const [head = '', tail = ''] = creating('HERE').split('HERE');
    const body = Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from(tail)]);
    expect(await send(body)).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    expect(await patients()).toBe(before);
  });

  it.each(['utf-16le', 'utf-16be', 'utf-32'])('and is refused with 400 as %s', async (encoding) => {
    const text = Buffer.from(creating('Wide'), 'utf16le');
    const body =
      encoding === 'utf-16be'
        ? text.swap16()
        : encoding === 'utf-32'
          ? Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), text])
          : text;
    expect((await send(body)).status).toBe(400);
  });

  it.each([
    'application/json; charset=iso-8859-1',
    'application/json;charset=latin1',
    'application/json; charset="windows-1252"',
    'application/json; charset=utf-16',
    'application/json; charset=us-ascii',
    'application/json; version=1; charset=iso-8859-1',
    'application/json; charset=utf-8; charset=iso-8859-1',
    'application/json; CHARSET=ISO-8859-1',
    'application/json; charset=',
  ])('and is refused with 415 as %s', async (type) => {
    const before = await patients();
    const { status, code } = await send(creating('Latin'), { 'content-type': type });
    expect([status, code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    expect(await patients()).toBe(before);
  });

  it.each([
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json; charset="utf-8"',
    'Application/JSON; Charset=utf8',
    'application/json; profile=x',
  ])('and is read as %s', async (type) => {
    expect((await send(creating('Wörter'), { 'content-type': type })).answer.data.createPatient).toEqual({
      patient: { lastName: 'Wörter' },
    });
  });
});

describe('half of a surrogate pair', () => {
  const halves = ['\\ud800', '\\uDFFF', 'a\\ud83d', '\\ude00\\ud83d', '\\ud83d\\ud83d\\ude00'];
  const withHalf = (body: unknown, half: string) => JSON.stringify(body).replaceAll('HALF', half);
  const where = 'query ($where: PatientWhere) { patients(source: AZURE, where: $where) { nodes { key } } }';

  it.each<[string, unknown]>([
    ['an input', { query: create, variables: { input: input('HALF') } }],
    [
      'a nested input',
      {
        query: create,
        variables: {
          input: { ...input('A'), records: [{ diagnosis: 'HALF', admissionDate: '2000-01-01' }] },
        },
      },
    ],
    ['a filter', { query: where, variables: { where: { or: [{ lastName: { contains: 'HALF' } }] } } }],
    ['a list', { query: where, variables: { where: { lastName: { in: ['a', 'HALF'] } } } }],
    ['a cursor', { query: '{ __typename }', variables: { after: 'HALF' } }],
    ['a name of a field', { query: where, variables: { where: { HALF: 1 } } }],
    [
      'a string of the document',
      { query: '{ patients(source: AZURE, where: { lastName: { eq: "HALF" } }) { nodes { key } } }' },
    ],
    [
      'a block string',
      { query: '{ patients(source: AZURE, where: { lastName: { eq: """HALF""" } }) { nodes { key } } }' },
    ],
    ['a comment', { query: '{ __typename } # HALF' }],
    ['the operation’s name', { query: '{ __typename }', operationName: 'HALF' }],
    ['a document’s id', { documentId: 'sha256:HALF' }],
    ['a persisted query’s hash', { extensions: { persistedQuery: { version: 1, sha256Hash: 'HALF' } } }],
  ])('is refused in %s, and nothing is stored', async (_place, body) => {
    const before = await patients();
    for (const half of halves) {
      expect(await send(withHalf(body, half))).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
    }
    expect(await patients()).toBe(before);
  });

  it('is refused where the document itself escapes it', async () => {
    for (const half of ['\\ud800', '\\u{d800}', '\\udc00\\ud800']) {
      const query = `{ patients(source: AZURE, where: { lastName: { eq: "${half}" } }) { nodes { key } } }`;
      expect(await send(JSON.stringify({ query }))).toMatchObject({
        status: 400,
        code: 'GRAPHQL_PARSE_FAILED',
      });
    }
  });

  it('is named by its place, and by no value', async () => {
    const { answer } = await send(
      withHalf({ query: create, variables: { input: input('Canary HALF') } }, '\\ud800'),
    );
    expect(answer.errors?.[0].message).toContain('variables.input.lastName has half of a surrogate pair');
    const named = await send(withHalf({ query: where, variables: { 'Canary x': { y: 'HALF' } } }, '\\ud800'));
    expect(named.answer.errors?.[0].message).not.toContain('Canary');
  });

  it('is refused by GET, too', async () => {
    const parameters = new URLSearchParams({
      query: where,
      variables: '{"where":{"lastName":{"eq":"\\ud800"}}}',
    });
    expect(await get(`${parameters}`)).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  });

  it('is told from a whole pair, and from its escape', async () => {
    for (const [sent, stored] of [
      ['\\ud83d\\ude00', '😀'],
      ['\\\\ud800', '\\ud800'],
    ]) {
      const answer = await send(creating('HALF').replace('HALF', sent as string));
      expect(answer.answer.data.createPatient.patient.lastName).toBe(stored);
    }
  });
});

describe('the address of a GET', () => {
  it.each(['%FF', '%C3', '%ED%A0%80', '%zz', '%'])('is refused with %s in it', async (bytes) => {
    const query = '{ patients(source: AZURE, where: { lastName: { eq: "HERE" } }) { nodes { key } } }';
    const parameters = encodeURIComponent(query).replace('HERE', bytes);
    expect(await get(`query=${parameters}`)).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  });

  it.each(['operationName', 'variables', 'extensions'])(
    'is as if it had no %s where that is empty',
    async (name) => {
      const parameters = new URLSearchParams({ query: 'query A { __typename }' });
      expect(await get(`${parameters}&${name}=`)).toMatchObject({
        status: 200,
        answer: { data: { __typename: 'Query' } },
      });
    },
  );

  it('still needs a name where there are several operations', async () => {
    const parameters = new URLSearchParams({ query: 'query A { __typename } query B { __typename }' });
    expect(await get(`${parameters}&operationName=`)).toMatchObject({
      status: 400,
      code: 'OPERATION_RESOLUTION_FAILURE',
    });
  });

  it('may give a parameter once, empty or not', async () => {
    const parameters = new URLSearchParams({ query: 'query A { __typename }' });
    expect(await get(`${parameters}&operationName=&operationName=A`)).toMatchObject({
      status: 400,
      code: 'BAD_REQUEST',
    });
  });
});

describe('a compressed body', () => {
  it.each<[string, (text: string) => Uint8Array]>([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['zstd', Buffer.from],
    ['gzip, identity', gzipSync],
    ['identity, gzip', gzipSync],
    ['gzip, gzip', (text) => gzipSync(gzipSync(text))],
    ['GZIP', gzipSync],
    ['chunked', Buffer.from],
  ])('is refused with 415: %s', async (coding, compress) => {
    const { status, code, headers } = await send(compress(creating('Small')), { 'content-encoding': coding });
    expect([status, code, headers.get('accept-encoding')]).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'identity',
    ]);
  });

  it.each(['identity', 'Identity', 'identity, identity'])('is none as %s', async (coding) => {
    expect((await send(creating('Plain'), { 'content-encoding': coding })).status).toBe(200);
  });
});

describe('the media type of an answer', () => {
  const json = 'application/json; charset=utf-8';
  const response = 'application/graphql-response+json; charset=utf-8';
  it.each([
    ['application/json;q=0, */*', 400, response],
    ['application/json; q=0.0, application/*', 400, response],
    ['application/json;q=0.1, */*', 400, response],
    ['application/graphql-response+json;q=0, application/json', 200, json],
    ['application/graphql-response+json;q=0, */*', 400, json],
    ['application/graphql-response+json;q=0.5, application/json', 200, json],
    ['application/graphql-response+json, application/json;q=0.9', 400, response],
    ['application/json, application/graphql-response+json', 200, json],
    ['application/graphql-response+json, application/json', 400, response],
    ['application/json', 200, json],
    ['Application/JSON', 200, json],
    ['application/json;charset=utf-8', 200, json],
    ['application/graphql-response+json', 400, response],
    ['text/html, application/json;q=0.2', 200, json],
    ['*/*', 400, json],
    ['application/*', 400, json],
    ['', 400, json],
  ])('decides the status of a wrong operation: %s', async (accept, status, type) => {
    for (const query of ['{ nothing }', '{', '{ __typename }']) {
      for (let time = 0; time < 3; time++) {
        const sent = await send(JSON.stringify({ query }), { accept });
        expect(sent.headers.get('content-type')).toBe(type);
        expect(sent.status).toBe(query === '{ __typename }' ? 200 : status);
      }
    }
  });

  it.each(['image/png', 'application/json;q=0', 'text/*'])(
    'is agreed on before a mutation runs: %s',
    async (accept) => {
      const before = await patients();
      for (let time = 0; time < 3; time++) {
        expect(await send(creating('Unread'), { accept })).toMatchObject({
          status: 406,
          code: 'BAD_REQUEST',
        });
      }
      expect(await patients()).toBe(before);
    },
  );
});

describe('a request that is too long', () => {
  const port = () => Number(new URL(server.url).port);
  const tooLong = `{"query":"${'x'.repeat(5 * 2 ** 20)}"}`;

  /** Sends some pieces, whatever comes back meanwhile, and returns all that came, or how the connection broke. */
  async function exchange(pieces: readonly (string | Buffer)[], { until = /\}$/, pauseMs = 0 } = {}) {
    const socket = connect(port(), '127.0.0.1');
    let answer = '';
    let failure: string | undefined;
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      failure = error.code;
    });
    for (const piece of pieces) {
      if (failure !== undefined) break;
      await new Promise((resolve) => socket.write(piece, resolve));
      if (pauseMs > 0) await delay(pauseMs);
    }
    const deadline = performance.now() + 5000;
    while (!until.test(answer) && failure === undefined && performance.now() < deadline) await delay(10);
    socket.destroy();
    return {
      answer,
      failure,
      statuses: [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status)),
    };
  }

  const head = (...headers: readonly string[]) =>
    `${['POST /graphql HTTP/1.1', 'host: 127.0.0.1', 'content-type: application/json', ...headers].join('\r\n')}\r\n\r\n`;
  const inPieces = (text: string, size: number) =>
    Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size));
  const chunked = (text: string) => [
    ...inPieces(text, 65_536).map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`),
    '0\r\n\r\n',
  ];
  const small = '{"query":"{__typename}"}';
  const another = head(`content-length: ${small.length}`) + small;

  it.each<[string, () => readonly string[]]>([
    ['at once', () => [head(`content-length: ${tooLong.length}`) + tooLong]],
    ['piece by piece', () => [head(`content-length: ${tooLong.length}`), ...inPieces(tooLong, 65_536)]],
    ['in chunks', () => [head('transfer-encoding: chunked'), ...chunked(tooLong)]],
    [
      'of another type',
      () => [
        head(`content-length: ${tooLong.length}`).replace('application/json', 'text/xml'),
        ...inPieces(tooLong, 65_536),
      ],
    ],
    [
      'compressed',
      () => [
        head(`content-length: ${tooLong.length}`, 'content-encoding: gzip'),
        ...inPieces(tooLong, 65_536),
      ],
    ],
  ])('is answered while it is still sent, and the connection goes on: %s', async (how, pieces) => {
    const { statuses, failure, answer } = await exchange([...pieces(), another], {
      until: /__typename":"Query/,
    });
    expect([failure, ...statuses]).toEqual([undefined, how === 'of another type' ? 415 : 413, 200]);
    expect(answer).toContain(how === 'of another type' ? 'UNSUPPORTED_MEDIA_TYPE' : 'PAYLOAD_TOO_LARGE');
  });

  it('is answered before it is sent where the client asks', async () => {
    const asked = head(`content-length: ${tooLong.length}`, 'expect: 100-continue');
    const { statuses, answer } = await exchange([asked]);
    expect(statuses).toEqual([413]);
    expect(answer).toContain('PAYLOAD_TOO_LARGE');
  });

  it('is let go on where it is not, when the client asks', async () => {
    const asked = head(`content-length: ${small.length}`, 'expect: 100-continue');
    const { statuses } = await exchange([asked, small], { until: /__typename":"Query/, pauseMs: 50 });
    expect(statuses).toEqual([100, 200]);
  });

  it('is refused by what it says of itself, whatever it sends', async () => {
    const { statuses } = await exchange([head(`content-length: ${2 ** 40}`)]);
    expect(statuses).toEqual([413]);
  });

  it.each([
    ['an address', 414, () => `GET /graphql?query=${'x'.repeat(20_000)} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`],
    [
      'an address of 1 MB',
      414,
      () => `GET /graphql?query=${'x'.repeat(2 ** 20)} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`,
    ],
    ['a header', 431, () => `GET /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`],
    [
      'all headers together',
      431,
      () => `GET /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\n${'x: y\r\n'.repeat(20_000)}\r\n`,
    ],
  ])('is refused in its head: %s', async (_what, status, text) => {
    const { statuses, failure, answer } = await exchange([text()]);
    expect([failure, ...statuses]).toEqual([undefined, status]);
    expect(answer).toContain('BAD_REQUEST');
  });

  it.each([
    ['two hosts', 'GET /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nHost: example.com\r\n\r\n'],
    ['the same host twice', 'GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: 127.0.0.1\r\n\r\n'],
    ['no host', 'GET /livez HTTP/1.1\r\n\r\n'],
    ['two lengths', `${head('content-length: 24', 'content-length: 25')}${small}`],
    ['a length and chunks', `${head('content-length: 24', 'transfer-encoding: chunked')}${small}`],
    ['a length that is none', `${head('content-length: x')}${small}`],
  ])('and one with %s is refused with 400', async (_what, text) => {
    const { statuses } = await exchange([text], { until: /HTTP\/1\.1 \d+[\s\S]*\r\n\r\n/ });
    expect(statuses[0]).toBe(400);
  });
});
