import type { Explanation } from '../../errors/explanation.ts';

/** How bad a finding is. An error loses rows, invents values or fails; a warning harms other users of the table. */
export type Severity = 'error' | 'warning' | 'info';

interface Rule extends Explanation {
  readonly severity: Severity;
  /** Whether what goes cannot be had back: `tandem migrate up` then wants `--allow-destructive`. */
  readonly destructive?: true;
}

/**
 * The rules of the lint; a new one is an entry here, and a check, such as in judge.ts. Ids never change: exemptions and scripts name
 * them. `npm run docs` makes docs/lint.md from this table.
 */
export const rules = {
  'drop-table': {
    severity: 'error',
    destructive: true,
    cause: 'A table goes, and its rows with it.',
    remedy:
      'Rename it first and drop it some releases later, when nothing has asked for it and a backup exists.',
  },
  'drop-column': {
    severity: 'error',
    destructive: true,
    cause: 'A column goes, and its values with it.',
    remedy: 'Release code that no longer uses it, make it INVISIBLE, and drop it in a later migration.',
  },
  'drop-schema': {
    severity: 'error',
    destructive: true,
    cause: 'A whole database goes.',
    remedy: 'Leave databases to the administrator of the server.',
  },
  'drop-partition': {
    severity: 'error',
    destructive: true,
    cause: 'A partition goes or is emptied, and its rows with it.',
    remedy: 'EXCHANGE the partition with a table first, and drop that one later.',
  },
  'drop-object': {
    severity: 'error',
    destructive: true,
    cause: 'A view, trigger, routine or event goes, and its definition with it.',
    remedy: 'Release code that no longer uses it first, and have `down` create it again.',
  },
  'drop-primary-key': {
    severity: 'error',
    cause: 'The primary key goes: rows have no identity, and replication slows down.',
    remedy: 'DROP PRIMARY KEY and ADD PRIMARY KEY in one ALTER TABLE.',
  },
  'drop-index': {
    severity: 'warning',
    cause:
      'An index goes: queries that use it read the whole table, and a unique one no longer refuses duplicates.',
    remedy: 'ALTER INDEX … INVISIBLE first, watch the slow statements, and drop it in a later migration.',
  },
  'drop-constraint': {
    severity: 'warning',
    cause: 'A foreign key or check goes: rows that it refused can come in.',
    remedy: 'Add what replaces it first.',
  },
  truncate: {
    severity: 'error',
    destructive: true,
    cause: 'All rows of a table go. A TRUNCATE cannot be rolled back.',
    remedy: 'DELETE with a condition and a bound, in batches.',
  },
  'delete-all': {
    severity: 'error',
    destructive: true,
    cause: 'A DELETE without WHERE: all rows go.',
    remedy: 'Say which rows go, and bound each statement by a range of keys.',
  },
  narrowing: {
    severity: 'error',
    destructive: true,
    cause:
      'A column’s new type, length, sign, members or character set has no place for some values of the old one.',
    remedy:
      'Add a column of the new type, copy in batches, look at what does not fit, then switch and drop the old one later.',
  },
  'not-null-without-default': {
    severity: 'error',
    cause:
      'A NOT NULL column without a default on a table with rows: MySQL makes up 0, an empty text or the first member, or refuses.',
    remedy: 'Add it nullable, fill it in batches, then make it NOT NULL in a later migration.',
  },
  'null-to-not-null': {
    severity: 'warning',
    cause: 'A nullable column becomes NOT NULL: one NULL in it, and the statement fails.',
    remedy: 'Fill the NULLs in batches in a migration before, and stop writing them.',
  },
  'rename-table': {
    severity: 'warning',
    cause: 'A table gets another name: code that is running asks for the old one.',
    remedy: 'Leave a view under the old name until no running code asks for it.',
  },
  'rename-column': {
    severity: 'warning',
    cause: 'A column gets another name: code that is running asks for the old one.',
    remedy: 'Add the new column, write both, copy in batches, switch the reads, and drop the old one later.',
  },
  'table-copy': {
    severity: 'warning',
    cause: 'MySQL copies the whole table (ALGORITHM=COPY); writes wait until it is done.',
    remedy:
      'Split off what needs the copy, run it at a quiet time, or use gh-ost or pt-online-schema-change.',
  },
  'blocks-writes': {
    severity: 'warning',
    cause: 'MySQL works in place, but writes wait until it is done (LOCK=SHARED).',
    remedy: 'Run it at a quiet time, or fill a new table with the index and swap the two by RENAME TABLE.',
  },
  'table-rebuild': {
    severity: 'info',
    cause:
      'MySQL writes the table anew in place; reads and writes go on, with space for a second table and a replica that lags.',
    remedy: 'Put all changes that rebuild a table into one ALTER TABLE, at a quiet time.',
  },
  'foreign-key-checked': {
    severity: 'warning',
    cause:
      'A foreign key added with foreign_key_checks on: MySQL copies the table and checks each row while writes wait.',
    remedy:
      'Where the table is large: look for orphans by a query, then add the key with foreign_key_checks = 0 in the session, which is done in place.',
  },
  'foreign-key-unchecked': {
    severity: 'warning',
    cause: 'A foreign key added with foreign_key_checks off: rows without a parent stay unnoticed.',
    remedy: 'Look for orphans by a query first, with writes held off, or add the key with the checks on.',
  },
  'unbounded-change': {
    severity: 'warning',
    cause:
      'An UPDATE or DELETE without a bound: one transaction locks every row that it reads until it ends.',
    remedy:
      'Go by ranges of the primary key, a few thousand rows a statement, each in a transaction of its own.',
  },
  'unnamed-constraint': {
    severity: 'error',
    cause:
      'A constraint without a name: MySQL invents one, not the same in both clouds, and `down` cannot name it.',
    remedy: 'Write CONSTRAINT `table_column_foreign` (or …_check, …_unique) before it.',
  },
  'unnamed-index': {
    severity: 'error',
    cause: 'An index without a name: MySQL invents one, and what drops it later has to guess.',
    remedy: 'Write the index’s name before its columns.',
  },
  'no-primary-key': {
    severity: 'error',
    cause:
      'A table without a primary key: Azure adds an invisible `my_row_id`, Google Cloud does not, and the two drift.',
    remedy: 'Give it a primary key.',
  },
  'bound-to-fail': {
    severity: 'error',
    cause: 'MySQL refuses the statement, whatever the rows are: the tables do not allow it.',
    remedy: 'Change the statement as the finding says, or put what is missing before it.',
  },
  'replaced-character': {
    severity: 'error',
    cause:
      'A name has a character beyond U+FFFF, such as an emoji: MySQL keeps a question mark in its place, and refuses nothing.',
    remedy: 'Take another name. Names may have any letter and sign up to U+FFFF.',
  },
  'removed-function': {
    severity: 'warning',
    cause:
      'An expression that MySQL keeps calls MD5, SHA1 or SHA, which MySQL 9.6 and newer lack by default: after the upgrade the table refuses rows.',
    remedy: 'Use SHA2(…, 256).',
  },
  'algorithm-refused': {
    severity: 'error',
    cause:
      'The statement asks for an ALGORITHM or LOCK that MySQL does not offer for it, so it fails (1845, 1846).',
    remedy: 'Ask for the one named here, or leave the clause out.',
  },
  'irreversible-down': {
    severity: 'error',
    cause: '`down` is missing, or does not undo what `up` does.',
    remedy: 'Write the statements that take back each one of `up`, in reverse order.',
  },
  'not-understood': {
    severity: 'warning',
    cause: 'The lint cannot read the statement, or part of it, and did not check it.',
    remedy: 'Read it yourself, and try it on a copy of the database.',
  },
} as const satisfies Record<string, Rule>;

export type RuleId = keyof typeof rules;

export function isRule(text: string): text is RuleId {
  return Object.hasOwn(rules, text);
}
