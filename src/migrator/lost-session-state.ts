import { readerOf } from '../sql/reader.ts';
import { statementKindOf } from '../sql/statement-kind.ts';
import { codeTokens, isOneOf, isSymbol, type SqlToken } from '../sql/tokens.ts';

/**
 * State of a lost session that the statements behind `done` need, and that running SET again would not bring back: a
 * temporary table, a variable that was read from rows, the last number that was given. Null where there is none.
 */
export function lostWithSession(
  statements: readonly string[],
  done: number,
  database: string,
): string | null {
  const before = statements.slice(0, done);
  const rest = statements.slice(done);
  const wanted = new Set(rest.flatMap((sql) => codeTokens(sql).map(({ text }) => text.toUpperCase())));
  for (const sql of before) {
    const table = temporaryTable(sql);
    if (table !== null && wanted.has(table.toUpperCase())) return `the temporary table ${table}`;
    for (const name of readVariables(sql)) if (wanted.has(name)) return `the variable ${name.toLowerCase()}`;
  }
  // Of the statement that ran last: what comes first gives new ones.
  const first = rest.find((sql) => statementKindOf(sql, { database }) === 'rows') ?? '';
  const tokens = codeTokens(first);
  const called = tokens.find(
    (token, at) =>
      isOneOf(token, ['LAST_INSERT_ID', 'ROW_COUNT', 'FOUND_ROWS']) &&
      isSymbol(tokens[at + 1], '(') &&
      isSymbol(tokens[at + 2], ')'),
  );
  return done > 0 && called !== undefined ? `${called.text.toLowerCase()}()` : null;
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
  const tokens = codeTokens(sql);
  const names = tokens.flatMap((token) => (isOfUser(token) ? [token.text] : []));
  if (names.length === 0) return [];
  if (reader.is('SET')) {
    const read = tokens.some((token, at) => {
      const { kind, text } = token;
      const before = tokens[at - 1];
      // Of another variable, which may be one of these.
      if (isOfUser(token)) return before?.kind === 'symbol' && before.text !== ',';
      return (kind === 'symbol' && text === '(') || (kind === 'word' && text === 'SELECT');
    });
    return read ? names : [];
  }
  const assigns = tokens.some(
    ({ kind, text }) => (kind === 'word' && text === 'INTO') || (kind === 'symbol' && text === ':='),
  );
  return assigns || reader.is('CALL') || reader.is('EXECUTE') ? names : [];
}

/** Whether it is a variable of the user, @a, and none of the system. */
const isOfUser = ({ kind, text }: SqlToken) => kind === 'variable' && !text.startsWith('@@');
