import { buildSchema, parse, print } from 'graphql';
import { describe, expect, it } from 'vitest';
import { persist } from '../../src/persisted-documents/build.ts';
import { decide, type Parameters } from '../../src/persisted-documents/decide.ts';
import { idOf, readManifest, writeManifest } from '../../src/persisted-documents/manifest-format.ts';

const known = 'query Known { __typename }';
const other = 'query Other { __typename }';
const id = idOf(known);
const documents = new Map([[id, known]]);

const run = { to: 'run', document: known };
const pass = { to: 'pass' };
const bad = { to: 'refuse', code: 'BAD_REQUEST' };
const notFound = { to: 'refuse', code: 'PERSISTED_QUERY_NOT_FOUND' };
const required = { to: 'refuse', code: 'PERSISTED_DOCUMENT_REQUIRED' };

const byApollo = (sha256Hash: unknown, version: unknown = 1) => ({
  extensions: { persistedQuery: { version, sha256Hash } },
});

describe('a request', () => {
  it.each<[string, Parameters, unknown, unknown]>([
    ['names a document by documentId', { documentId: `sha256:${id}` }, run, run],
    ['names a document as Apollo does', byApollo(id), run, run],
    ['sends a document with its id', { query: known, ...byApollo(id) }, run, run],
    ['sends a document of the manifest', { query: known }, pass, run],
    ['sends another document', { query: other }, pass, required],
    ['sends another document with its id', { query: other, ...byApollo(idOf(other)) }, pass, required],
    ['sends another document under a known id', { query: other, ...byApollo(id) }, bad, bad],
    [
      'sends another document under a known documentId',
      { query: other, documentId: `sha256:${id}` },
      bad,
      bad,
    ],
    ['names an unknown documentId', { documentId: `sha256:${idOf(other)}` }, notFound, notFound],
    ['names an unknown id as Apollo does', byApollo(idOf(other)), pass, notFound],
    ['leaves out the prefix', { documentId: id }, notFound, notFound],
    ['shouts', { documentId: `sha256:${id.toUpperCase()}` }, notFound, notFound],
    ['names no text', { documentId: 7 }, notFound, notFound],
    ['names an empty id', { documentId: '' }, notFound, notFound],
    ['is of another version', byApollo(id, 2), bad, bad],
    ['has a hash that is no text', byApollo({}), bad, bad],
    ['has no hash', { query: known, extensions: { persistedQuery: null } }, bad, bad],
    ['is empty', {}, pass, pass],
    ['has an empty query', { query: '' }, pass, pass],
    ['has other extensions', { query: known, extensions: { trace: true } }, pass, run],
    ['has extensions of a wrong type', { query: other, extensions: 'x' }, pass, required],
  ])('%s', (_what, parameters, open, only) => {
    expect(decide({ documents, only: false }, parameters)).toMatchObject(open as object);
    expect(decide({ documents, only: true }, parameters)).toMatchObject(only as object);
  });
});

const schema = buildSchema(`
  interface Node { id: ID! }
  type Patient implements Node { id: ID! name: String! }
  type Query { patient(key: Int!): Patient node(id: ID!): Node }
  type Mutation { rename(key: Int!, name: String!): Patient }
`);

const namesOf = (persisted: ReturnType<typeof persist>) =>
  'operations' in persisted ? persisted.operations.map(({ name, type }) => [name, type]) : persisted.faults;

describe('persisting', () => {
  const fragments = {
    name: 'fragments.graphql',
    text: 'fragment B on Patient { name } fragment A on Patient { id ...B }',
  };

  it('gives each operation the fragments that it uses, from whichever file', () => {
    const persisted = persist(schema, [
      { name: 'z.graphql', text: 'mutation Rename { rename(key: 1, name: "x") { ...B } }' },
      {
        name: 'a.graphql',
        text: 'query Plain { patient(key: 1) { id } }\nquery Both { patient(key: 1) { ...A } }',
      },
      fragments,
    ]);
    expect(namesOf(persisted)).toEqual([
      ['Both', 'query'],
      ['Plain', 'query'],
      ['Rename', 'mutation'],
    ]);
    const bodies = 'operations' in persisted ? persisted.operations.map(({ body }) => body) : [];
    expect(bodies[0]).toBe(
      print(
        parse(
          'query Both { patient(key: 1) { ...A } } fragment A on Patient { id ...B } fragment B on Patient { name }',
        ),
      ),
    );
    expect(bodies[1]).not.toContain('fragment');
    expect(bodies[2]).not.toContain('fragment A');
  });

  it('makes the same ids, however the files are laid out', () => {
    const [one, two] = fragments.text.split(' fragment ');
    const query = 'query Both { patient(key: 1) { ...A } }';
    expect(persist(schema, [{ name: '1', text: `${query} ${fragments.text}` }])).toEqual(
      persist(schema, [
        { name: '1', text: `fragment ${two}` },
        { name: '2', text: `# a comment\n${one}` },
        { name: '3', text: query.replaceAll(' ', '\n') },
      ]),
    );
  });

  it('asks for __typename where Apollo Client does, once', () => {
    const persisted = persist(
      schema,
      [
        {
          name: '1',
          text: 'query Q { patient(key: 1) { ...A } node(id: 1) { __typename ... on Patient { id } } }',
        },
        fragments,
      ],
      { typename: true },
    );
    expect('operations' in persisted && persisted.operations[0]?.body).toBe(
      print(
        parse(`query Q { patient(key: 1) { ...A __typename } node(id: 1) { __typename ... on Patient { id __typename } } }
        fragment A on Patient { id ...B __typename } fragment B on Patient { name __typename }`),
      ),
    );
  });

  it('lists every fault with its place', () => {
    expect(
      namesOf(
        persist(schema, [
          { name: 'a.graphql', text: 'query Q {\n  patient(key: "x") { id }\n}' },
          { name: 'b.graphql', text: 'query Q { node(id: 1) { ...Unknown } }' },
          { name: 'c.graphql', text: '{ __typename }' },
        ]),
      ),
    ).toEqual([
      'a.graphql:2:16  Int cannot represent non-integer value: "x"',
      'a.graphql:1:7  There can be only one operation named "Q".',
      'b.graphql:1:28  Unknown fragment "Unknown".',
      'c.graphql:1:1  An operation needs a name, by which clients find its id.',
    ]);
    expect(
      namesOf(
        persist(schema, [
          { name: 'a.graphql', text: 'query {' },
          { name: 'b.graphql', text: '}' },
        ]),
      ),
    ).toEqual([
      'a.graphql:1:8  Syntax Error: Expected Name, found <EOF>.',
      'b.graphql:1:1  Syntax Error: Unexpected "}".',
    ]);
  });

  it('writes what reads back', () => {
    const persisted = persist(schema, [
      { name: '1', text: 'query Ünicode_ { __typename }'.replace('Ü', 'U') },
    ]);
    if (!('operations' in persisted)) throw new Error(persisted.faults.join());
    const [operation] = persisted.operations;
    expect(readManifest(writeManifest(persisted.operations))).toEqual({
      documents: new Map([[operation?.id, operation?.body]]),
    });
  });
});
