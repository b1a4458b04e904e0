import type { ErrorCode } from '../../src/errors/codes.ts';
import { rawRequest } from './raw-request.ts';

/** A request that is to be refused before any database hears of it. */
export interface HostileRequest {
  readonly body: () => string;
  readonly headers?: Record<string, string>;
  readonly code: ErrorCode;
  /** 400 where it is not said; 200 where the field is refused, and the others' data stands. */
  readonly status?: 200 | 400 | 413 | 415;
}

/** Sends it to a server, and answers what came of it. */
export function sendHostile(url: string, { body, headers }: HostileRequest) {
  return rawRequest(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body(),
  });
}

export const many = (count: number, make: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => make(n)).join(' ');
const nested = (levels: number, open: string, inner: string, close: string) =>
  open.repeat(levels) + inner + close.repeat(levels);
export const page = (fields: string) => `{ patients(source: AZURE) { nodes { ${fields} } } }`;

/** A fragment that doubles with each further one: what it expands to is 2 to their number. */
const bomb = (length: number) =>
  `{ patients(source: AZURE) { nodes { ...f0 } } } ${many(
    length,
    (n) =>
      `fragment f${n} on Patient { records { nodes { patient { key ${n + 1 < length ? `...f${n + 1}` : ''} } r: patient { ${n + 1 < length ? `...f${n + 1}` : 'key'} } } } }`,
  )}`;

const operation = (query: string, variables?: unknown) => () => JSON.stringify({ query, variables });
const tooComplex = (query: string, variables?: unknown): HostileRequest => ({
  body: operation(query, variables),
  code: 'OPERATION_TOO_COMPLEX',
});
/** The field is refused where its resolver reads its arguments. */
const filtered = (where: unknown, code: ErrorCode = 'BAD_USER_INPUT'): HostileRequest => ({
  body: operation('query ($w: PatientWhere!) { patients(source: AZURE, where: $w) { nodes { key } } }', {
    w: where,
  }),
  status: 200,
  code,
});
const fieldsOf = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`x${n}`, n]));
const form = (type: string, body: string): HostileRequest => ({
  body: () => body,
  headers: { 'content-type': type },
  status: 415,
  code: 'UNSUPPORTED_MEDIA_TYPE',
});

/** What is tried against GraphQL servers, by what it has too much of. */
export const hostileRequests: Readonly<Record<string, HostileRequest>> = {
  'fields below each other': tooComplex(page(nested(20, 'records { nodes { patient { ', 'key', ' } } }'))),
  'introspection below itself': tooComplex(
    nested(1, '{ __schema { types ', nested(20, '{ fields { type ', '{ name }', ' } }'), ' } }'),
  ),
  'fields beside each other': tooComplex(page(many(1000, (n) => (n % 2 === 0 ? 'key' : 'firstName')))),
  aliases: tooComplex(page(many(200, (n) => `a${n}: firstName`))),
  'aliases of __typename': tooComplex(`{ ${many(500, (n) => `a${n}: __typename`)} }`),
  'root fields': tooComplex(`{ ${many(30, (n) => `a${n}: patient(source: GCP, key: ${n}) { key }`)} }`),
  'one field, again and again': tooComplex(page(many(500, () => 'key'))),
  'lists of one field, again and again': tooComplex(
    page(many(350, () => 'records { nodes { patient { key } } }')),
  ),
  'directives that there are': tooComplex(page(many(100, () => 'key @include(if: true)'))),
  'directives that there are not': tooComplex(page(`key ${many(500, (n) => `@a${n}`)}`)),
  'lists in lists in lists': tooComplex(
    '{ patients(source: AZURE, first: 100) { nodes { records { nodes { patient { records { nodes { patient { records { nodes { diagnosis } } } } } } } } } } }',
  ),
  'a page of 1000, with lists in lists': tooComplex(
    '{ doctors(source: AZURE, first: 1000) { nodes { records { nodes { patient { records { nodes { doctor { lastName } } } } } } } } }',
  ),
  'pages whose size is in a variable': tooComplex(
    'query ($n: Int!) { patients(source: AZURE, first: $n) { nodes { records { nodes { patient { records { nodes { key diagnosis } } } } } } } }',
    { n: 1000 },
  ),
  'pages whose size is a variable’s default': tooComplex(
    'query ($n: Int = 1000) { patients(source: AZURE, first: $n) { nodes { records { nodes { patient { records { nodes { key diagnosis } } } } } } } }',
  ),
  'fragments that double': tooComplex(bomb(6)),
  'many fragments that double': tooComplex(bomb(100)),
  'fragments in a circle': {
    body: operation(`${page('...a')} fragment a on Patient { key ...b } fragment b on Patient { key ...a }`),
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'a document of 260 kB, of words': {
    body: () => operation(page(many(65_000, () => 'key')))(),
    code: 'GRAPHQL_PARSE_FAILED',
  },
  'a document of 260 kB, of one word': {
    body: () => operation(`{ ${'x'.repeat(260_000)} }`)(),
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'a document nested without end': {
    body: operation(nested(5000, '{ a ', '', '}')),
    code: 'GRAPHQL_PARSE_FAILED',
  },
  'a number of a million digits': {
    body: () => operation(`{ patient(source: AZURE, key: ${'9'.repeat(900_000)}) { key } }`)(),
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'a filter below itself, in the document': {
    body: operation(
      `{ patients(source: AZURE, where: ${nested(300, '{ not: ', '{ key: { eq: 1 } }', ' }')}) { nodes { key } } }`,
    ),
    status: 200,
    code: 'BAD_USER_INPUT',
  },
  'a filter below itself, in variables': {
    body: () =>
      `{"query":"query ($w: PatientFilter) { patients(source: AZURE, where: $w) { nodes { key } } }","variables":{"w":${nested(20_000, '{"not":', '{}', '}')}}}`,
    code: 'OPERATION_TOO_COMPLEX',
  },
  'a page of 1000 from the end, beside a start whose variable is not there': tooComplex(
    'query ($f: Int) { patients(source: AZURE, first: $f, last: 1000) { nodes { records { nodes { patient { records { nodes { key diagnosis } } } } } } } }',
  ),
  'a page of 1000 from the end, beside a start that is null': tooComplex(
    'query ($l: Int = 1000) { patients(source: AZURE, first: null, last: $l) { nodes { records { nodes { patient { records { nodes { key diagnosis } } } } } } } }',
  ),
  'fragments that double, without a field': tooComplex(
    `{ patients(source: AZURE, first: 1000) { nodes { ...g0 } } } ${many(40, (n) =>
      n < 39
        ? `fragment g${n} on Patient { ...g${n + 1} ...g${n + 1} }`
        : `fragment g${n} on Patient { records { nodes { patient { records { nodes { key diagnosis } } } } } }`,
    )}`,
  ),
  'a filter of 20,000 relations': {
    ...filtered({ and: Array(20_000).fill({ records: { some: {} } }) }, 'OPERATION_TOO_COMPLEX'),
    status: 400,
  },
  'a filter of 3000 relations': filtered({ and: Array(3000).fill({ records: { some: {} } }) }),
  'a filter of 101 relations': filtered({ or: Array(101).fill({ records: { some: {} } }) }),
  'a filter of 11,000 filters': filtered({ and: Array(11_000).fill({}) }, 'OPERATION_TOO_COMPLEX'),
  'a filter of 300,000 filters': {
    ...filtered({ and: Array(300_000).fill({}) }, 'OPERATION_TOO_COMPLEX'),
    status: 400,
  },
  'a filter of 300,000 numbers': {
    ...filtered({ key: { in: Array(300_000).fill(1) } }, 'OPERATION_TOO_COMPLEX'),
    status: 400,
  },
  'a filter of 50,000 fields that there are not': {
    ...filtered(fieldsOf(50_000), 'OPERATION_TOO_COMPLEX'),
    status: 400,
  },
  'filters of 900 fields that there are not': {
    ...filtered({ and: Array.from({ length: 70 }, () => fieldsOf(900)) }),
    status: 400,
  },
  'variables that there are not': {
    body: () => JSON.stringify({ query: '{ __typename }', variables: fieldsOf(70_000) }),
    code: 'OPERATION_TOO_COMPLEX',
  },
  'a row that is wrong beside ten thousand that are right': {
    body: operation(
      'mutation ($i: [CreatePatientInput!]!) { createPatients(source: AZURE, inputs: $i) { patients { key } } }',
      {
        i: [
          ...Array(999).fill({
            firstName: 'A',
            lastName: 'B',
            dateOfBirth: '2000-01-01',
            gender: 'OTHER',
            records: Array(9).fill({ diagnosis: 'x', admissionDate: '2020-01-01' }),
          }),
          { firstName: 'A', lastName: 'B', dateOfBirth: '2000-01-01', gender: 'ODD' },
        ],
      },
    ),
    code: 'BAD_USER_INPUT',
  },
  'lists of 1000 values, again and again': filtered(
    { or: Array(41).fill({ key: { in: Array.from({ length: 1000 }, (_, n) => n) } }) },
    'OPERATION_TOO_COMPLEX',
  ),
  'a megabyte of signs that LIKE knows': filtered({ lastName: { contains: '%'.repeat(1_000_000) } }),
  'a text that is longer than its column': filtered({ lastName: { eq: 'x'.repeat(51) } }),
  'texts of which one is longer than its column': filtered({
    contactNumber: { in: ['1', '2'.repeat(21)] },
  }),
  'an order of 10,000 steps': {
    body: operation(
      'query ($o: [PatientOrderBy!]) { patients(source: AZURE, orderBy: $o) { nodes { key } } }',
      { o: Array(10_000).fill({ lastName: 'ASC' }) },
    ),
    status: 200,
    code: 'BAD_USER_INPUT',
  },
  'groups by 50,000 fields': {
    body: operation(
      'query ($g: [PatientGroupField!]) { patientsAggregate(source: AZURE, groupBy: $g) { count } }',
      { g: Array(50_000).fill('gender') },
    ),
    status: 200,
    code: 'BAD_USER_INPUT',
  },
  'a list of 50,000 values that there are not': {
    body: operation(
      'query ($g: [PatientGroupField!]) { patientsAggregate(source: AZURE, groupBy: $g) { count } }',
      { g: Array(50_000).fill('GENDRE') },
    ),
    code: 'BAD_USER_INPUT',
  },
  'a cursor of 700 kB': {
    body: operation(`query ($c: String) { patients(source: AZURE, after: $c) { nodes { key } } }`, {
      c: 'A'.repeat(700_000),
    }),
    status: 200,
    code: 'OPERATION_TOO_COMPLEX',
  },
  'lists below each other in variables': {
    body: () => `{"query":"{ __typename }","variables":{"w":${nested(100_000, '[', '', ']')}}}`,
    code: 'OPERATION_TOO_COMPLEX',
  },
  'a body of 5 MB': {
    body: () => operation(`{ __typename } # ${'x'.repeat(5_000_000)}`)(),
    status: 413,
    code: 'PAYLOAD_TOO_LARGE',
  },
  'a list of operations': {
    body: () => JSON.stringify(Array.from({ length: 100 }, () => ({ query: page('key') }))),
    code: 'BAD_REQUEST',
  },
  'a form': form('application/x-www-form-urlencoded', 'query=%7B__typename%7D'),
  'a form with files': form('multipart/form-data; boundary=x', '--x--'),
};
