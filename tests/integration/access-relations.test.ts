import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AccessRules, claim } from '../../src/access/permission.ts';
import { statements } from '../fixtures/library/statements.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { asMigrator, createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', async () => {
  const { entities } = await import('../fixtures/library/entities.ts');
  const { Ward } = await import('../fixtures/ward/ward.ts');
  return { entities: [...entities, Ward] };
});
vi.mock('../../src/resolvers/index.ts', async (original) => {
  const { resolversOf } = await original<typeof import('../../src/resolvers/index.ts')>();
  const { WardResolver } = await import('../fixtures/ward/ward.ts');
  return { resolversOf: (tables: never) => [...resolversOf(tables), WardResolver] };
});

const readable = { read: true } as const;
const rules: AccessRules = {
  roles: {
    reader: { description: 'A test.' },
    outsider: { description: 'A test.' },
    chief: { description: 'A test.', features: ['parity'] },
    nurse: { description: 'A test.', features: ['introspection', 'parity'] },
    editor: { description: 'A test.' },
  },
  tables: {
    Author: {
      reader: { read: { rows: { not: { name: { in: claim('hidden') } } } } },
      outsider: readable,
      editor: { read: { rows: { not: { name: { in: claim('hidden') } } } }, update: true },
    },
    Book: { reader: readable, outsider: readable, editor: { read: true, update: true } },
    Authorship: { reader: readable },
    Tag: {
      reader: { read: { rows: { word: { ne: claim('word') } } } },
      outsider: readable,
      editor: { read: { rows: { word: { ne: claim('word') } } } },
    },
    Profile: { reader: readable },
    Desk: { reader: readable, editor: { read: { rows: { wood: { ne: 'teak' } } }, update: true } },
    Ward: {
      chief: { read: true, create: true, update: true },
      nurse: { read: true, create: true, update: true },
    },
  },
};

let databases: TestDatabases;
let server: TestServer;
beforeAll(async () => {
  databases = await createDatabases({
    statements: [
      ...statements,
      'create table wards (id int auto_increment primary key, name varchar(50) not null, budget int, beds int)',
      "insert into wards values (1, 'North', 5, 10), (2, 'South', 7, 20)",
    ],
  });
  const auth = await authFor({
    admin: { roles: ['administrator'] },
    reader: { roles: ['reader'], claims: { hidden: ['Ada'], word: 'numbers' } },
    shouting: { roles: ['reader'], claims: { hidden: ['ADA'], word: 'NUMBERS' } },
    scalar: { roles: ['reader'], claims: { hidden: 'Ada', word: 'numbers' } },
    flag: { roles: ['reader'], claims: { hidden: [true], word: true } },
    outsider: { roles: ['outsider'] },
    editor: { roles: ['editor'], claims: { hidden: ['Ada'], word: 'numbers' } },
    chief: { roles: ['chief'] },
    nurse: { roles: ['nurse'] },
  });
  server = await startServer({ ...databases.config, auth }, { rules });
}, 60_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

async function ask(caller: string, query: string) {
  const { data, errors } = await askAs(server, caller, query);
  expect(errors, server.log.slice(-2).join('')).toBeUndefined();
  return data;
}
const titles = async (caller: string, where: string, more = '') =>
  (await ask(caller, `{ books(source: AZURE, where: ${where}${more}) { nodes { title } } }`)).books.nodes.map(
    ({ title }: { title: string }) => title,
  );

describe('a row rule, along many-to-many relations,', () => {
  it('takes rows out of lists, their counts and their aggregates', async () => {
    const { books } = await ask(
      'reader',
      '{ books(source: AZURE) { nodes { title authors { totalCount nodes { name } } authorsAggregate { count min { name } } tags { totalCount nodes { word } } } } }',
    );
    expect(books.nodes).toMatchObject([
      {
        authors: { totalCount: 1, nodes: [{ name: 'Bo' }] },
        authorsAggregate: [{ count: 1, min: { name: 'Bo' } }],
        tags: { totalCount: 0, nodes: [] },
      },
      {
        authors: { totalCount: 1, nodes: [{ name: 'Cy' }] },
        tags: { totalCount: 1, nodes: [{ word: 'plants' }] },
      },
      { authors: { totalCount: 0, nodes: [] }, tags: { totalCount: 1, nodes: [{ word: 'games' }] } },
      { authors: { totalCount: 0, nodes: [] }, tags: { totalCount: 0, nodes: [] } },
    ]);
  });

  it.each<[where: string, forReader: string[], forAll: string[]]>([
    ['{ authors: { some: { name: { eq: "Ada" } } } }', [], ['Algebra', 'Botany', 'Chess']],
    ['{ authors: { none: {} } }', ['Chess', 'Nothing'], ['Nothing']],
    ['{ authors: { every: { name: { eq: "Bo" } } } }', ['Algebra', 'Chess', 'Nothing'], ['Nothing']],
    ['{ authors: { count: { eq: 1 } } }', ['Algebra', 'Botany'], ['Chess']],
    ['{ authors: { count: { gte: 2 } } }', [], ['Algebra', 'Botany']],
    ['{ not: { authors: { count: { eq: 0 } } } }', ['Algebra', 'Botany'], ['Algebra', 'Botany', 'Chess']],
    ['{ tags: { some: { word: { startsWith: "num" } } } }', [], ['Algebra', 'Botany', 'Chess']],
    ['{ tags: { count: { eq: 2 } } }', [], ['Botany', 'Chess']],
    ['{ tags: { every: { word: { eq: "plants" } } } }', ['Algebra', 'Botany', 'Nothing'], ['Nothing']],
  ])('is part of the filter %s', async (where, forReader, forAll) => {
    expect(await titles('reader', where)).toEqual(forReader);
    expect(await titles('admin', where)).toEqual(forAll);
    // Columns compare without case: a claim in capitals hides the same rows.
    expect(await titles('shouting', where)).toEqual(forReader);
  });

  it('is part of orders by counts', async () => {
    const order = ', orderBy: [{ authors: { count: DESC } }, { title: ASC }]';
    expect(await titles('reader', '{}', order)).toEqual(['Algebra', 'Botany', 'Chess', 'Nothing']);
    expect(await titles('reader', '{}', ', orderBy: [{ tags: { count: DESC } }, { title: DESC }]')).toEqual([
      'Chess',
      'Botany',
      'Nothing',
      'Algebra',
    ]);
    expect(await titles('admin', '{}', ', orderBy: [{ tags: { count: DESC } }, { title: DESC }]')).toEqual([
      'Chess',
      'Botany',
      'Algebra',
      'Nothing',
    ]);
  });

  it.each(['scalar', 'flag'])(
    'hides all where a claim has another type, under `not` too: %s',
    async (caller) => {
      const { authors } = await ask(caller, '{ authors(source: GCP) { totalCount } }');
      expect(authors.totalCount).toBe(0);
    },
  );

  it('of a table between that a role may not read hides what it joins', async () => {
    const { books } = await ask('outsider', '{ books(source: AZURE) { nodes { tags { nodes { word } } } } }');
    expect(books.nodes[0].tags.nodes).toEqual([{ word: 'numbers' }]);
    const { errors } = await askAs(server, 'outsider', '{ authorships(source: AZURE) { nodes { key } } }');
    expect(errors?.[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    const joined = await askAs(
      server,
      'outsider',
      '{ books(source: AZURE) { nodes { authors { nodes { name } } } } }',
    );
    expect(
      joined.data?.books?.nodes.flatMap(({ authors }: { authors: { nodes: object[] } }) => authors.nodes) ??
        [],
    ).toEqual([]);
  });
});

describe('a change along relations', () => {
  const sql = async (statement: string) => {
    const { AZURE } = databases.config.databases;
    const connection = await connect(AZURE, AZURE.migrator);
    const [rows] = await connection.query(statement);
    await connection.end();
    return rows;
  };
  const change = async (mutation: string) => {
    const { data, errors = [] } = await askAs(server, 'editor', `mutation { ${mutation} }`);
    return errors.length === 0
      ? data
      : errors.map(({ message, path, extensions }) => ({ message, path, extensions }));
  };
  it('does not tell a hidden row that is connected from one that is not, nor disconnect it', async () => {
    const linked = await change(
      'updateBook(source: AZURE, key: 1, input: { tagsDisconnect: [2] }) { book { key } }',
    );
    const other = await change(
      'updateBook(source: AZURE, key: 4, input: { tagsDisconnect: [2] }) { book { key } }',
    );
    const absent = await change(
      'updateBook(source: AZURE, key: 1, input: { tagsDisconnect: [999] }) { book { key } }',
    );
    expect(linked).toEqual(absent);
    expect(other).toEqual(absent);
    expect(JSON.stringify(absent)).toContain('NOT_FOUND');
    expect(await sql('select tag_id from book_tags where book_id = 1')).toEqual([{ tag_id: 2 }]);
  });

  it('is refused without a word of the hidden row that has the place', async () => {
    await sql("insert into desks (id, author_id, wood) values (90, 4, 'teak'), (91, null, 'pine')");
    const refused = await change(
      'updateAuthor(source: AZURE, key: 4, input: { deskKey: 91 }) { author { key } }',
    );
    expect(refused).toMatchObject([{ extensions: { code: 'WRITE_REFUSED' } }]);
    expect(JSON.stringify(refused)).not.toMatch(/Desk|fields/);
    expect(await sql('select id, author_id from desks where id >= 90')).toEqual([
      { id: 90, author_id: 4 },
      { id: 91, author_id: null },
    ]);
  });

  it('is expected of what the role sees: a hidden row is the same as none', async () => {
    await sql('update authors set mentor_id = 1 where id = 2');
    await sql('update authors set mentor_id = null where id = 3');
    const expecting = (key: number, mentor: number | null) =>
      change(
        `updateAuthor(source: AZURE, key: ${key}, input: { name: "New" }, expected: { mentorKey: ${mentor} }) { author { mentor { key } } }`,
      );
    for (const author of [2, 3]) {
      expect(await expecting(author, 1), `${author}`).toMatchObject([{ extensions: { code: 'CONFLICT' } }]);
      expect(await expecting(author, null), `${author}`).toEqual({
        updateAuthor: { author: { mentor: null } },
      });
    }
    await sql('update authors set mentor_id = 3 where id = 4');
    expect(await expecting(4, null)).toMatchObject([{ extensions: { code: 'CONFLICT' } }]);
    expect(await expecting(4, 3)).toEqual({ updateAuthor: { author: { mentor: { key: 3 } } } });
  });
});

describe('a hidden row costs as many statements as none', () => {
  const update = (what: string, key: number, input: string, expected = '{}') =>
    `mutation { update${what}(source: AZURE, key: ${key}, input: ${input}, expected: ${expected}) { __typename } }`;
  const id = (key: number) => Buffer.from(`AZURE:Author:${key}`).toString('base64url');

  // Ada, 1, is hidden, as are the tag 2 and the desk 92; Ada refers to Bo, and Di sits at the hidden desk.
  it.each<[what: string, hidden: string, absent: string]>([
    ['read', '{ author(source: AZURE, key: 1) { name } }', '{ author(source: AZURE, key: 999) { name } }'],
    [
      'read by its id',
      `{ node(id: "${id(1)}") { id } nodes(ids: ["${id(1)}"]) { id } }`,
      `{ node(id: "${id(999)}") { id } nodes(ids: ["${id(999)}"]) { id } }`,
    ],
    ['changed', update('Author', 1, '{ name: "X" }'), update('Author', 999, '{ name: "X" }')],
    [
      'expected to refer to none',
      update('Author', 1, '{ name: "X" }', '{ mentorKey: null }'),
      update('Author', 999, '{ name: "X" }', '{ mentorKey: null }'),
    ],
    [
      'expected not to be referred to',
      update('Author', 2, '{ name: "Bo" }', '{ mentorKey: null }'),
      update('Author', 3, '{ name: "Cy" }', '{ mentorKey: null }'),
    ],
    [
      'expected to be referred to',
      update('Author', 2, '{ name: "Bo" }', '{ mentorKey: 1 }'),
      update('Author', 2, '{ name: "Bo" }', '{ mentorKey: 999 }'),
    ],
    ['referred to', update('Author', 2, '{ mentorKey: 1 }'), update('Author', 2, '{ mentorKey: 999 }')],
    [
      'taken from its place',
      update('Author', 4, '{ deskKey: null }'),
      update('Author', 3, '{ deskKey: null }'),
    ],
    ['given a place', update('Author', 3, '{ deskKey: 92 }'), update('Author', 3, '{ deskKey: 999 }')],
    ['connected', update('Book', 4, '{ tagsConnect: [2] }'), update('Book', 4, '{ tagsConnect: [999] }')],
    [
      'disconnected',
      update('Book', 1, '{ tagsDisconnect: [2] }'),
      update('Book', 1, '{ tagsDisconnect: [999] }'),
    ],
  ])('where it is %s', async (_what, hidden, absent) => {
    const { AZURE } = databases.config.databases;
    await asMigrator(AZURE, [
      'delete from desks where id >= 90',
      "insert into desks (id, author_id, wood) values (92, 4, 'teak')",
      'update authors set mentor_id = case id when 1 then 2 when 2 then 1 end',
    ]);
    const run = async (query: string) => {
      let answer: unknown;
      const sql = await statementsOf(server.sources.AZURE, async () => {
        const { data, errors = [] } = await askAs(server, 'editor', query);
        answer = [data, errors.map(({ message }: { message: string }) => message.replace(/\d+/g, 'n'))];
      });
      return { answer, statements: sql.map((text) => text.split(' ', 1)[0]) };
    };
    expect(await run(hidden)).toEqual(await run(absent));
  });
});

describe('@Authorized', () => {
  const codeOf = async (caller: string, query: string) =>
    (await askAs(server, caller, query)).errors?.[0].extensions.code ?? 'answered';
  const refused = 'GRAPHQL_VALIDATION_FAILED';

  it.each<[query: string, chief: string, nurse: string]>([
    ['{ wardSecret }', 'answered', refused],
    ['{ wardNotice }', 'answered', 'answered'],
    ['{ wardPlain }', refused, refused],
    ['mutation { closeWard }', 'answered', refused],
    ['{ wards(source: AZURE) { nodes { motto } } }', 'answered', refused],
    ['{ wards(source: AZURE) { nodes { sign name } } }', 'answered', 'answered'],
    ['{ wards(source: AZURE) { nodes { beds } } }', 'answered', 'answered'],
    // A column of a type with simple resolvers, wherever it stands.
    ['{ wards(source: AZURE) { nodes { budget } } }', 'answered', refused],
    ['{ wards(source: AZURE) { nodes { hidden: budget } } }', 'answered', refused],
    ['{ wards(source: AZURE) { nodes { ...on Ward { budget } } } }', 'answered', refused],
    ['query { wards(source: AZURE) { nodes { ...F } } } fragment F on Ward { budget }', 'answered', refused],
    ['{ ward(source: AZURE, key: 1) { budget } }', 'answered', refused],
    ['{ wards(source: AZURE, where: { budget: { gt: 5 } }) { totalCount } }', 'answered', refused],
    [
      '{ wards(source: AZURE, where: { not: { budget: { isNull: true } } }) { totalCount } }',
      'answered',
      refused,
    ],
    ['{ wards(source: AZURE, orderBy: [{ budget: ASC }]) { nodes { key } } }', 'answered', refused],
    ['{ wardsAggregate(source: AZURE) { max { budget } } }', 'answered', refused],
    ['{ wardsAggregate(source: AZURE) { sum { budget } } }', 'answered', refused],
    ['{ wardsAggregate(source: AZURE) { countDistinct { budget } } }', 'answered', refused],
    ['{ wardsAggregate(source: AZURE, groupBy: [budget]) { count } }', 'answered', refused],
    ['{ wardsCompared { nodes { azure { budget } } } }', 'answered', refused],
    [
      'mutation { updateWard(source: AZURE, key: 1, input: { budget: 5 }) { ward { key } } }',
      'answered',
      refused,
    ],
    [
      'mutation { updateWard(source: AZURE, key: 1, input: { beds: 10 }, expected: { budget: 5 }) { ward { key } } }',
      'answered',
      refused,
    ],
    [
      'mutation { createWard(source: AZURE, input: { name: "New", budget: 1 }) { ward { key } } }',
      'answered',
      refused,
    ],
    [
      'mutation { createWard(source: GCP, input: { name: "New" }) { ward { name beds } } }',
      'answered',
      'answered',
    ],
  ])('gives or refuses %s', async (query, chief, nurse) => {
    for (let time = 0; time < (query.startsWith('mutation') ? 1 : 3); time += 1) {
      expect(await codeOf('chief', query)).toBe(chief);
      expect(await codeOf('nurse', query)).toBe(nurse);
      expect(await codeOf('admin', query)).toBe('answered');
    }
  });

  it('leaves what it refuses out of introspection, suggestions and comparisons', async () => {
    const { data } = await askAs(
      server,
      'nurse',
      '{ __schema { types { name fields { name } inputFields { name } enumValues { name } } } }',
    );
    expect(JSON.stringify(data)).not.toMatch(/budget|motto|wardSecret|wardPlain|closeWard/);
    for (const query of ['{ wards(source: AZURE) { nodes { budgets } } }', '{ wardSecrets }']) {
      expect(JSON.stringify((await askAs(server, 'nurse', query)).errors)).not.toMatch(
        /Did you mean[^?]*(budget"|wardSecret")/,
      );
    }
    const compared = await ask('nurse', '{ wardsCompared { nodes { status differing } } }');
    expect(JSON.stringify(compared)).not.toContain('budget');
  });

  it('leaves rows that differ in what it refuses out of runs of parity', async () => {
    await asMigrator(databases.config.databases.GCP, ['update wards set budget = budget + 1 where id = 2']);
    const run = '{ parity { state tables { table differences { key { value } columns } } } }';
    await ask('admin', 'mutation { startParity(tables: ["wards"]) { id } }');
    await expect.poll(async () => (await ask('admin', run)).parity.state, { timeout: 20_000 }).toBe('DONE');
    const differences = async (caller: string) => (await ask(caller, run)).parity.tables[0].differences;
    const columns: unknown = expect.arrayContaining(['budget']);
    expect(await differences('chief')).toContainEqual({ key: [{ value: '2' }], columns });
    expect(await differences('nurse')).toEqual([]);
  });
});
