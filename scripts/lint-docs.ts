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
    '## Limits',
    aboutLimits,
  ].join('\n\n')}\n`;
}

const about = [
  '`tandem migrate lint` reads the SQL of the migrations. It reports statements that lose rows, fail on filled tables, block writes or',
  'cannot be taken back, each with a safer way. It needs no database; CI and this project’s tests run it.',
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
  'The exit code is 1 with an error, and 0 with warnings alone. Without `--live` the tables are those of the earlier migrations.',
  'The lint assumes that they hold rows; a table of the same migration is empty. Reads of a migration get the answers of an',
  'empty database.',
].join('\n');

const aboutRules = [
  '*error*: the statement loses rows, invents values or fails. *warning*: it harms running code or blocks writes. *info*: no harm.',
  'Rules marked † are destructive: the loss is final.',
  `With live sizes, an empty table causes no finding, and from ${LARGE.toLocaleString('en-US')} rows on a copy, a lock or an unbounded change is an error.`,
].join('\n');

const aboutDdl = [
  'Each finding about an ALTER TABLE names the algorithm and lock that MySQL will use: the fastest that it accepts.',
  '`INSTANT` changes the catalogue alone. `INPLACE` works beside the table, and with `LOCK=NONE` reads and writes go on.',
  '`COPY` writes the whole table anew while writes wait (`LOCK=SHARED`). The slowest clause of a statement decides for all of it.',
  'The verdicts follow [MySQL’s table](https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html), and',
  '`tests/integration/lint-server.test.ts` asks a real server for 450 statements which `ALGORITHM` and `LOCK` it accepts:',
  'the lint is never more optimistic than the server, and more pessimistic for one in twenty at most.',
  '',
  'With `--ask-server` the server itself answers. The runner makes an empty table like the one that changes, tries the statement on',
  'it with each `ALGORITHM` and `LOCK`, and drops it. A copy has no foreign keys, so clauses about those, about names of checks and',
  'about other tables are judged by the lint. The migrator account needs no further rights.',
].join('\n');

const aboutUp = [
  '`tandem migrate up` checks the pending statements, by live sizes, and changes nothing if there is an error:',
  '`--allow-lint RULE` allows the errors of a rule, and is repeatable. Destructive statements need `--allow-destructive` instead, if they',
  'lose rows ([exit codes](migrations.md#exit-codes)). `up` does not check the `down` of a migration; `tandem migrate lint` does.',
].join('\n');

const aboutExemptions = [
  'A comment in the statement, with a reason, turns a finding into an info:',
  '',
  '```sql',
  '/* lint: allow drop-column: nothing has read it since release 12 */ alter table `patients` drop column `fax`;',
  '```',
  '',
  'A comment without a reason has no effect. Loss of rows still needs `--allow-destructive`.',
].join('\n');

const aboutLimits = [
  'For other engines than InnoDB the lint assumes a copy. Statements that it cannot read are `not-understood`, never harmless. For spatial columns and',
  'unknown definitions it assumes the worst. It compares `down` with `up` by tables, columns with type and',
  'nullability, indexes, keys and checks, not by rows: check yourself that `down` undoes a backfill.',
].join('\n');

function row(id: RuleId): string {
  const { severity, cause, remedy, ...rest } = rules[id];
  const mark = 'destructive' in rest ? ' †' : '';
  return `| ${[`\`${id}\`${mark}`, severity, cause, remedy].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
