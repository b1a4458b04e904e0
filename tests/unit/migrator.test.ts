import { expect, it } from 'vitest';
import { checksumOf } from '../../src/migrator/checksum.ts';
import { destructiveFindings } from '../../src/migrator/lint/finding.ts';
import { lintStatements } from '../../src/migrator/lint/lint.ts';
import { isLost, lackOf } from '../../src/migrator/refused-statement.ts';
import { beginningOf } from '../../src/sql/beginning.ts';

const source = `import { Migration } from '@mikro-orm/migrations';
// A comment, and it's no text.
export class M1 extends Migration {
  override name = 'M1';
  override up(): void | Promise<void> {
    for (let id = 0; id < 1_000; id += 10) {
      this.addSql(\`update \\\`a\\\` set b = '\${'x'}' where id = \${id};\`);
    }
  }
}
`;
const built = `import { Migration } from "@mikro-orm/migrations";
export class M1 extends Migration {
    constructor() { super(...arguments); this.name = "M1"; }
    up() {
        for (let id = 0; id < 1000; id += 10)
            { this.addSql(\`update \\\`a\\\` set b = '\${"x"}' where id = \${id};\`); }
    }
}
//# sourceMappingURL=M1.js.map
`;

it('gives a migration and what is built of it one checksum', () => {
  expect(checksumOf('M1', built)).toBe(checksumOf('M1', source));
});

it.each([
  ['a byte-order mark', `\uFEFF${source}`],
  ['lines that end as on Windows', source.replaceAll('\n', '\r\n')],
  ['a byte-order mark and such lines', `\uFEFF${source.replaceAll('\n', '\r\n')}`],
  ['lines that end in a carriage return', source.replaceAll('\n', '\r')],
  ['no end of its last line', source.trimEnd()],
  ['empty lines at its end', `${source}\n\n`],
  ['spaces at the ends of lines', source.replaceAll('{\n', '{ \n')],
])('gives a file with %s the checksum that it had', (_, written) => {
  expect(checksumOf('M1', written)).toBe(checksumOf('M1', source));
});

it.each([
  ['a word of SQL', 'set b', 'set c'],
  ['a number', '1_000', '2_000'],
  ['a value put into SQL', "'x'", "'y'"],
  ['a word after a value', 'where id', 'where key'],
])('gives a migration another checksum when %s is edited', (_, from, to) => {
  expect(checksumOf('M1', source.replace(from, to))).not.toBe(checksumOf('M1', source));
});

it.each([
  ['drop table if exists `a`, `b`;', ['a', 'b']],
  ['alter table `a` drop column `b`, add c int;', ['a']],
  ['alter table a drop b', ['a']],
  ['truncate table a', ['a']],
  ['delete from a;', ['a']],
  ['alter table `a` drop foreign key `b`, drop index c, drop primary key, drop check d', []],
  ['delete from a where b = 1', []],
])('finds what %s takes away', (sql, tables) => {
  expect(destructiveFindings(lintStatements([sql])).map(({ object }) => object.split('.')[0])).toEqual(
    tables,
  );
});

it('names a statement without its values', () => {
  expect(beginningOf("update `patients` set last_name = 'Secret'")).toBe('update `patients`');
  expect(beginningOf("insert into patients values ('Secret')")).toBe('insert into');
  expect(beginningOf('/* lint: allow x: y */\n -- why\n drop table `a`')).toBe('drop table `a`');
});

it.each([
  [
    1419,
    'You do not have the SUPER privilege and binary logging is enabled',
    'create trigger t',
    'log_bin_trust_function_creators',
  ],
  [
    1418,
    'This function has none of DETERMINISTIC',
    'create function f',
    'Declare the function DETERMINISTIC',
  ],
  [
    1227,
    'Access denied; you need (at least one of) the SUPER or SET_ANY_DEFINER privilege(s) for this operation',
    'create view v',
    'SUPER or SET_ANY_DEFINER',
  ],
  [
    1142,
    "CREATE VIEW command denied to user 'me'@'there' for table 'v'",
    'create view v',
    'GRANT CREATE VIEW ON `clinic`.*',
  ],
  [
    1142,
    "SELECT, LOCK TABLES command denied to user 'me'@'there' for table 'v'",
    'lock tables v',
    'GRANT SELECT, LOCK TABLES ON',
  ],
  [
    1143,
    "UPDATE command denied to user 'me'@'there' for column 'c' in table 't'",
    'update t',
    'GRANT UPDATE ON',
  ],
  [
    1370,
    "alter routine command denied to user 'me'@'there' for routine 'clinic.p'",
    'drop procedure p',
    'GRANT ALTER ROUTINE ON',
  ],
  [
    1044,
    "Access denied for user 'me'@'there' to database 'clinic'",
    'create definer = a@b procedure p() do 1',
    'GRANT CREATE ROUTINE ON `clinic`.*',
  ],
  [
    1044,
    "Access denied for user 'me'@'there' to database 'other'",
    'create temporary table other.t (a int)',
    'GRANT CREATE TEMPORARY TABLES ON `other`.*',
  ],
  [
    1290,
    'The MySQL server is running with the --secure-file-priv option so it cannot',
    'load data infile',
    'secure_file_priv',
  ],
  [
    3750,
    'Unable to create or change a table without a primary key',
    'create table t',
    'Give the table a primary key',
  ],
])('says of error %i, %s, at %s: %s', (errno, sqlMessage, sql, expected) => {
  const lack = lackOf({ errno, sqlMessage }, { source: 'GCP', database: 'clinic', sql });
  expect(`${lack?.cause} ${lack?.remedy}`).toContain(expected);
  expect(`${lack?.cause} ${lack?.remedy}`).not.toMatch(/\bme\b|there/);
  expect(isLost({ errno, code: 'ER' })).toBe(false);
});

it.each([
  [{ code: 'ECONNRESET', errno: -104 }, true],
  [{ code: 'PROTOCOL_CONNECTION_LOST', fatal: true }, true],
  [{ errno: 4031 }, true],
  [{ errno: 1053 }, true],
  [{ errno: 1062 }, false],
  [{ errno: 1049 }, false],
])('tells of %o whether the connection is gone: %s', (error, gone) => {
  expect(isLost(Object.assign(new Error('x'), error))).toBe(gone);
});
