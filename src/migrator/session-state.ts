import { readerOf } from '../sql/reader.ts';
import { statementKindOf } from '../sql/statement-kind.ts';
import { tokensOf } from '../sql/tokens.ts';

/**
 * What the statements behind `done` want of a session that is gone, and that running SET again would not bring back: a
 * temporary table, a variable that was read from rows, the last number that was given. Null where there is none.
 */
export function lostWithSession(
  statements: readonly string[],
  done: number,
  database: string,
): string | null {
  const before = statements.slice(0, done);
  const rest = statements.slice(done);
  const wanted = new Set(rest.flatMap((sql) => tokensOf(sql).map(({ text }) => text.toUpperCase())));
  for (const sql of before) {
    const table = temporaryTable(sql);
    if (table !== null && wanted.has(table.toUpperCase())) return `the temporary table ${table}`;
    for (const name of readVariables(sql)) if (wanted.has(name)) return `the variable ${name.toLowerCase()}`;
  }
  // Of the statement that ran last: what comes first gives new ones.
  const first = rest.find((sql) => statementKindOf(sql, { database }) === 'rows') ?? '';
  const called = /\b(last_insert_id|row_count|found_rows)\s*\(\s*\)/i.exec(first)?.[0];
  return done > 0 && called !== undefined ? called.toLowerCase() : null;
}

function temporaryTable(sql: string): string | null {
  const reader = readerOf(sql);
  if (!reader.skip('CREATE', 'TEMPORARY', 'TABLE')) return null;
  reader.oneOf('IF NOT EXISTS');
  return reader.name();
}

/** Variables of the user that a statement sets to more than a literal. */
function readVariables(sql: string): string[] {
  const reader = readerOf(sql);
  const tokens = tokensOf(sql).filter(({ kind }) => kind !== 'comment');
  const names = tokens.flatMap(({ kind, text }) => (kind === 'word' && /^@[^@]/.test(text) ? [text] : []));
  if (names.length === 0) return [];
  if (reader.is('SET')) {
    const read = tokens.some(({ text, kind }, at) => {
      const before = tokens[at - 1];
      // Of another variable, which may be one of these.
      if (/^@[^@]/.test(text)) return before?.kind === 'symbol' && before.text !== ',';
      return text === '(' || (kind === 'word' && text === 'SELECT');
    });
    return read ? names : [];
  }
  const assigns = tokens.some(
    ({ text }, at) => text === 'INTO' || (text === ':' && tokens[at + 1]?.text === '='),
  );
  return assigns || reader.is('CALL') || reader.is('EXECUTE') ? names : [];
}
