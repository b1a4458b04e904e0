import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AccessRules, TablePermission } from '../../src/access/permission.ts';
import type { Author, Book, Tag } from '../fixtures/library/entities.ts';
import { statements } from '../fixtures/library/statements.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { createDatabases, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/library/entities.ts'));

// Rows that inputs create, connect and disconnect along relations.

let databases: TestDatabases;
let server: TestServer;
let connection: Awaited<ReturnType<typeof connect>>;
beforeAll(async () => {
  databases = await createDatabases({ statements });
  const database = databases.config.databases.GCP;
  connection = await connect(database, database.migrator);
  server = await startServer(databases.config);
}, 60_000);
afterAll(async () => {
  await connection?.end();
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

const tables = ['book_tags', 'tags', 'authorships', 'books', 'desks', 'profiles', 'authors'];
beforeEach(async () => {
  await connection.query('set foreign_key_checks = 0');
  for (const table of tables) await connection.query(`delete from ${table}`);
  for (const sql of statements.filter((each) => each.startsWith('insert'))) await connection.query(sql);
  await connection.query('set foreign_key_checks = 1');
});

type Fault = { message: string; extensions: { code: string; fields?: { path: string; message: string }[] } };
async function write(mutation: string) {
  const { data, errors } = await server.ask(`mutation { ${mutation} }`);
  expect(errors, server.log.slice(-2).join('')).toBeUndefined();
  return data;
}
async function refusal(mutation: string): Promise<[string, ...string[]]> {
  const { errors } = await server.ask(`mutation { ${mutation} }`);
  const [error] = (errors ?? []) as Fault[];
  const fields = error?.extensions.fields?.map(({ path, message }) => `${path} ${message}`) ?? [];
  return [error?.extensions.code ?? 'none', ...(fields.length > 0 ? fields : [error?.message ?? ''])];
}
const keys = 'nodes { key }';
const keysOf = ({ nodes }: { nodes: { key: number }[] }) => nodes.map(({ key }) => key);
/** What stands in the database, beside the API. */
async function column(sql: string): Promise<unknown[]> {
  const [rows] = await connection.query({ sql, rowsAsArray: true });
  return (rows as unknown[][]).map((row) => (row.length === 1 ? row[0] : row));
}

describe('along a one-to-many relation', () => {
  it('rows are created, connected and disconnected by one change, in one transaction', async () => {
    const { updateAuthor } = await write(
      `updateAuthor(source: GCP, key: 1, input: { name: "Ada L", pupils: [{ name: "Ed" }, { name: "Flo" }], pupilsConnect: [4], pupilsDisconnect: [3] }) { author { name pupils { nodes { name } } } }`,
    );
    expect(updateAuthor.author.name).toBe('Ada L');
    expect(updateAuthor.author.pupils.nodes.map(({ name }: { name: string }) => name)).toEqual([
      'Bo',
      'Di',
      'Ed',
      'Flo',
    ]);
    expect(await column('select mentor_id from authors where id = 3')).toEqual([null]);
  });

  it('a new row has rows that were there', async () => {
    const { createAuthor } = await write(
      `createAuthor(source: GCP, input: { name: "Gil", pupilsConnect: [2, 3] }) { author { key pupils { ${keys} } } }`,
    );
    expect(keysOf(createAuthor.author.pupils)).toEqual([2, 3]);
    const { createAuthors } = await write(
      `createAuthors(source: GCP, inputs: [{ name: "H", pupilsConnect: [2] }, { name: "I", pupils: [{ name: "J" }], pupilsConnect: [3] }]) { authors { pupils { nodes { name } } } }`,
    );
    expect(
      createAuthors.authors.map(({ pupils }: { pupils: { nodes: { name: string }[] } }) =>
        pupils.nodes.map(({ name }) => name),
      ),
    ).toEqual([['Bo'], ['Cy', 'J']]);
  });

  it('nothing is changed where a key is that of no row, or of one that does not belong to it', async () => {
    expect(
      await refusal(
        'updateAuthor(source: GCP, key: 1, input: { name: "X", pupilsConnect: [4, 98, 99] }) { author { key } }',
      ),
    ).toEqual([
      'NOT_FOUND',
      'input.pupilsConnect.1 is the key of no Author',
      'input.pupilsConnect.2 is the key of no Author',
    ]);
    expect(
      await refusal(
        'updateAuthor(source: GCP, key: 1, input: { pupils: [{ name: "K" }], pupilsDisconnect: [3, 4] }) { author { key } }',
      ),
    ).toEqual(['NOT_FOUND', 'input.pupilsDisconnect.1 is the key of no Author that belongs to this row']);
    expect(await column('select id, name, mentor_id from authors')).toEqual([
      [1, 'Ada', null],
      [2, 'Bo', 1],
      [3, 'Cy', 1],
      [4, 'Di', 2],
    ]);
    expect(
      await refusal('updateAuthor(source: GCP, key: 99, input: { pupilsConnect: [4] }) { author { key } }'),
    ).toEqual(['NOT_FOUND', 'GCP has no Author with the key 99.']);
  });

  it('a key is given once, whatever the list and the input', async () => {
    expect(
      await refusal(
        'updateAuthor(source: GCP, key: 1, input: { pupilsConnect: [4, 4], pupilsDisconnect: [4] }) { author { key } }',
      ),
    ).toEqual([
      'BAD_USER_INPUT',
      'input.pupilsConnect.1 is a key that is given twice',
      'input.pupilsDisconnect.0 is a key that is given twice',
    ]);
    expect(
      await refusal(
        'createAuthors(source: GCP, inputs: [{ name: "A", pupilsConnect: [4] }, { name: "B", pupilsConnect: [4] }]) { authors { key } }',
      ),
    ).toEqual(['BAD_USER_INPUT', 'inputs.1.pupilsConnect.0 is a key that is given twice']);
  });

  it('rows that have to belong to one can be connected, and not disconnected', async () => {
    const { data } = await server.ask('{ __type(name: "UpdateBookInput") { inputFields { name } } }');
    const names = data.__type.inputFields.map(({ name }: { name: string }) => name);
    expect(names.toSorted()).toEqual([
      'authorships',
      'authorshipsConnect',
      'tags',
      'tagsConnect',
      'tagsDisconnect',
      'title',
    ]);
    const { updateBook } = await write(
      `updateBook(source: GCP, key: 4, input: { authorshipsConnect: [1], authorships: [{ authorKey: 4, pages: 7 }] }) { book { authorships { nodes { pages author { name } } } } }`,
    );
    expect(updateBook.book.authorships.nodes).toEqual([
      { pages: 5, author: { name: 'Ada' } },
      { pages: 7, author: { name: 'Di' } },
    ]);
    expect(
      await refusal(
        'updateBook(source: GCP, key: 4, input: { authorships: [{ authorKey: 99, pages: 7 }] }) { book { key } }',
      ),
    ).toEqual(['NOT_FOUND', 'input.authorships.0.authorKey is the key of no Author']);
  });
});

describe('along a many-to-many relation', () => {
  it('rows are created, connected and disconnected from either side', async () => {
    const { updateBook } = await write(
      `updateBook(source: GCP, key: 2, input: { tags: [{ word: "new" }, { word: "newer" }], tagsConnect: [4], tagsDisconnect: [1, 2] }) { book { tags { nodes { word } } } }`,
    );
    expect(updateBook.book.tags.nodes.map(({ word }: { word: string }) => word)).toEqual([
      'none',
      'new',
      'newer',
    ]);
    const { createTag } = await write(
      `createTag(source: GCP, input: { word: "all", booksConnect: [1, 2, 3], books: [{ title: "Zoo" }] }) { tag { books { nodes { title tags { totalCount } } } } }`,
    );
    expect(createTag.tag.books.nodes).toEqual([
      { title: 'Algebra', tags: { totalCount: 2 } },
      { title: 'Botany', tags: { totalCount: 4 } },
      { title: 'Chess', tags: { totalCount: 3 } },
      { title: 'Zoo', tags: { totalCount: 1 } },
    ]);
    const { createBooks } = await write(
      `createBooks(source: GCP, inputs: [{ title: "A", tagsConnect: [1, 2] }, { title: "B", tags: [{ word: "x" }], tagsConnect: [1] }]) { books { tags { nodes { word } } } }`,
    );
    expect(
      createBooks.books.map(({ tags }: { tags: { nodes: { word: string }[] } }) =>
        tags.nodes.map(({ word }) => word),
      ),
    ).toEqual([
      ['plants', 'numbers'],
      ['plants', 'x'],
    ]);
  });

  it('a link that is there, a row that is not, and one that is not connected are refused by name', async () => {
    const change = (input: string) =>
      `updateBook(source: GCP, key: 3, input: { title: "X", ${input} }) { book { key } }`;
    expect(await refusal(change('tagsConnect: [1, 2, 3]'))).toEqual([
      'DUPLICATE',
      'input.tagsConnect.1 is connected to this row already',
      'input.tagsConnect.2 is connected to this row already',
    ]);
    expect(await refusal(change('tagsConnect: [1, 98, 99]'))).toEqual([
      'NOT_FOUND',
      'input.tagsConnect.1 is the key of no Tag',
      'input.tagsConnect.2 is the key of no Tag',
    ]);
    expect(await refusal(change('tagsDisconnect: [2, 4]'))).toEqual([
      'NOT_FOUND',
      'input.tagsDisconnect.1 is the key of no Tag that belongs to this row',
    ]);
    expect(await refusal(change('tagsConnect: [1, 1]'))).toEqual([
      'BAD_USER_INPUT',
      'input.tagsConnect.1 is a key that is given twice',
    ]);
    expect(
      await column(
        'select title, (select count(*) from book_tags where book_id = 3) from books where id = 3',
      ),
    ).toEqual([['Chess', 2]]);
  });

  it('is not written through a table between that needs more than both keys', async () => {
    const { data } = await server.ask('{ __type(name: "CreateAuthorInput") { inputFields { name } } }');
    const names = data.__type.inputFields.map(({ name }: { name: string }) => name);
    expect(names.toSorted()).toEqual([
      'authorships',
      'authorshipsConnect',
      'deskKey',
      'mentorKey',
      'name',
      'profileKey',
      'pupils',
      'pupilsConnect',
    ]);
  });

  it('costs one statement a table, and one that looks for links, whatever the number of rows', async () => {
    const sent = await statementsOf(server.sources.GCP, async () => {
      await write(
        'createBooks(source: GCP, inputs: [{ title: "A", tagsConnect: [1, 2] }, { title: "B", tagsConnect: [1, 3, 4] }]) { __typename }',
      );
    });
    expect(sent.filter((sql) => /^insert/i.test(sql))).toHaveLength(2);
    expect(sent.filter((sql) => /book_tags/.test(sql))).toHaveLength(2);
  });
});

describe('along a one-to-one relation', () => {
  it('the side without the foreign key connects and disconnects', async () => {
    const desk = (of: string) => `${of} { author { desk { key } } }`;
    const { a } = await write(desk('a: updateAuthor(source: GCP, key: 3, input: { deskKey: 2 })'));
    expect(a.author.desk).toEqual({ key: 2 });
    // The one of another row, instead of the own one, which is free then.
    const { b } = await write(desk('b: updateAuthor(source: GCP, key: 3, input: { deskKey: 1 })'));
    expect(b.author.desk).toEqual({ key: 1 });
    expect(await column('select author_id from desks order by id')).toEqual([3, null, 2]);
    const { c } = await write(desk('c: updateAuthor(source: GCP, key: 3, input: { deskKey: null })'));
    expect(c.author.desk).toBeNull();
    const { createAuthor } = await write(desk('createAuthor(source: GCP, input: { name: "L", deskKey: 2 })'));
    expect(createAuthor.author.desk).toEqual({ key: 2 });
    expect(
      await refusal('updateAuthor(source: GCP, key: 3, input: { deskKey: 99 }) { author { key } }'),
    ).toEqual(['NOT_FOUND', 'input.deskKey is the key of no Desk']);
  });

  it('a row that has to belong to one is moved, and never let go', async () => {
    const { updateAuthor } = await write(
      'updateAuthor(source: GCP, key: 3, input: { profileKey: 10 }) { author { profile { text } } }',
    );
    expect(updateAuthor.author.profile).toEqual({ text: 'Life of Bo' });
    expect(
      await refusal('updateAuthor(source: GCP, key: 3, input: { profileKey: null }) { author { key } }'),
    ).toEqual(['BAD_USER_INPUT', 'input.profileKey cannot be null: each Profile has its author']);
    expect(
      (await refusal('updateAuthor(source: GCP, key: 3, input: { profileKey: 11 }) { author { key } }'))[0],
    ).toBe('DUPLICATE');
  });
});

describe('along a many-to-one relation', () => {
  it('the key connects, and null disconnects where it may', async () => {
    const mentor = (of: string) => `${of} { author { mentor { key } } }`;
    const { a } = await write(mentor('a: updateAuthor(source: GCP, key: 4, input: { mentorKey: 3 })'));
    expect(a.author.mentor).toEqual({ key: 3 });
    const { b } = await write(mentor('b: updateAuthor(source: GCP, key: 4, input: { mentorKey: null })'));
    expect(b.author.mentor).toBeNull();
    expect(
      await refusal('updateAuthorship(source: GCP, key: 1, input: { bookKey: null }) { authorship { key } }'),
    ).toEqual(['BAD_USER_INPUT', 'input.bookKey cannot be null']);
    expect(
      await refusal('updateAuthorship(source: GCP, key: 1, input: { bookKey: 99 }) { authorship { key } }'),
    ).toEqual(['NOT_FOUND', 'input.bookKey is the key of no Book']);
  });
});

it('lists of keys are bounded, and are no part of what is expected', async () => {
  const many = Array.from({ length: 1001 }, (_, at) => at + 10).join();
  expect(
    await refusal(
      `updateAuthor(source: GCP, key: 1, input: { pupilsConnect: [${many}] }) { author { key } }`,
    ),
  ).toEqual(['BAD_USER_INPUT', 'input.pupilsConnect takes at most 1000 keys, has 1001']);
  expect(
    await refusal(
      'updateAuthor(source: GCP, key: 1, input: { name: "X" }, expected: { name: "Ada", pupilsConnect: [2], deskKey: 1 }) { author { key } }',
    ),
  ).toEqual([
    'BAD_USER_INPUT',
    'expected.pupilsConnect is no column, and cannot be compared',
    'expected.deskKey is no column, and cannot be compared',
  ]);
  expect(
    await refusal(
      'updateAuthor(source: GCP, key: 1, input: { pupilsConnect: [4] }, expected: { name: "Bo" }) { author { key } }',
    ),
  ).toEqual(['CONFLICT', 'expected.name differs from what the source holds']);
  expect(
    await refusal('updateAuthor(source: GCP, key: 1, input: { pupilsConnect: [] }) { author { key } }'),
  ).toEqual(['BAD_USER_INPUT', 'input has no field to change']);
});

it('a role connects rows that it may read, where it may change what is written', async () => {
  const rules: AccessRules = {
    roles: { clerk: { description: 'A test.' }, helper: { description: 'A test.' } },
    tables: {
      Author: {
        clerk: { read: { rows: { name: { ne: 'Di' } } }, create: true, update: true },
        helper: { read: true, update: { columns: ['name'] } },
      } satisfies Record<string, TablePermission<Author>>,
      Book: {
        clerk: { read: true, update: true },
        helper: { read: true, update: { columns: ['title'] } },
      } satisfies Record<string, TablePermission<Book>>,
      Tag: {
        clerk: { read: { rows: { word: { ne: 'none' } } }, create: true },
        helper: { read: true },
      } satisfies Record<string, TablePermission<Tag>>,
    },
  };
  const auth = await authFor({ clerk: { roles: ['clerk'] }, helper: { roles: ['helper'] } });
  await using guarded = await startServer({ ...databases.config, auth }, { rules });
  const as = async (caller: string, mutation: string) => {
    const { data, errors } = await askAs(guarded, caller, `mutation { ${mutation} }`);
    return errors?.[0]?.extensions?.code ?? Object.values(data)[0];
  };
  const pupils = (input: string) =>
    `updateAuthor(source: GCP, key: 3, input: { ${input} }) { author { pupils { ${keys} } } }`;
  expect(await as('clerk', pupils('pupilsConnect: [2]'))).toMatchObject({
    author: { pupils: { nodes: [{ key: 2 }] } },
  });
  // A row that it may not read is one that is not there, and none may become one.
  expect(await as('clerk', pupils('pupilsConnect: [4]'))).toBe('NOT_FOUND');
  expect(await as('clerk', pupils('pupils: [{ name: "Di" }]'))).toBe('FORBIDDEN');
  expect(await as('clerk', pupils('pupils: [{ name: "Ed", mentorKey: 4 }]'))).toBe(
    'GRAPHQL_VALIDATION_FAILED',
  );
  const tags = (input: string) =>
    `updateBook(source: GCP, key: 4, input: { ${input} }) { book { tags { ${keys} } } }`;
  expect(await as('clerk', tags('tagsConnect: [1]'))).toMatchObject({
    book: { tags: { nodes: [{ key: 1 }] } },
  });
  expect(await as('clerk', tags('tagsConnect: [4]'))).toBe('NOT_FOUND');
  expect(await as('clerk', tags('tags: [{ word: "none" }]'))).toBe('FORBIDDEN');
  expect(await as('clerk', tags('tagsDisconnect: [1]'))).toMatchObject({ book: { tags: { nodes: [] } } });
  for (const mutation of [
    pupils('pupilsConnect: [2]'),
    tags('tagsConnect: [1]'),
    tags('tagsDisconnect: [1]'),
    tags('tags: [{ word: "x" }]'),
  ]) {
    expect(await as('helper', mutation)).toBe('GRAPHQL_VALIDATION_FAILED');
  }
  expect(await column('select mentor_id from authors where id = 4')).toEqual([2]);
});
