import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SchemaModel } from '../../src/information-schema/model.ts';
import { readSchema } from '../../src/information-schema/read-schema.ts';
import type { Impact } from '../../src/migrator/lint/impact.ts';
import { lintMigrations } from '../../src/migrator/lint/migrations.ts';
import { lintLive } from '../../src/migrator/lint-sources.ts';
import { sourceNames } from '../../src/source-name.ts';
import { openDatabase } from '../../src/sources/database.ts';
import { createDatabases, environmentOf, pool, type TestDatabases } from '../helpers/databases.ts';
import { connect } from '../helpers/driver.ts';
import { migrationFolder } from '../helpers/migration-folder.ts';
import { spawnTandem, tandem } from '../helpers/run-command-line.ts';

// The table that is changed, one that it refers to, and one that refers to it.
const scratch = [
  'drop table if exists child, t, t2, parent',
  'create table parent (id int primary key, code varchar(10) not null)',
  `create table t (
    id int not null auto_increment primary key, a int null, b int not null default 0, s varchar(20) null,
    v varchar(100) not null, l varchar(60) null, e enum('A','B') not null, w set('x','y') null, d decimal(10,2) null,
    u int unsigned null, big bigint null, f double null, c char(10) null, at datetime null, txt text null,
    bin varbinary(20) null, parent_id int null, n int not null, latin varchar(20) character set latin1 null,
    h int null, sg int generated always as (h + 1) stored, vg int generated always as (h + 2) virtual,
    index t_s (s), unique index t_n (n), constraint t_b_check check (b >= 0), constraint t_off check (b < 9) not enforced,
    constraint t_parent_foreign foreign key (parent_id) references parent (id)
  ) default character set utf8mb4`,
  'create table child (id int primary key, n int not null, constraint child_n_foreign foreign key (n) references t (n))',
  "insert into parent values (1, 'one'), (2, 'two')",
  "insert into t (a, s, v, e, w, d, u, big, f, c, txt, parent_id, n, latin) values (1, 'x', 'y', 'A', 'x', 1.5, 2, 3, 4.5, 'c', 'text', 1, 7, 'é'), (2, 'z', 'y', 'A', 'y', 2.5, 3, 4, 5.5, 'd', 'text', 1, 8, null)",
];

type Answer = readonly [algorithm: Impact['algorithm'], lock: Impact['lock']];

const instant: Answer = ['INSTANT', 'NONE'];
const inPlace: Answer = ['INPLACE', 'NONE'];
const blocking: Answer = ['INPLACE', 'SHARED'];
const copy: Answer = ['COPY', 'SHARED'];

/** What is asked, how MySQL does it, and what the lint says of it on a table with rows. */
const table: readonly (readonly [sql: string, answer: Answer, rules: readonly string[]])[] = [
  ['alter table t add column x int null', instant, []],
  ["alter table t add column x varchar(20) not null default ''", instant, []],
  ['alter table t add column x int null first', instant, []],
  [
    'alter table t add column x int null after a, add column y datetime null default current_timestamp',
    instant,
    [],
  ],
  ['alter table t add column (x int null, y int null)', instant, []],
  ['alter table t add column x int not null', instant, ['not-null-without-default']],
  ['alter table t add column x int default (1 + 1)', copy, ['table-copy']],
  ['alter table t add column x int unique', inPlace, ['unnamed-index', 'table-rebuild']],
  ['alter table t add column x int check (x > 0)', copy, ['unnamed-constraint', 'table-copy']],
  ['alter table t add column x int generated always as (a * 2) virtual', instant, []],
  ['alter table t add column x int generated always as (a * 2) stored', copy, ['table-copy']],
  ['alter table t drop column a', instant, ['drop-column']],
  ['alter table t drop s', inPlace, ['drop-column', 'table-rebuild']],
  ['alter table t drop column sg', instant, ['drop-column']],
  ['alter table t drop column vg', instant, ['drop-column']],
  ['alter table t rename column a to z', instant, ['rename-column']],
  ['alter table t rename column n to z', inPlace, ['rename-column']],
  ['alter table t change a z int null', instant, ['rename-column']],
  ['alter table t alter column b set default 5', instant, []],
  ['alter table t alter b drop default', instant, []],
  ['alter table t alter column a set invisible', instant, []],
  ['alter table t modify b int not null default 3', instant, []],
  ["alter table t modify s varchar(20) null comment 'short'", instant, []],
  ['alter table t modify s varchar(60) null', inPlace, []],
  ['alter table t modify v varchar(300) not null', inPlace, []],
  ['alter table t modify l varchar(64) null', copy, ['table-copy']],
  ['alter table t modify s varchar(10) null', copy, ['narrowing', 'table-copy']],
  ['alter table t modify s varchar(60) not null', inPlace, ['null-to-not-null', 'table-rebuild']],
  ['alter table t modify bin varbinary(40) null', inPlace, []],
  ['alter table t modify c char(20) null', copy, ['table-copy']],
  ['alter table t modify a int not null', inPlace, ['null-to-not-null', 'table-rebuild']],
  ['alter table t modify b int null default 0', inPlace, ['table-rebuild']],
  ['alter table t modify a int null after b', inPlace, ['table-rebuild']],
  ['alter table t modify a bigint null', copy, ['table-copy']],
  ['alter table t modify big int null', copy, ['narrowing', 'table-copy']],
  ['alter table t modify a int unsigned null', copy, ['narrowing', 'table-copy']],
  ['alter table t modify u bigint null', copy, ['table-copy']],
  ['alter table t modify d decimal(12,2) null', copy, ['table-copy']],
  ['alter table t modify d decimal(10,1) null', copy, ['narrowing', 'table-copy']],
  ['alter table t modify f float null', copy, ['narrowing', 'table-copy']],
  ['alter table t modify at date null', copy, ['narrowing', 'table-copy']],
  ['alter table t modify txt mediumtext null', copy, ['table-copy']],
  ['alter table t modify txt varchar(200) null', copy, ['narrowing', 'table-copy']],
  ["alter table t modify e enum('A','B','C') not null", instant, []],
  ["alter table t modify e enum('C','A','B') not null", copy, ['table-copy']],
  ["alter table t modify e enum('A','B2') not null", copy, ['narrowing', 'table-copy']],
  ["alter table t modify w set('x','y','z') null", instant, []],
  ['alter table t modify latin varchar(20) character set utf8mb4 null', copy, ['table-copy']],
  ['alter table t modify s varchar(20) character set latin1 null', copy, ['narrowing', 'table-copy']],
  ['alter table t convert to character set utf8mb4', copy, ['table-copy']],
  ['alter table t convert to character set latin1', copy, ['narrowing', 'table-copy']],
  ['alter table t default character set utf8mb4', inPlace, []],
  ['alter table t add index t_a (a)', inPlace, []],
  ['create index t_a on t (a desc, b)', inPlace, []],
  ['create unique index t_a on t (a)', inPlace, []],
  ['alter table t add index t_low ((lower(v)))', blocking, ['blocks-writes']],
  ['alter table t add index (a)', inPlace, ['unnamed-index']],
  ['alter table t add unique (a)', inPlace, ['unnamed-index']],
  ['alter table t add fulltext index t_txt (txt)', blocking, ['blocks-writes']],
  ['drop index t_s on t', inPlace, ['drop-index']],
  ['alter table t drop index t_s', inPlace, ['drop-index']],
  ['alter table t rename index t_s to t_s2', inPlace, []],
  ['alter table t alter index t_s invisible', inPlace, []],
  ['alter table t modify id int not null, drop primary key', copy, ['drop-primary-key', 'table-copy']],
  ['alter table t drop primary key, add primary key (id, n)', inPlace, ['table-rebuild']],
  ['alter table t add constraint t_b2 check (b < 100)', copy, ['table-copy']],
  ['alter table t add constraint t_b2 check (b < 100) not enforced', instant, []],
  ['alter table t add check (b < 100)', copy, ['unnamed-constraint', 'table-copy']],
  ['alter table t drop check t_b_check', instant, ['drop-constraint']],
  ['alter table t drop constraint t_b_check', instant, ['drop-constraint']],
  ['alter table t alter check t_b_check not enforced', instant, []],
  ['alter table t alter check t_off enforced', copy, ['table-copy']],
  [
    'alter table t add constraint t_a_foreign foreign key (a) references parent (id)',
    copy,
    ['foreign-key-checked'],
  ],
  [
    'alter table t add foreign key (a) references parent (id)',
    copy,
    ['unnamed-constraint', 'foreign-key-checked'],
  ],
  [
    'set foreign_key_checks = 0; alter table t add constraint t_a_foreign foreign key (a) references parent (id)',
    inPlace,
    ['foreign-key-unchecked'],
  ],
  ['alter table t drop foreign key t_parent_foreign', inPlace, ['drop-constraint']],
  ['alter table t rename to t2', instant, ['rename-table']],
  ['alter table t force', inPlace, ['table-rebuild']],
  ['alter table t engine = InnoDB', inPlace, ['table-rebuild']],
  ['alter table t row_format = compressed', inPlace, ['table-rebuild']],
  ['alter table t auto_increment = 1000', inPlace, []],
  ["alter table t comment 'of people'", inPlace, []],
  ['alter table t add column x int null, add index t_x (x)', inPlace, ['table-rebuild']],
  ['alter table t add column x int null, modify a bigint null', copy, ['table-copy']],
];

const attempts: readonly Answer[] = [instant, inPlace, blocking, ['COPY', 'NONE'], copy];

let databases: TestDatabases;
let tables: SchemaModel;
/** By statement: each cloud's server answers half of them, both at once. */
const answers = new Map<string, Answer | string>();

beforeAll(async () => {
  databases = await createDatabases({ migrated: false });
  await Promise.all(
    sourceNames.map(async (name, turn) => {
      const database = databases.config.databases[name];
      const connection = await connect(database, database.migrator, { multipleStatements: true });
      try {
        await connection.query(scratch.join(';\n'));
        if (turn === 0) tables = await catalogue();
        for (const [sql] of table.filter((_, index) => index % sourceNames.length === turn)) {
          answers.set(sql, await ask(connection, sql));
        }
        await connection.query(`set foreign_key_checks = 0; ${scratch.join(';\n')}`);
      } finally {
        await connection.end();
      }
    }),
  );
});
afterAll(() => databases?.[Symbol.asyncDispose]());

async function catalogue(): Promise<SchemaModel> {
  const { AZURE } = databases.config.databases;
  const { orm, close } = await openDatabase('AZURE', AZURE, AZURE.migrator, pool, { silent: true });
  try {
    return await readSchema(orm.em);
  } finally {
    await close();
  }
}

/** The first of the attempts that the server accepts. 1845 and 1846 are its refusals of an ALGORITHM or LOCK. */
async function ask(connection: Connection, sql: string): Promise<Answer | string> {
  // A refused attempt has changed nothing.
  await connection.query(`set foreign_key_checks = 0; ${scratch.join(';\n')}; set foreign_key_checks = 1`);
  const comma = sql.includes('alter table') ? ',' : '';
  for (const [algorithm, lock] of attempts) {
    const limits =
      algorithm === 'INSTANT' ? 'ALGORITHM=INSTANT' : `ALGORITHM=${algorithm}${comma} LOCK=${lock}`;
    try {
      await connection.query(`${sql}${comma} ${limits}`);
      return [algorithm, lock];
    } catch (error) {
      const { errno, message } = error as { errno: number; message: string };
      if (errno !== 1845 && errno !== 1846) return `${errno} ${message}`;
    }
  }
  return 'refused whatever was asked';
}

describe('what the lint says of a statement is what the server does', () => {
  it.each(table)('%s', (sql, answer, expected) => {
    const rows = { t: 2, parent: 2, child: 0 };
    const [judged] = lintMigrations([{ name: 'm', up: [sql], down: [] }], { tables, rows });
    const impact = judged?.impacts[0];
    const said = judged?.findings.filter(({ statement }) => statement > 0).map(({ rule }) => rule);
    expect(answers.get(sql)).toEqual(answer);
    expect([impact?.algorithm, impact?.lock]).toEqual(answer);
    expect(said).toEqual(expected);
  });
});

describe('tandem migrate lint', () => {
  it('judges both folders without a database, and prints JSON alone', async () => {
    const { code, stdout, stderr } = await spawnTandem(['migrate', 'lint', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { ok, sources } = JSON.parse(stdout);
    expect(ok).toBe(true);
    expect(sources.map(({ source }: { source: string }) => source)).toEqual(sourceNames);
  });

  it('judges with --live what is pending, by the sizes that are there', async () => {
    const args = ['migrate', 'lint', '--live', '--source', 'gcp', '--json'];
    const { code, stdout } = await tandem(args, environmentOf(databases.config));
    expect(code).toBe(0);
    const { migrations } = JSON.parse(stdout).sources[0];
    expect(migrations.length).toBeGreaterThan(3);
    // Nothing is in the tables that they make.
    expect(migrations.flatMap(({ findings }: { findings: unknown[] }) => findings)).toEqual([]);
  });

  it('finds in a database with rows what an empty one has not', async () => {
    await using folder = await migrationFolder({
      M1: { up: ['alter table t add x int not null'], down: ['alter table t drop x'] },
      M2: { up: ['alter table t add y int null'], down: ['do 1'] },
    });
    const { AZURE } = databases.config.databases;
    const found = await lintLive({ source: 'AZURE', database: AZURE, pool, folder: folder.path });
    expect(found.map(({ findings }) => findings.map(({ rule, rows }) => [rule, rows]))).toEqual([
      [['not-null-without-default', 2]],
      [['irreversible-down', null]],
    ]);
  });
});
