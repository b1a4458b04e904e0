import { expect, it } from 'vitest';
import { renderLint } from '../../scripts/lint-docs.ts';
import { emptyAnswer, NeedsDatabase } from '../../src/migrator/empty-database.ts';
import { destructiveFindings } from '../../src/migrator/lint/finding.ts';
import { lintStatements } from '../../src/migrator/lint/lint.ts';
import { lintMigrations } from '../../src/migrator/lint/migrations.ts';
import { type RuleId, rules } from '../../src/migrator/lint/rules.ts';
import { lintFolder } from '../../src/migrator/lint-sources.ts';
import { sourceNames } from '../../src/source-name.ts';
import { splitStatements } from '../../src/sql/split-statements.ts';

const made = 'create table t (id int not null primary key, a varchar(20) null, b int not null)';
const ids = (findings: readonly { rule: RuleId }[]) => findings.map(({ rule }) => rule);

/** What is said of a statement on the table `t`, which an earlier migration made. */
function said(sql: string, rows: Record<string, number> | null = null) {
  const [, second] = lintMigrations(
    [
      { name: 'one', up: [made], down: ['drop table t'] },
      { name: 'two', up: [sql], down: [] },
    ],
    { rows },
  );
  return second?.findings.filter(({ statement }) => statement > 0) ?? [];
}

it.each<[sql: string, expected: readonly RuleId[]]>([
  ['drop table t', ['drop-table']],
  ['DROP TABLE IF EXISTS `t`, `u`;', ['drop-table', 'drop-table']],
  ['drop view v', ['drop-object']],
  ['drop trigger if exists x', ['drop-object']],
  ['drop procedure p', ['drop-object']],
  ['drop database other', ['drop-schema']],
  ['truncate t', ['truncate']],
  ['truncate table t', ['truncate']],
  ['delete from t', ['delete-all']],
  ['delete from t where b = 1', ['unbounded-change']],
  ['delete from t where b = 1 limit 1000', []],
  ['update t set b = 2', ['unbounded-change']],
  ["update t set a = 'x' where a is null", ['unbounded-change']],
  ["update t set a = 'limit' where a is null", ['unbounded-change']],
  ['update t set b = 2 where id between 1 and 1000', []],
  ['update t set b = 2 where id >= 1 and id < 1000', []],
  ['update t set b = 2 where id between 1 and 9 or b = 3', ['unbounded-change']],
  ['update t set b = 2 where id = 7', []],
  ['rename table t to u', ['rename-table']],
  ['create table u (x int)', ['no-primary-key']],
  ['create table u (x int primary key, y int, index (y))', ['unnamed-index']],
  ['create table u (x int primary key, y int unique)', ['unnamed-index']],
  ['create table u (x int primary key, y int references t (id))', ['unnamed-constraint']],
  [
    'create table u (x int, y int, primary key (x), foreign key (y) references t (id))',
    ['unnamed-constraint'],
  ],
  ['create table u (x int primary key, check (x > 0))', ['unnamed-constraint']],
  ['create table u (x int primary key, key text not null)', ['not-understood']],
  ['alter table t drop partition p0', ['drop-partition']],
  ['alter table t add column h char(32) generated always as (md5(a)) virtual', ['removed-function']],
  ['alter table t add index t_h ((sha1(a)))', ['removed-function', 'blocks-writes']],
  ["alter table t add constraint t_h check (sha(a) <> 'x')", ['removed-function', 'table-copy']],
  ["alter table t add column h char(64) generated always as (sha2(a, 256)) virtual comment 'not md5(a)'", []],
  ["create table u (x int primary key, h char(32) default (md5('x')))", ['removed-function']],
  ['alter table t add column c int, algorithm=inplace, lock=none', []],
  ['alter table t modify b bigint not null, algorithm=inplace', ['algorithm-refused', 'table-copy']],
  ['alter table t add fulltext index f (a), lock=none', ['algorithm-refused', 'blocks-writes']],
  ['alter table stranger modify x varchar(10) not null', ['narrowing', 'null-to-not-null', 'table-copy']],
  ['alter table t frobnicate', ['not-understood', 'table-copy']],
  ['optimize table t', ['table-rebuild']],
  ['grant all on *.* to x', ['not-understood']],
  ["insert into t values (1, 'drop table t; delete from t', 2)", []],
  ['/* drop table t */ select 1', []],
  ['/*!80000 drop table t */', ['drop-table']],
])('says of %s', (sql, expected) => {
  expect(ids(said(sql))).toEqual(expected);
});

it('lets pass what only touches tables that the migration makes itself', () => {
  const up = [
    made,
    'alter table t add column x int not null',
    'alter table t modify a varchar(5)',
    'update t set b = 1',
  ];
  const [only] = lintMigrations([
    { name: 'm', up: [...up, 'alter table t drop x', 'drop table t'], down: [] },
  ]);
  expect(only?.findings).toEqual([]);
  const filled = [made, 'insert into t select 1, 2, 3', 'alter table t add column x int not null'];
  expect(ids(lintMigrations([{ name: 'm', up: filled, down: ['drop table t'] }])[0]?.findings ?? [])).toEqual(
    ['not-null-without-default'],
  );
});

it('goes by live sizes: an empty table is no matter, and on a large one a copy is an error', () => {
  const sql = 'alter table t modify b bigint not null';
  expect(said(sql, { t: 0 })).toEqual([]);
  expect(said(sql, { t: 10 })).toMatchObject([
    { severity: 'warning', rows: 10, algorithm: 'COPY', lock: 'SHARED' },
  ]);
  expect(said(sql, { t: 5_000_000 })).toMatchObject([{ severity: 'error', rows: 5_000_000 }]);
});

it('is careful where the old definition is not known', () => {
  const [finding] = lintStatements(['alter table t modify a varchar(50)']);
  expect(finding).toMatchObject({ rule: 'narrowing', rows: null });
  expect(finding?.cause).toContain('not known');
});

it('takes NOT NULL for announced where the NULLs were filled before', () => {
  const fill = "update t set a = '' where id between 1 and 10 and a is null";
  const findings = said(`${fill}; alter table t modify a varchar(20) not null`);
  expect(findings).toMatchObject([{ rule: 'null-to-not-null', severity: 'info' }, { rule: 'table-rebuild' }]);
});

it('is answered by an exemption with a reason, which whoever migrates still has to confirm', () => {
  const [exempted] = said('/* lint: allow drop-table: empty since 2024 */ drop table t');
  expect(exempted).toMatchObject({ severity: 'info', exempt: 'empty since 2024' });
  expect(destructiveFindings([exempted as never])).toHaveLength(1);
  expect(said('/* lint: allow drop-table: */ drop table t')).toMatchObject([
    { severity: 'error', exempt: null },
  ]);
  expect(said('-- lint: allow truncate: another rule\ndrop table t')).toMatchObject([{ severity: 'error' }]);
});

it.each<[what: string, down: readonly string[] | null, objects: readonly string[]]>([
  ['no down', null, ['down']],
  ['a down that does nothing', [], ['t.x', 't.t_x', 't.t_x_check', 'u']],
  ['one that forgets a table', ['alter table t drop x, drop check t_x_check'], ['u']],
  ['one that forgets a check', ['alter table t drop x', 'drop table u'], ['t.t_x_check']],
  [
    'one that loses a column',
    ['alter table t drop x, drop b, drop check t_x_check', 'drop table u'],
    ['t.b'],
  ],
  [
    'one that changes a type',
    ['alter table t drop x, modify b bigint not null, drop check t_x_check', 'drop table u'],
    ['t.b'],
  ],
  ['a whole one', ['drop table u', 'alter table t drop check t_x_check, drop x'], []],
])('tells %s', (_what, down, objects) => {
  const up = [
    'alter table t add x int null, add index t_x (x), add constraint t_x_check check (x > 0)',
    'create table u (id int primary key)',
  ];
  const [, second] = lintMigrations([
    { name: 'one', up: [made], down: ['drop table t'] },
    { name: 'two', up, down },
  ]);
  const found = second?.findings.filter(({ rule }) => rule === 'irreversible-down') ?? [];
  expect(found.map(({ object }) => object)).toEqual(objects);
});

it('says of a migration that cannot be told yet that nobody has judged it', () => {
  expect(lintMigrations([{ name: 'm', up: null, down: [] }])[0]?.findings).toMatchObject([
    { rule: 'not-understood', severity: 'warning', object: 'm' },
  ]);
});

it.each([
  ['create procedure p() begin declare i int; while i < 3 do set i = i + 1; end while; end', 1],
  [
    'create procedure p() begin if 1 then select 1; elseif 2 then select 2; else select 3; end if; end; create table t (a int)',
    2,
  ],
  ['create procedure p(a int) if a then select 1; else select 2; end if; select 3', 2],
  [
    'create procedure p() begin case 1 when 1 then select 1; end case; set @a = case 1 when 1 then 2 end; end; select 1',
    2,
  ],
  [
    'create procedure p() begin l: loop leave l; end loop l; repeat set @a = repeat(1, 2); until 1 end repeat; end; do 1',
    2,
  ],
  [
    "create procedure p() comment 'x; y' begin select if(1, 2, 3); drop table if exists t; end; do 1; do 2",
    3,
  ],
  [
    'create definer = current_user() trigger t before insert on a for each row follows b if new.a then set new.a = 1; end if; do 1',
    2,
  ],
  ['create event e on schedule every 1 day do begin delete from t; delete from u; end; select `end`', 2],
  [
    'create function f() returns int deterministic begin declare x int; begin set x = 1; end; return x; end; do f()',
    2,
  ],
  ['alter event e do begin do 1; do 2; end; do 3', 2],
  ['create table t (event int, `begin` int); insert into t values (1, 2)', 2],
  [
    'create table a (id int); create trigger t before insert on a for each row begin set @a = 1; set @b = 2; end',
    2,
  ],
  ['create or replace view v as select 1 as function_; select case when 1 then 2 end; do 1', 3],
  ['begin; insert into t values (1); commit', 3],
])('splits %s into its statements', (sql, count) => {
  expect(splitStatements(sql)).toHaveLength(count);
});

it('splits statements at semicolons, but not at those in strings, names, comments and bodies', () => {
  expect(
    splitStatements('insert into t values (\';\', ";\\""); -- a; b\nselect `;` from t; /* ; */'),
  ).toEqual(['insert into t values (\';\', ";\\"")', '-- a; b\nselect `;` from t']);
  expect(
    splitStatements('create trigger x before insert on t for each row begin set @a = 1; set @b = 2; end'),
  ).toHaveLength(1);
});

it('answers what a migration reads as an empty database would', () => {
  expect(emptyAnswer('select min(id) as low, max(id) high, count(*) from t', 'm')).toEqual([
    { low: null, high: null, 'count(*)': 0 },
  ]);
  expect(emptyAnswer('select id from t where a = 1', 'm')).toEqual([]);
  expect(emptyAnswer('select b, count(*) from t group by b', 'm')).toEqual([]);
  for (const sql of [
    'select table_name from information_schema.tables',
    'select version()',
    'select max(id) + 1 as next from t',
    'show tables',
  ]) {
    expect(() => emptyAnswer(sql, 'm'), sql).toThrow(NeedsDatabase);
  }
});

it.each(sourceNames)('finds no error in this project’s own migrations for %s', async (source) => {
  const migrations = await lintFolder(source);
  expect(migrations.length).toBeGreaterThan(3);
  const errors = migrations.flatMap(({ findings }) =>
    findings.filter(({ severity }) => severity === 'error'),
  );
  expect(errors).toEqual([]);
});

// `npm run docs` rewrites the page; the diff then shows what changed.
it('has every rule in docs/lint.md', async () => {
  expect(Object.keys(rules).length).toBeGreaterThan(20);
  await expect(renderLint()).toMatchFileSnapshot('../../docs/lint.md');
});

it('says of names with characters that MySQL replaces what they become, and of texts nothing', () => {
  const findings = lintStatements([
    "create table `t😀` (id int primary key, `c🎉🎉` int, index `k😀` (`c🎉🎉`)) comment = '😀'",
    'alter table u add column 字❤ int null, rename index a to b😀',
    "insert into u values ('😀')",
  ]);
  const replaced = findings.filter(({ rule }) => rule === 'replaced-character');
  expect(replaced.map(({ statement, object, cause }) => [statement, object, cause])).toEqual([
    [1, 't😀', 'MySQL keeps t😀 as t?, without an error.'],
    [1, 't😀', 'MySQL keeps c🎉🎉 as c??, without an error.'],
    [1, 't😀', 'MySQL keeps k😀 as k?, without an error.'],
    [2, 'u', 'MySQL keeps b😀 as b?, without an error.'],
  ]);
});
