import { listOf, readerOf, type SqlReader } from './reader.ts';

/**
 * How a runner can find out whether a statement took place whose answer was lost:
 *
 * - rows: it changes rows, in one transaction with the journal;
 * - session: it holds for its session alone, which is gone: it is run again;
 * - harmless: twice is as good as once;
 * - schema: MySQL commits it by itself, and it shows in the fingerprint of the schema;
 * - moves: as that, but it may show in InnoDB's numbers of the tables alone;
 * - traceless: MySQL commits it by itself, and nothing may show afterwards;
 * - program: it runs what stands on the server, which may commit in the middle.
 */
export type StatementKind = 'rows' | 'session' | 'harmless' | 'schema' | 'moves' | 'traceless' | 'program';

/** @param elsewhere whether a USE has led to another database, whose schema the runner does not read */
export function statementKindOf(
  sql: string,
  { database, elsewhere = false }: { readonly database: string; readonly elsewhere?: boolean },
): StatementKind {
  const reader = readerOf(sql);
  if (reader.is('(') || reader.oneOf(...words.rows) !== null) return 'rows';
  if (reader.oneOf(...words.session) !== null) return 'session';
  if (reader.oneOf(...words.harmless) !== null) return 'harmless';
  const verb = reader.oneOf('CREATE', 'ALTER', 'DROP', 'RENAME', 'TRUNCATE');
  if (verb === null) return 'program';
  if (verb === 'TRUNCATE') {
    reader.skip('TABLE');
    return !elsewhere && isOwn(reader, database) ? 'moves' : 'traceless';
  }
  if (verb === 'RENAME') return elsewhere ? 'traceless' : ofRename(reader, database);
  if (reader.is('TEMPORARY') || (verb === 'DROP' && reader.is('PREPARE'))) return 'session';
  const what = objectIn(reader);
  if (what === null || elsewhere) return 'traceless';
  if (what === 'SCHEMA') return verb === 'ALTER' && isOwn(reader, database) ? 'schema' : 'traceless';
  reader.oneOf('IF NOT EXISTS', 'IF EXISTS');
  if (what === 'INDEX') reader.until('ON');
  if (what === 'INDEX') reader.skip('ON');
  if (verb === 'DROP' && (what === 'TABLE' || what === 'VIEW')) {
    return listOf(rest(reader)).every((name) => isOwn(readerOf(name), database)) ? 'schema' : 'traceless';
  }
  if (!isOwn(reader, database)) return 'traceless';
  return verb === 'ALTER' && what === 'TABLE' ? ofAlter(reader) : 'schema';
}

// https://dev.mysql.com/doc/refman/8.4/en/sql-statements.html
const words = {
  rows: ['INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'WITH', 'SELECT', 'VALUES', 'TABLE', 'DO', 'LOAD'],
  // Words that end or begin a transaction are harmless here: each statement has one of its own.
  session: ['SET', 'USE', 'PREPARE', 'DEALLOCATE', 'LOCK', 'UNLOCK', 'BEGIN', 'START', 'COMMIT', 'ROLLBACK'],
  harmless: [
    'ANALYZE',
    'OPTIMIZE',
    'CHECK',
    'CHECKSUM',
    'REPAIR',
    'FLUSH',
    'SHOW',
    'EXPLAIN',
    'DESCRIBE',
    'DESC',
    'GRANT',
    'REVOKE',
  ],
} as const;

/** The kind of object that a CREATE, ALTER or DROP is about; null for what does not belong to a database. */
function objectIn(reader: SqlReader) {
  for (; !reader.done && !reader.is('('); reader.any()) {
    const what = reader.oneOf('TABLE', 'VIEW', 'INDEX', 'TRIGGER', 'PROCEDURE', 'FUNCTION', 'EVENT');
    if (what !== null) return what;
    if (reader.oneOf('DATABASE', 'SCHEMA') !== null) return 'SCHEMA';
    if (reader.is('USER') || reader.is('ROLE') || reader.is('SERVER') || reader.is('TABLESPACE')) return null;
  }
  return null;
}

/** Takes a name, and says whether it is one of the database: without a dot, or behind the database's own name. */
function isOwn(reader: SqlReader, database: string): boolean {
  return takeName(reader, database).own;
}

function takeName(reader: SqlReader, database: string): { readonly name: string; readonly own: boolean } {
  const take = () => {
    const text = reader.next?.text.toLowerCase() ?? '';
    reader.any();
    return text;
  };
  const first = take();
  return reader.skip('.')
    ? { name: take(), own: first === database.toLowerCase() }
    : { name: first, own: true };
}

/** Partitions change places, or only rows go, or files come and go: the table reads as before. */
function ofAlter(reader: SqlReader): StatementKind {
  const clauses = listOf(rest(reader)).map((clause) => readerOf(clause));
  if (clauses.some((clause) => clause.oneOf('DISCARD', 'IMPORT') !== null)) return 'traceless';
  return clauses.some((clause) => clause.oneOf('EXCHANGE', 'TRUNCATE') !== null) ? 'moves' : 'schema';
}

/** Tables that change places may look alike. */
function ofRename(reader: SqlReader, database: string): StatementKind {
  if (reader.oneOf('TABLE', 'TABLES') === null) return 'traceless';
  const renames = listOf(rest(reader)).map((item) => {
    const words = readerOf(item);
    const from = takeName(words, database);
    words.skip('TO');
    const to = takeName(words, database);
    return { from: from.name, to: to.name, own: from.own && to.own };
  });
  const given = new Set(renames.map(({ from }) => from));
  // A name that is given away and taken again: a swap, or a step of one.
  const swaps = renames.some(({ to }) => given.has(to));
  if (renames.some(({ own }) => !own)) return 'traceless';
  return swaps ? 'moves' : 'schema';
}

function rest(reader: SqlReader): string {
  const items: string[] = [];
  while (!reader.done) {
    items.push(reader.until());
    reader.skip(',');
  }
  return items.join(', ');
}

/** Whether a USE leads to another database than the migrator's. */
export function leadsElsewhere(sql: string, database: string): boolean | null {
  if (!/\buse\b/i.test(sql)) return null;
  const reader = readerOf(sql);
  return reader.skip('USE') ? reader.name()?.toLowerCase() !== database.toLowerCase() : null;
}
