import { type LexerModes, lex } from './lexer.ts';
import { modesOf } from './modes.ts';
import { codeTokens, isOneOf, isSymbol, type SqlToken } from './tokens.ts';

/**
 * The statements of a text, without their semicolons. One in a string, a comment, a versioned comment or a program's body
 * ends nothing. DELIMITER is a command of the client `mysql`, and not known here.
 */
export function splitStatements(sql: string): string[] {
  return statementSplitter()(sql);
}

/** Splits texts that run one after the other: a SET of sql_mode changes how those behind it are read. */
export function statementSplitter(): (sql: string) => string[] {
  let modes: LexerModes = {};
  return (sql) => {
    const statements: string[] = [];
    let from = 0;
    let tokens = codeTokens(sql, modes);
    let inside = versionedIn(sql, modes);
    while (tokens.length > 0) {
      const count = statementLength(tokens, inside);
      const last = tokens[count - 1] as SqlToken;
      const ends = isSemicolon(last) && !inside(last);
      const statement = tokens.slice(0, ends ? count - 1 : count);
      if (statement.length > 0) statements.push(sql.slice(from, ends ? last.start : sql.length).trim());
      from = last.end;
      const set = modesSetBy(statement);
      tokens = tokens.slice(count);
      if (set === null) continue;
      modes = set;
      // As long as what was read already, so that places stay.
      const rest = sql.slice(from).padStart(sql.length);
      tokens = codeTokens(rest, modes);
      inside = versionedIn(rest, modes);
    }
    return statements;
  };
}

/** The modes after SET, also within a list; null where it leaves them, or sets a value that is not in the text. */
function modesSetBy(statement: readonly SqlToken[]): LexerModes | null {
  if (!isOneOf(statement[0], ['SET'])) return null;
  for (const [at, { kind, text }] of statement.entries()) {
    const before = statement[at - (kind === 'name' ? 2 : 1)];
    const global = before !== undefined && /^(@@)?(global|persist|persist_only)$/i.test(before.text);
    if (kind === 'string' || global || !/^(@@)?sql_mode$/i.test(text)) continue;
    const value = statement[at + 2];
    if (value?.kind === 'string') return modesOf(value.text);
    if (isOneOf(value, ['DEFAULT'])) return {};
  }
  return null;
}

/** Tells whether a token stands in a versioned comment. */
function versionedIn(sql: string, modes: LexerModes): (token: SqlToken) => boolean {
  const markers = [...lex(sql, modes)].filter(({ kind }) => kind === 'version');
  return ({ start }) => {
    const before = markers.findLast((marker) => marker.start < start);
    return before !== undefined && sql[before.start] === '/';
  };
}

/** How many tokens the first statement has, its semicolon included. */
function statementLength(tokens: readonly SqlToken[], inside: (token: SqlToken) => boolean): number {
  const program = isProgram(tokens);
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    if (isSemicolon(token) && depth === 0 && !inside(token)) return at + 1;
    if (!program || token.kind !== 'word') continue;
    const { text } = token;
    // END IF, END LOOP, END CASE …: the word opens nothing.
    if (isOneOf(tokens[at - 1], ['END']) && opening.includes(text)) continue;
    if (text === 'END') {
      depth -= 1;
    } else if (
      text === 'BEGIN' ||
      text === 'CASE' ||
      (isOneOf(token, opening) && startsStatement(tokens, at))
    ) {
      depth += 1;
    }
  }
  return tokens.length;
}

const isSemicolon = (token: SqlToken) => isSymbol(token, ';');

// https://dev.mysql.com/doc/refman/8.4/en/sql-compound-statements.html
const opening: readonly string[] = ['IF', 'CASE', 'LOOP', 'WHILE', 'REPEAT'];

/** Behind what a statement of a program's body begins, so that IF(…) and REPEAT(…) in an expression do not. */
function startsStatement(tokens: readonly SqlToken[], at: number): boolean {
  const before = tokens[at - 1];
  if (before?.kind === 'symbol') return before.text === ';' || before.text === ':' || before.text === ')';
  if (before?.kind === 'string' || isOneOf(tokens[at - 2], ['FOLLOWS', 'PRECEDES'])) return true;
  return isOneOf(before, [
    'BEGIN',
    'THEN',
    'ELSE',
    'DO',
    'LOOP',
    'REPEAT',
    'ROW',
    'DETERMINISTIC',
    'SQL',
    'DATA',
    'INVOKER',
    'DEFINER',
  ]);
}

const programs: readonly string[] = ['TRIGGER', 'PROCEDURE', 'FUNCTION', 'EVENT'];

/** CREATE or ALTER of what has a body, which holds semicolons of its own. */
function isProgram(tokens: readonly SqlToken[]): boolean {
  if (!isOneOf(tokens[0], ['CREATE', 'ALTER'])) return false;
  // Between them stand OR REPLACE, DEFINER = user@host, AGGREGATE.
  for (let at = 1; at < tokens.length; at += 1) {
    const token = tokens[at] as SqlToken;
    if (isOneOf(token, programs)) return true;
    if (
      isOneOf(token, ['TABLE', 'VIEW', 'INDEX', 'DATABASE', 'SCHEMA', 'USER']) ||
      token.text === '(' ||
      token.text === ';'
    ) {
      if (token.text !== '(' || !isOneOf(tokens[at - 1], ['CURRENT_USER'])) return false;
    }
  }
  return false;
}
