import fc from 'fast-check';
import { type HostileRequest, hostileRequests, many } from './hostile.ts';

// Random requests of at most 1 MiB that ask for as much as a request can, or take as much as one can to be refused.

/** Bytes of a body at most. */
const most = 2 ** 20;

export interface HostileBody {
  /** What it is, to be read where it was too much. */
  readonly what: string;
  readonly body: string;
}

const nested = (levels: number, open: string, inner: string, close: string) =>
  open.repeat(levels) + inner + close.repeat(levels);

const selection = fc.letrec((tie) => ({
  record: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom('key', 'id diagnosis', '__typename a: treatment b: treatment'),
    fc
      .tuple(fc.constantFrom('doctor', 'patient'), tie('owner'))
      .map(([name, inner]) => `key ${name} { ${inner} }`),
  ),
  owner: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom('key', 'id lastName'),
    tie('record').map((inner) => `records { nodes { ${inner} } }`),
    fc
      .tuple(tie('record'), tie('record'))
      .map(([one, two]) => `a: records { nodes { ${one} } } b: records { nodes { ${two} } }`),
  ),
}));
const leaf = fc.oneof(
  fc.record({ diagnosis: fc.record({ contains: fc.string({ minLength: 0, maxLength: 120 }) }) }),
  fc.record({ key: fc.record({ in: fc.array(fc.nat(), { maxLength: 1000, size: 'max' }) }) }),
  fc.record({ treatment: fc.record({ contains: fc.nat(1_000_000).map((length) => '%'.repeat(length)) }) }),
  fc.constant({ doctor: { records: { some: { patient: { records: { none: {} } } } } } }),
  fc.constant({ doctor: { key: { isNull: true } } }),
);
/** What is far longer than a body is no text any more. */
const fitting = (part: object) => Math.ceil(most / JSON.stringify(part).length);
const repeated = (part: object, times: number) => Array(Math.min(times, fitting(part))).fill(part);
const where = fc.oneof(
  leaf,
  fc
    .tuple(leaf, fc.nat(20_000), fc.constantFrom('or', 'and'))
    .map(([one, times, name]) => ({ [name]: repeated(one, times) })),
  fc.tuple(leaf, fc.nat(12)).map(([one, depth]) =>
    Array(depth)
      .fill(0)
      .reduce((inner) => ({ not: inner }), one),
  ),
);

/** Pages in pages, filtered and counted. */
const reads = fc
  .record({
    fields: fc.array(
      fc.record({
        inner: selection.record as fc.Arbitrary<string>,
        size: fc.constantFrom(1, 100, 1000),
        total: fc.boolean(),
        edges: fc.boolean(),
      }),
      { minLength: 1, maxLength: 20 },
    ),
    where: fc.option(where),
  })
  .map((asked) => ({
    query: `query ($w: MedicalRecordWhere) { ${asked.fields
      .map(
        ({ inner, size, total, edges }, n) =>
          `f${n}: medicalRecords(source: AZURE, first: ${size}${asked.where ? ', where: $w' : ''}) { ${edges ? `edges { cursor node { ${inner} } } pageInfo { endCursor }` : `nodes { ${inner} }`} ${total ? 'totalCount' : ''} }`,
      )
      .join(' ')} }`,
    variables: { w: asked.where },
  }));

/** The most that one may be answered: flat rows under many names, pages of parents with their lists. */
const answers = fc
  .record({
    fields: fc.subarray(
      [
        'key',
        'id',
        'firstName',
        'lastName',
        'dateOfBirth',
        'gender',
        'contactNumber',
        'source',
        '__typename',
      ],
      { minLength: 1 },
    ),
    aliases: fc.nat(40),
    pages: fc.integer({ min: 1, max: 12 }),
    size: fc.constantFrom(300, 1000),
    lists: fc.boolean(),
  })
  .map(({ fields, aliases, pages, size, lists }) => ({
    query: `{ ${many(
      pages,
      (
        n,
      ) => `p${n}: patients(source: AZURE, first: ${size}) { nodes { ${fields.join(' ')} ${n === 0 ? many(aliases, (a) => `a${a}: ${fields[a % fields.length]}`) : ''}
        ${lists ? 'records { nodes { key diagnosis treatment admissionDate doctor { lastName } } }' : ''} } }`,
    )} }`,
  }));

/** Documents of as many tokens as there may be, and more, that are slow to read, to check, or to tell what is wrong with. */
const documents = fc
  .tuple(
    fc.constantFrom<(n: number) => string>(
      (n) => `{ ${many(n, (at) => `patientz${at}`)} }`,
      (n) => `{ patients(source: AZURE) { nodes { ${many(n, () => 'a: key')} } } }`,
      (n) =>
        `{ patients(source: AZURE) { nodes { ${many(n / 4, (at) => `... on Patient { key f${at}: id }`)} } } }`,
      (n) =>
        `{ ${many(n / 6, (at) => `...f${at}`)} } ${many(n / 6, (at) => `fragment f${at} on Query { ...f${(at * 7) % Math.ceil(n / 6)} }`)}`,
      (n) => `query (${many(n / 4, (at) => `$v${at}: Int = ${at}`)}) { __typename }`,
      (n) => `{ ${many(n / 4, () => 'patient(source: AZURE, key: 1) { key }')} }`,
      (n) => `{ patients(source: AZURE, where: { key: { in: [${many(n, String)}] } }) { nodes { key } } }`,
      (n) =>
        `{ patients(source: AZURE, where: { key: { in: [${many(n, (at) => `"${at}"`)}] } }) { nodes { key } } }`,
      (n) =>
        `{ patients(source: AZURE, orderBy: [${many(n / 4, () => '{ lastNam: ASK }')}]) { nodes { key } } }`,
      (n) => `{ patients(${many(n / 3, (at) => `frist${at}: 1`)}) { nodes { key } } }`,
      (n) => `{ a ${many(n / 2, (at) => `@skip${at}`)} }`,
      (n) => many(n / 4, (at) => `query q${at} { __typename }`),
      (n) => `{ __schema { types { ${nested(Math.min(n / 3, 500), 'fields { type { ', 'name', ' } }')} } } }`,
      (n) => `{ ${nested(n / 3, 'a { ', 'b', ' }')} }`,
      (n) => `"""${'\\n \\" '.repeat(n * 20)}""" query { __typename }`,
      (n) => `{ patient(source: AZURE, key: ${'1'.repeat(n * 100)}) { key } }`,
      (n) =>
        `{ patients(source: AZURE, where: { lastName: { eq: "${'\\u00e9'.repeat(n * 8)}" } }) { nodes { key } } }`,
      (n) => `#${' #'.repeat(n * 100)}\n{ __typename }`,
      (n) => `${','.repeat(n * 200)}{ __typename }`,
    ),
    fc.integer({ min: 100, max: 4500 }),
  )
  .map(([make, n]) => ({ query: make(n) }));

/** Variables of a mebibyte. */
const variables = fc
  .tuple(
    fc.constantFrom<(n: number) => { query: string; variables: unknown }>(
      (n) => ({
        query: 'query ($w: PatientWhere) { patients(source: AZURE, where: $w) { nodes { key } } }',
        variables: { w: Object.fromEntries(Array.from({ length: n / 8 }, (_, at) => [`x${at}`, 1])) },
      }),
      (n) => ({
        query: '{ __typename }',
        variables: Object.fromEntries(Array.from({ length: n / 8 }, (_, at) => [`x${at}`, at])),
      }),
      (n) => ({
        query: 'query ($o: [PatientOrderBy!]) { patients(source: AZURE, orderBy: $o) { nodes { key } } }',
        variables: { o: Array(Math.floor(n / 8)).fill({ x: 1 }) },
      }),
      (n) => ({
        query: 'query ($k: [Int!]) { patients(source: AZURE, where: { key: { in: $k } }) { nodes { key } } }',
        variables: { k: Array(Math.floor(n / 3)).fill(7) },
      }),
      (n) => ({
        query: 'query ($k: [Int!]) { patients(source: AZURE, where: { key: { in: $k } }) { nodes { key } } }',
        variables: { k: Array(Math.floor(n / 4)).fill('x') },
      }),
      (n) => ({
        query: 'query ($i: [ID!]!) { nodes(ids: $i) { id } }',
        variables: {
          i: Array.from({ length: n / 30 }, (_, at) =>
            Buffer.from(`AZURE:Patient:${at}`).toString('base64url'),
          ),
        },
      }),
      (n) => ({
        query:
          'mutation ($i: [CreatePatientInput!]!) { createPatients(source: AZURE, inputs: $i) { patients { key records { nodes { key } } } } }',
        variables: {
          i: Array(Math.min(1001, Math.floor(n / 110))).fill({
            firstName: '\u200b',
            lastName: 'x'.repeat(51),
            dateOfBirth: '2000-02-30',
            gender: 'MALE',
          }),
        },
      }),
      (n) => ({
        query:
          'mutation ($i: [CreatePatientInput!]!) { createPatients(source: AZURE, inputs: $i) { patients { key id firstName lastName dateOfBirth gender records { nodes { key } } } } }',
        variables: {
          i: Array(Math.min(1000, Math.floor(n / 110))).fill({
            firstName: 'Of many',
            lastName: 'At once',
            dateOfBirth: '2000-02-20',
            gender: 'MALE',
          }),
        },
      }),
      (n) => ({
        query: 'query ($c: String) { patients(source: AZURE, after: $c) { nodes { key } } }',
        variables: {
          c: Buffer.from(JSON.stringify(['+key', ...Array(Math.floor(n / 4)).fill(1)])).toString('base64url'),
        },
      }),
      (n) => ({
        query:
          'query ($n: String) { patients(source: AZURE, where: { lastName: { eq: $n } }) { nodes { key } } }',
        variables: { n: '\u00e9'.repeat(n / 3) },
      }),
    ),
    fc.integer({ min: 1000, max: 1_000_000 }),
  )
  .map(([make, n]) => make(n));

/** Bodies that are hardly JSON. */
const texts = fc
  .tuple(
    fc.constantFrom<(n: number) => string>(
      (n) => '['.repeat(n),
      (n) => nested(n / 2, '[', '', ']'),
      (n) => nested(n / 7, '{"a":', '1', '}'),
      (n) => `{"query":"${'\\u0041'.repeat(n / 6)}"}`,
      (n) => `{"query":"{ __typename }","variables":{"a":"${'\\ud83d\\ude00'.repeat(n / 13)}"}}`,
      (n) => `{"query":"{ __typename }","variables":[${'1,'.repeat(n / 2)}1]}`,
      (n) => `{"query":"{ __typename }","extensions":${nested(n / 14, '{"a":', '"\\udc00"', '}')}}`,
      (n) => `{${many(n / 16, (at) => `"k${at}":${at},`)}"query":"{ __typename }"}`,
      (n) => `{"query":"{ __typename }","operationName":"${'x'.repeat(n)}"}`,
      (n) => `{"query":"${'{'.repeat(n)}"}`,
      (n) => ' '.repeat(n),
    ),
    fc.integer({ min: 1000, max: 1_000_000 }),
  )
  .map(([make, n]) => make(n));

const written = <T extends object>(what: string, made: fc.Arbitrary<T>): fc.Arbitrary<HostileBody> =>
  made.map((asked) => {
    const body = JSON.stringify(asked);
    return { what: `${what}: ${body.slice(0, 200)}`, body };
  });

const hostileBody = fc
  .oneof(
    { weight: 4, arbitrary: written('read', reads) },
    { weight: 2, arbitrary: written('answer', answers) },
    { weight: 3, arbitrary: written('document', documents) },
    { weight: 2, arbitrary: written('variables', variables) },
    texts.map((body) => ({ what: `text: ${body.slice(0, 60)}`, body })),
  )
  .filter(({ body }) => Buffer.byteLength(body) < most);

/** So many of one seed. */
export function randomHostile(seed: number, count: number): HostileBody[] {
  return fc.sample(hostileBody, { seed, numRuns: count });
}

const chain = (levels: number) =>
  `{ medicalRecords(source: AZURE, first: 1, where: { doctor: { key: { eq: 4000 } } }) { nodes { ${nested(levels, 'doctor { records { nodes { ', 'key', ' } } }')} } } }`;

/** Those that have a name, because they once did harm. */
export function namedHostile(): HostileBody[] {
  const asked: Record<string, string> = {
    'records of a doctor of records': chain(3),
    'texts in whole tables': `{ ${many(20, (n) => `a${n}: medicalRecords(source: AZURE, where: { treatment: { contains: "zq" } }) { totalCount }`)} }`,
    'as many as the cost allows': `{ ${many(16, (n) => `a${n}: medicalRecords(source: AZURE, where: { treatment: { contains: "zq" } }) { totalCount }`)} }`,
  };
  return [
    ...Object.entries(asked).map(([what, query]) => ({ what, body: JSON.stringify({ query }) })),
    ...Object.entries(hostileRequests)
      .filter(([, { headers }]: [string, HostileRequest]) => headers === undefined)
      .map(([what, { body }]) => ({ what, body: body() }))
      .filter(({ body }) => body.length < most),
  ];
}
