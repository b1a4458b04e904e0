import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AccessRules, TablePermission } from '../../src/access/permission.ts';
import { randomStream } from '../../src/seeders/random.ts';
import type { Book } from '../fixtures/library/entities.ts';
import { statements } from '../fixtures/library/statements.ts';
import { askAs, authFor } from '../helpers/api-key-callers.ts';
import { type AuditedDatabases, createAuditedDatabases } from '../helpers/audit-trail.ts';
import { connect } from '../helpers/driver.ts';
import { seed } from '../helpers/random-seed.ts';
import { statementsOf } from '../helpers/sent-statements.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

vi.mock('../../src/entities/index.ts', () => import('../fixtures/library/entities.ts'));

// Rows that foreign keys delete or change by themselves. The oracle is what stands in all tables before and after.

const isLong = process.env.TANDEM_LONG === '1';

/** The library with foreign keys that act, and tables that no entity maps. */
const tables = [
  ...statements
    .filter((sql) => sql.startsWith('create'))
    .map((sql) =>
      sql
        .replace(/references books \(id\)/, 'references books (id) on delete cascade')
        .replace(/references tags \(id\)/, 'references tags (id) on delete cascade')
        .replace(/(mentor_id\) references authors \(id\))/, '$1 on delete set null')
        .replace(
          /(author_id\) references authors \(id\))/,
          sql.includes('table desks') ? '$1 on delete set null' : '$1 on delete cascade',
        ),
    ),
  `create table copies (book_id int not null, shelf varchar(10) not null, spare char(1) not null, primary key (shelf, book_id),
     constraint copies_book foreign key (book_id) references books (id) on delete cascade)`,
  `create table loans (number binary(4) primary key, book_id int, shelf varchar(10), reader varchar(20) not null,
     constraint loans_copy foreign key (shelf, book_id) references copies (shelf, book_id) on delete set null)`,
  `create table marks (book_id int not null, shelf varchar(10) not null, page int not null, key (shelf, book_id),
     constraint marks_copy foreign key (shelf, book_id) references copies (shelf, book_id) on delete cascade)`,
  `create table chapters (id bigint unsigned primary key, book_id int, within bigint unsigned,
     constraint chapters_book foreign key (book_id) references books (id) on delete cascade,
     constraint chapters_within foreign key (within) references chapters (id) on delete cascade)`,
  'alter table tags add unique key tags_word (word)',
  `create table synonyms (id int primary key, word varchar(50), constraint synonyms_word foreign key (word) references tags (word)
     on update cascade on delete set null, unique key (word))`,
  `create table jokes (id int primary key, word varchar(50),
     constraint jokes_word foreign key (word) references synonyms (word) on update cascade on delete set null)`,
];
const names = [
  'authors',
  'profiles',
  'desks',
  'books',
  'authorships',
  'tags',
  'book_tags',
  'copies',
  'loans',
  'marks',
  'chapters',
  'synonyms',
  'jokes',
];
const keyColumns: Readonly<Record<string, readonly string[]>> = {
  book_tags: ['book_id', 'tag_id'],
  copies: ['book_id', 'shelf'],
  loans: ['number'],
  marks: [],
};
const rows = [
  ...statements.filter((sql) => sql.startsWith('insert')),
  "insert into copies values (1, 'A', 'x'), (1, 'B', 'x'), (2, 'A', 'y'), (3, 'C', 'z')",
  "insert into loans values ('aaaa', 1, 'A', 'r'), ('bbbb', 1, 'B', 'r'), ('cccc', 3, 'C', 'r'), ('dddd', null, 'A', 'r')",
  "insert into marks values (1, 'A', 1), (1, 'A', 1), (1, 'B', 2), (2, 'A', 3)",
  'insert into chapters values (18446744073709551615, 1, null), (2, null, 18446744073709551615), (3, 2, 2), (4, null, 3), (5, null, null), (6, null, 4)',
  "insert into synonyms values (1, 'plants'), (2, null), (3, 'games')",
  "insert into jokes values (1, 'plants'), (2, 'plants'), (3, 'games'), (4, null)",
];

let databases: AuditedDatabases;
let server: TestServer;
let connection: Awaited<ReturnType<typeof connect>>;
beforeAll(async () => {
  databases = await createAuditedDatabases({ statements: tables });
  const database = databases.config.databases.AZURE;
  connection = await connect(database, database.migrator);
  server = await startServer(databases.config);
});
afterAll(async () => {
  await connection?.end();
  await server?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});
async function empty(): Promise<void> {
  await connection.query('set foreign_key_checks = 0');
  for (const name of names) await connection.query(`delete from ${name}`);
}
beforeEach(async () => {
  await empty();
  for (const sql of rows) await connection.query(sql);
  await connection.query('set foreign_key_checks = 1');
  await databases.sql('AZURE', 'delete from TRAIL_write');
});

type Row = Readonly<Record<string, unknown>>;
async function snapshot(): Promise<ReadonlyMap<string, readonly Row[]>> {
  const all = new Map<string, readonly Row[]>();
  for (const name of names) {
    const [found] = await connection.query({
      sql: `select * from ${name}`,
      supportBigNumbers: true,
    } as never);
    all.set(
      name,
      (found as Record<string, unknown>[]).map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([column, value]) => [
            column,
            Buffer.isBuffer(value) ? value.toString('hex').toUpperCase() : value,
          ]),
        ),
      ),
    );
  }
  return all;
}

/** What a change has done to a table: rows that are gone, and rows that have changed, by the columns that did. */
type Effect = `${'delete' | 'update'} ${string} ${string}`;
function keyText(table: string, row: Row): string {
  const key = keyColumns[table] ?? ['id'];
  if (key.length === 0) return '';
  if (key.length === 1) return JSON.stringify(row[key[0] as string]);
  return JSON.stringify(Object.fromEntries(key.map((column) => [column, row[column]])));
}
function effects(
  before: ReadonlyMap<string, readonly Row[]>,
  after: ReadonlyMap<string, readonly Row[]>,
): Effect[] {
  return names.flatMap((table): Effect[] => {
    const old = before.get(table) ?? [];
    const now = after.get(table) ?? [];
    if (keyText(table, {}) === '') {
      return Array.from({ length: old.length - now.length }, () => `delete ${table} ` as const);
    }
    const byKey = new Map(now.map((row) => [keyText(table, row), row]));
    return old.flatMap((row): Effect[] => {
      const key = keyText(table, row);
      const kept = byKey.get(key);
      if (kept === undefined) return [`delete ${table} ${key}`];
      const changed = Object.keys(row).filter((column) => row[column] !== kept[column]);
      return changed.map((column): Effect => `update ${table}.${column} ${key}`);
    });
  });
}

interface Recorded {
  readonly operation: string;
  readonly table: string;
  readonly count: number;
  readonly keys: readonly unknown[];
  readonly columns: readonly string[];
  readonly request: string;
}
async function trail(): Promise<Recorded[]> {
  const found = await databases.sql('AZURE', 'select * from TRAIL_write order by id');
  return found.map((row) => ({
    operation: row.operation as string,
    table: row.table_name as string,
    count: row.row_count as number,
    keys: JSON.parse(row.row_keys as string) as unknown[],
    columns: JSON.parse(row.column_names as string) as string[],
    request: row.request_id as string,
  }));
}
/** The same, as the trail tells it. */
function recordedEffects(recorded: readonly Recorded[]): Effect[] {
  return recorded.flatMap(({ operation, table, count, keys, columns }): Effect[] => {
    if (keyText(table, {}) === '') return Array.from({ length: count }, () => `delete ${table} ` as const);
    const texts = keys.map((key) => keyText(table, keyOf(table, key)));
    if (operation === 'delete') return texts.map((key): Effect => `delete ${table} ${key}`);
    return texts.flatMap((key) => columns.map((column): Effect => `update ${table}.${column} ${key}`));
  });
}
function keyOf(table: string, key: unknown): Row {
  const columns = keyColumns[table] ?? ['id'];
  return columns.length === 1 ? { [columns[0] as string]: key } : (key as Row);
}

async function write(mutation: string): Promise<unknown> {
  const { data, errors } = await server.ask(`mutation { ${mutation} }`);
  expect(errors, mutation).toBeUndefined();
  return data;
}
/** Makes a change, and expects that the trail has all that it has done to any table, and nothing else. */
async function expectWhole(mutation: string): Promise<Recorded[]> {
  const before = await snapshot();
  await write(mutation);
  const recorded = await trail();
  expect(recordedEffects(recorded).toSorted(), mutation).toEqual(
    effects(before, await snapshot()).toSorted(),
  );
  expect(new Set(recorded.map(({ request }) => request)).size).toBe(1);
  return recorded;
}

describe('the trail has what foreign keys take along', () => {
  it('when a row is deleted: each table with keys, number, and the columns of the foreign key', async () => {
    const recorded = await expectWhole('deleteBook(source: AZURE, key: 1) { key }');
    expect(recorded.map(({ request: _, ...rest }) => rest)).toEqual(
      expect.arrayContaining([
        { operation: 'delete', table: 'books', count: 1, keys: [1], columns: [] },
        { operation: 'delete', table: 'authorships', count: 2, keys: [2, 4], columns: ['book_id'] },
        {
          operation: 'delete',
          table: 'book_tags',
          count: 1,
          keys: [{ book_id: 1, tag_id: 2 }],
          columns: ['book_id'],
        },
        { operation: 'delete', table: 'marks', count: 3, keys: [], columns: ['shelf', 'book_id'] },
        {
          operation: 'update',
          table: 'loans',
          count: 2,
          keys: ['61616161', '62626262'],
          columns: ['shelf', 'book_id'],
        },
      ]),
    );
    expect(recorded[0]?.table).toBe('books');
  });

  it.each([
    [
      'a row that refers to itself by others, over several levels',
      'deleteBook(source: AZURE, key: 2) { key }',
    ],
    ['rows that lose their parent', 'deleteAuthor(source: AZURE, key: 1) { key }'],
    ['rows by a unique column', 'deleteTag(source: AZURE, key: 1) { key }'],
    ['a row to which none refers', 'deleteBook(source: AZURE, key: 4) { key }'],
    ['a row of a table to which no foreign key refers', 'deleteDesk(source: AZURE, key: 1) { key }'],
  ])('%s', async (_, mutation) => {
    await expectWhole(mutation);
  });

  it('when a column changes to which foreign keys refer, also over two levels; not when it keeps its value', async () => {
    const recorded = await expectWhole(
      'updateTag(source: AZURE, key: 1, input: { word: "Plants" }) { tag { key } }',
    );
    expect(recorded.map(({ operation, table, keys }) => [operation, table, keys])).toEqual([
      ['update', 'tags', [1]],
      ['update', 'synonyms', [1]],
      ['update', 'jokes', [1, 2]],
    ]);
    await databases.sql('AZURE', 'delete from TRAIL_write');
    await write('updateTag(source: AZURE, key: 1, input: { word: "Plants" }) { tag { key } }');
    expect((await trail()).map(({ table }) => table)).toEqual(['tags']);
  });

  it('where rows refer to each other in a circle, and to themselves', async () => {
    await connection.query('update authors set mentor_id = 1 where id = 1');
    await connection.query('update chapters set within = 6 where id = 18446744073709551615');
    await expectWhole('deleteAuthor(source: AZURE, key: 1) { key }');
    await databases.sql('AZURE', 'delete from TRAIL_write');
    await expectWhole('deleteBook(source: AZURE, key: 1) { key }');
  });

  it('has the first 1000 keys and the number of all', async () => {
    const values = Array.from({ length: 1500 }, (_, at) => `(${at + 100}, 4)`);
    await connection.query(`insert into chapters (id, book_id) values ${values.join(', ')}`);
    await write('deleteBook(source: AZURE, key: 4) { key }');
    const [, chapters] = await trail();
    expect(chapters).toMatchObject({ table: 'chapters', count: 1500 });
    expect(chapters?.keys).toHaveLength(1000);
  });

  it('and the change is refused where they are too many to name', async () => {
    await connection.query('set session cte_max_recursion_depth = 20000');
    await connection.query(
      'insert into chapters (id, book_id) with recursive n as (select 1000 as id union all select id + 1 from n where id < 11000) select id, 4 from n',
    );
    const { errors } = await server.ask('mutation { deleteBook(source: AZURE, key: 4) { key } }');
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining('more than 10000 rows'),
      extensions: { code: 'REFERENCED' },
    });
    expect(await trail()).toEqual([]);
    await connection.query('delete from chapters where id >= 1000');
  });

  it('of a foreign key that was made while the server runs', async () => {
    await connection.query(
      'create table notes (id int primary key, book_id int, constraint notes_book foreign key (book_id) references books (id) on delete cascade)',
    );
    await connection.query('insert into notes values (7, 4)');
    await delay(2100);
    try {
      await write('deleteBook(source: AZURE, key: 4) { key }');
      expect(await trail()).toMatchObject([
        { table: 'books', keys: [4] },
        { operation: 'delete', table: 'notes', keys: [7] },
      ]);
    } finally {
      await connection.query('drop table notes');
    }
  });

  it('and what is refused has none', async () => {
    await connection.query(
      'create table bills (id int primary key, shelf varchar(10), book_id int, constraint bills_copy foreign key (shelf, book_id) references copies (shelf, book_id))',
    );
    await connection.query("insert into bills values (1, 'A', 1)");
    try {
      const before = await snapshot();
      const { errors } = await server.ask('mutation { deleteBook(source: AZURE, key: 1) { key } }');
      expect(errors?.[0]?.extensions.code).toBe('REFERENCED');
      expect(await trail()).toEqual([]);
      expect(effects(before, await snapshot())).toEqual([]);
    } finally {
      await connection.query('drop table bills');
    }
  });

  it('for a role with a row rule, too, and nothing of a row that it may not delete', async () => {
    const auth = await authFor({ clerk: { roles: ['clerk'] } });
    const clerk: TablePermission<Book> = {
      read: { rows: { title: { ne: 'Chess' } } },
      delete: { rows: { title: { ne: 'Botany' } } },
    };
    const rules: AccessRules = {
      roles: { clerk: { description: 'A test.' } },
      tables: {
        Book: { clerk } as never,
        Tag: { clerk: { read: { rows: { word: { ne: 'plants' } } }, update: true } },
      },
    };
    await using guarded = await startServer({ ...databases.config, auth }, { rules });
    const before = await snapshot();
    for (const key of [2, 3]) {
      const { errors } = await askAs(
        guarded,
        'clerk',
        `mutation { deleteBook(source: AZURE, key: ${key}) { key } }`,
      );
      expect(errors?.[0].extensions.code).toBe('NOT_FOUND');
    }
    // A tag that it does not see, to which two tables refer, and none.
    const statements = (key: number) =>
      statementsOf(guarded.sources.AZURE, async () => {
        const rename = `mutation { updateTag(source: AZURE, key: ${key}, input: { word: "x" }) { tag { key } } }`;
        expect((await askAs(guarded, 'clerk', rename)).errors?.[0].extensions.code).toBe('NOT_FOUND');
      });
    await statements(998);
    expect(await statements(1)).toHaveLength((await statements(999)).length);
    expect(await trail()).toEqual([]);
    const { errors } = await askAs(
      guarded,
      'clerk',
      'mutation { deleteBook(source: AZURE, key: 1) { key } }',
    );
    expect(errors).toBeUndefined();
    const recorded = recordedEffects(await trail());
    expect(recorded.length).toBeGreaterThan(5);
    expect(recorded.toSorted()).toEqual(effects(before, await snapshot()).toSorted());
  });

  it('names no row that another session adds meanwhile, and misses none', async () => {
    const other = await connect(databases.config.databases.AZURE, databases.config.databases.AZURE.migrator);
    await other.query('begin');
    await other.query('insert into chapters (id, book_id) values (50, 3)');
    const deleting = expect.soft(write('deleteBook(source: AZURE, key: 3) { key }')).resolves.toBeDefined();
    await delay(200);
    await other.query('commit');
    await deleting;
    await other.end();
    expect((await trail()).find(({ table }) => table === 'chapters')?.keys).toEqual([50]);
  });

  it('costs a statement a foreign key, and none where no foreign key acts on the table', async () => {
    await write('deleteBook(source: AZURE, key: 4) { key }');
    const statements = async (mutation: string) => {
      const sql = await statementsOf(server.sources.AZURE, () => write(mutation));
      return sql
        .filter((text) => !text.includes('information_schema'))
        .map((text) => text.split(' ', 1)[0]?.toLowerCase());
    };
    expect(await statements('deleteDesk(source: AZURE, key: 2) { key }')).toEqual([
      'begin',
      'delete',
      'insert',
      'commit',
    ]);
    expect(
      (await statements('updateTag(source: AZURE, key: 4, input: { word: "new" }) { tag { word } }')).filter(
        (verb) => verb === 'select',
      ),
    ).toHaveLength(4);
    expect(await statements('deleteProfile(source: AZURE, key: 10) { key }')).toEqual([
      'begin',
      'delete',
      'insert',
      'commit',
    ]);
  });
});

it('has rows that went along, and none that stayed, where connections are killed in the middle', async () => {
  const books = isLong ? 2000 : 60;
  const kills = isLong ? 200 : 15;
  await connection.query('set session cte_max_recursion_depth = 10000');
  const numbers = 'with recursive n as (select 1 as id union all select id + 1 from n where id < ?) select';
  await connection.query(`insert into books ${numbers} id + 100, 't' from n`, [books]);
  await connection.query(
    `insert into chapters (id, book_id) ${numbers} id + 1000, 100 + (id + 1) div 2 from n`,
    [2 * books],
  );
  await connection.query("insert into copies select id, 'A', 'x' from books where id > 100");
  await connection.query(
    "insert into loans select unhex(lpad(hex(id), 8, '0')), id, 'A', 'r' from books where id > 100",
  );
  const keysOf = async (sql: string) => {
    const [found] = await connection.query({ sql, rowsAsArray: true });
    return (found as unknown[][]).map(([key]) => key);
  };
  const next = Array.from({ length: books }, (_, at) => at + 101).values();
  let over = false;
  const writers = Array.from({ length: 4 }, async () => {
    for (const key of next) await server.ask(`mutation { deleteBook(source: AZURE, key: ${key}) { key } }`);
  });
  const { AZURE } = databases.config.databases;
  const random = randomStream(seed);
  const killer = (async () => {
    const session = await connect(AZURE);
    for (let killed = 0; killed < kills && !over; ) {
      await delay(random() * 20);
      const [sessions] = await session.query(
        'select id as number from information_schema.processlist where db = ? and user = ? and id <> connection_id() order by rand() limit 1',
        [AZURE.name, AZURE.runtime.user],
      );
      for (const { number } of sessions as { number: number }[]) {
        await session.query(`kill ${number}`).catch(() => {});
        killed += 1;
      }
    }
    await session.end();
  })();
  await Promise.all(writers);
  over = true;
  await killer;
  const recorded = await trail();
  const gone = (table: string, operation: string) =>
    recorded.filter((row) => row.table === table && row.operation === operation).flatMap(({ keys }) => keys);
  const left = await keysOf('select id from books where id > 100');
  const deleted = gone('books', 'delete');
  expect([...left, ...deleted].toSorted(), `seed ${seed}`).toEqual(
    Array.from({ length: books }, (_, at) => at + 101).toSorted(),
  );
  expect(deleted.length).toBeGreaterThan(0);
  const chapters = [
    ...(await keysOf('select id from chapters where id between 1001 and 100000')),
    ...gone('chapters', 'delete'),
  ];
  expect(chapters.toSorted(), `seed ${seed}`).toEqual(
    Array.from({ length: 2 * books }, (_, at) => at + 1001).toSorted(),
  );
  const lent = await keysOf('select hex(number) from loans where book_id is not null and book_id > 100');
  expect([...lent, ...gone('loans', 'update')].toSorted(), `seed ${seed}`).toEqual(
    Array.from({ length: books }, (_, at) =>
      (at + 101).toString(16).toUpperCase().padStart(8, '0'),
    ).toSorted(),
  );
});

it('has all of random changes, in any order', async () => {
  const random = randomStream(seed);
  const below = (count: number) => Math.floor(random() * count);
  const some = (count: number) => 1 + below(count);
  const orNull = (value: number | string) => (random() < 0.2 ? null : value);
  const words = ['plants', 'numbers', 'games', 'none', 'Plants', 'x', 'y'];
  const rounds = isLong ? 60 : 3;
  let entries = 0;
  for (let round = 0; round < rounds; round += 1) {
    await empty();
    const insert = async (table: string, values: readonly unknown[][]) => {
      if (values.length > 0) await connection.query(`insert ignore into ${table} values ?`, [values]);
    };
    const list = (count: number, make: (id: number) => unknown[]) =>
      Array.from({ length: count }, (_, at) => make(at + 1));
    await insert(
      'authors',
      list(6, (id) => [id, 'n', orNull(some(6))]),
    );
    await insert(
      'profiles',
      list(4, (id) => [id, id, 't']),
    );
    await insert(
      'desks',
      list(4, (id) => [id, orNull(id), 'w']),
    );
    await insert(
      'books',
      list(5, (id) => [id, 't']),
    );
    await insert(
      'authorships',
      list(12, (id) => [id, some(5), some(6), 1]),
    );
    await insert(
      'tags',
      list(4, (id) => [id, words[id - 1]]),
    );
    await insert(
      'book_tags',
      list(8, () => [some(5), some(4)]),
    );
    await insert(
      'copies',
      list(8, () => [some(5), 'ABC'[below(3)], 'x']),
    );
    await connection.query(
      "insert into loans select unhex(lpad(hex(row_number() over ()), 8, '0')), book_id, shelf, 'r' from copies",
    );
    await connection.query(
      'insert into marks select book_id, shelf, 1 from copies union all select book_id, shelf, 2 from copies',
    );
    await insert(
      'chapters',
      list(12, (id) => [id, orNull(some(5)), orNull(some(12))]),
    );
    await insert(
      'synonyms',
      list(6, (id) => [id, orNull(words[below(4)] as string)]),
    );
    await connection.query(
      'insert into jokes select id, word from synonyms where word is not null union all select id + 10, word from synonyms',
    );
    await connection.query('set foreign_key_checks = 1');
    for (let step = 0; step < 12; step += 1) {
      const table = ['Author', 'Book', 'Tag', 'Book', 'Author'][below(5)] as string;
      const key = some(6);
      const mutation =
        random() < 0.3
          ? `updateTag(source: AZURE, key: ${some(4)}, input: { word: "${words[below(words.length)]}" }) { tag { key } }`
          : random() < 0.3
            ? `updateBook(source: AZURE, key: ${some(5)}, input: { tagsDisconnect: [${some(4)}] }) { book { key } }`
            : `delete${table}(source: AZURE, key: ${key}) { key }`;
      await databases.sql('AZURE', 'delete from TRAIL_write');
      const before = await snapshot();
      await server.ask(`mutation { ${mutation} }`);
      const after = await snapshot();
      const recorded = await trail();
      entries += recorded.length;
      // The columns of a change by the API may hold what they held.
      const [own, ...taken] = recorded;
      const expected = effects(before, after);
      const told = recordedEffects(own?.operation === 'update' ? taken : recorded);
      const without = expected.filter(
        (effect) => own?.operation !== 'update' || !effect.startsWith(`update ${own.table}.`),
      );
      expect(told.toSorted(), `seed ${seed}, round ${round}, ${mutation}`).toEqual(without.toSorted());
    }
  }
  expect(entries).toBeGreaterThan(rounds * 10);
});
