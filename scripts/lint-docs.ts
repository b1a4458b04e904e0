// Makes docs/lint.md of the rules in src/migrator/lint: `npm run docs`.
import { LARGE } from '../src/migrator/lint/lint.ts';
import { type RuleId, rules } from '../src/migrator/lint/rules.ts';

/** The whole page. */
export function renderLint(): string {
  return `${[
    '# Migration lint',
    '<!-- Made by `npm run docs` from src/migrator/lint: do not edit. -->',
    about,
    commands,
    '## Rules',
    aboutRules,
    [
      '| Rule | Severity | What it finds | Safer |',
      '| --- | --- | --- | --- |',
      ...(Object.keys(rules) as RuleId[]).map(row),
    ].join('\n'),
    '## How MySQL carries out a change',
    aboutDdl,
    '## Before `up`',
    aboutUp,
    '## Exemptions',
    aboutExemptions,
    '## What it does not see',
    aboutLimits,
  ].join('\n\n')}\n`;
}

const about = [
  '`tandem migrate lint` reads the SQL of the migrations and says what loses rows, fails on filled tables, blocks writes or',
  'cannot be taken back, and how to do it more safely. It needs no database, so CI runs it, and so do this project’s tests.',
].join('\n');

const commands = [
  '```sh',
  'npm run -s tandem -- migrate lint                  # the folders of both clouds, from the first migration on',
  'npm run -s tandem -- migrate lint --source azure   # one of them',
  'npm run -s tandem -- migrate lint --json           # stdout has one JSON object',
  'npm run -s tandem -- migrate lint --live           # the pending ones, by the databases’ tables and sizes',
  'npm run -s tandem -- migrate lint --ask-server     # the same; each server tries each ALTER TABLE on an empty copy',
  '```',
  '',
  'The exit code is 1 where there is an error, and 0 where there are only warnings. Without `--live` the tables are those that',
  'the migrations before have made, and each may be filled by now; within one migration, a table that it makes itself is empty.',
  'What a migration reads while it makes up its statements is answered as an empty database would.',
].join('\n');

const aboutRules = [
  '*error*: rows go, values are made up, or the statement fails. *warning*: running code or writes suffer. *info*: good to know.',
  'Rules marked † are destructive: what goes cannot be had back.',
  `Where live sizes are known, an empty table is no matter, and from ${LARGE.toLocaleString('en-US')} rows on a copy, a lock or an unbounded change is an error.`,
].join('\n');

const aboutDdl = [
  'Each finding about an ALTER TABLE names the algorithm and lock that MySQL will use: the fastest that it accepts.',
  '`INSTANT` changes the catalogue alone. `INPLACE` works beside the table, and with `LOCK=NONE` reads and writes go on.',
  '`COPY` writes the whole table anew while writes wait (`LOCK=SHARED`). The most that one clause of a statement needs, all of it needs.',
  'The verdicts follow [MySQL’s table](https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html), and',
  '`tests/integration/lint-server.test.ts` asks a real server for 450 statements which `ALGORITHM` and `LOCK` it accepts:',
  'the lint never says better than the server, and says worse of one in twenty at most.',
  '',
  'With `--ask-server` the server itself answers. The runner makes an empty table like the one that changes, tries the statement on',
  'it with each `ALGORITHM` and `LOCK`, and drops it. A copy has no foreign keys, so clauses about those, about names of checks and',
  'about other tables are judged by the lint. The migrator account needs no right that migrations do not need.',
].join('\n');

const aboutUp = [
  '`tandem migrate up` judges the statements that are still to come, by live sizes, and changes nothing where there is an error:',
  '`--allow-lint RULE` lets those of a rule pass, and may be repeated. What is destructive is refused by the rows that would go,',
  'and wants `--allow-destructive` instead ([exit codes](migrations.md#exit-codes)). Its `down` is judged in CI alone.',
].join('\n');

const aboutExemptions = [
  'A comment in the statement lets a finding pass, with its reason, and makes it an info:',
  '',
  '```sql',
  '/* lint: allow drop-column: nothing has read it since release 12 */ alter table `patients` drop column `fax`;',
  '```',
  '',
  'Without a reason it counts for nothing. It answers the lint; rows that would go are refused all the same.',
].join('\n');

const aboutLimits = [
  'Of other engines than InnoDB it says that MySQL copies. Statements that it cannot read are `not-understood`, never harmless. Of spatial columns and',
  'definitions that it does not know it assumes the worst. It compares `down` with `up` by tables, columns with type and',
  'nullability, indexes, keys and checks, not by rows: whether a backfill is taken back, the reader has to judge.',
].join('\n');

function row(id: RuleId): string {
  const { severity, about: what, safer, ...rest } = rules[id];
  const mark = 'destructive' in rest ? ' †' : '';
  return `| ${[`\`${id}\`${mark}`, severity, what, safer].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
