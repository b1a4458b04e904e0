import { behind, endOfBlanks, endOfLine, endOfName, isDigit, isPartOfName, isSpace } from './characters.ts';
import { charsets } from './charsets.ts';

/**
 * The kinds of tokens:
 *
 * - word: a keyword, a function, or a name without quotes;
 * - name: one in quotes, or one behind a dot, where MySQL looks for no keyword;
 * - string: in single quotes, national (n'…'), or in double quotes unless these enclose names;
 * - binary: a hexadecimal or bit-value literal: x'6f', 0x6f, b'01', 0b01;
 * - introducer: the character set in front of a literal: _utf8mb4;
 * - variable: @a, or the first part of @@global.a;
 * - symbol: an operator, a bracket, a comma and the like;
 * - comment: one that MySQL skips, a versioned one for a later MySQL included;
 * - version: what opens and what closes a versioned comment that MySQL reads as code;
 * - unclosed: what opens and never closes, up to the end of the text. MySQL refuses such a statement.
 */
export type TokenKind =
  | 'blank'
  | 'word'
  | 'name'
  | 'string'
  | 'number'
  | 'binary'
  | 'introducer'
  | 'variable'
  | 'symbol'
  | 'comment'
  | 'version'
  | 'unclosed';

/** A piece of SQL, from `start` up to `end`. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

/** The modes of a session by which MySQL reads SQL: https://dev.mysql.com/doc/refman/8.4/en/sql-mode.html */
export interface LexerModes {
  /** Double quotes enclose names. */
  readonly ansiQuotes?: boolean;
  /** A backslash is a character like any other. */
  readonly noBackslashEscapes?: boolean;
  /** Of the server, such as 80400: a versioned comment for a later one is a comment. */
  readonly version?: number;
}

const point = 0x2e;

/** Above all versions so far, and below 99999, which stands for none. */
const newest = 90_999;

/**
 * Takes SQL apart as MySQL's own lexer does, for a session in utf8mb4. The tokens follow each other without a gap.
 * https://dev.mysql.com/doc/refman/8.4/en/language-structure.html, and sql/sql_lex.cc for what the manual leaves open.
 */
export function* lex(sql: string, modes: LexerModes = {}): Generator<Token, void> {
  const state: State = { sql, modes, versioned: false, qualified: false, joined: false };
  for (let start = 0; start < sql.length; ) {
    const token = tokenAt(start, state);
    const { kind, end } = token;
    const first = sql.charCodeAt(start);
    state.qualified = first === point && kind === 'symbol' && isPartOfName(sql.charCodeAt(end));
    state.joined = kind === 'word' || kind === 'variable' || (kind === 'name' && isPartOfName(first));
    yield token;
    start = end;
  }
}

interface State {
  readonly sql: string;
  readonly modes: LexerModes;
  /** Within a versioned comment that is read as code. */
  versioned: boolean;
  /** Behind a dot with a name at once behind it. */
  qualified: boolean;
  /** Behind a name without quotes: a dot there separates, and begins no number. */
  joined: boolean;
}

function tokenAt(at: number, state: State): Token {
  const { sql, modes } = state;
  const character = sql[at] as string;
  if (state.qualified) return { kind: 'name', start: at, end: endOfName(sql, at) };
  switch (character) {
    case "'":
      return quoted('string', sql, at, modes.noBackslashEscapes !== true);
    case '"':
      return modes.ansiQuotes === true
        ? quoted('name', sql, at, false)
        : quoted('string', sql, at, modes.noBackslashEscapes !== true);
    case '`':
      return quoted('name', sql, at, false);
    case '#':
      return { kind: 'comment', start: at, end: endOfLine(sql, at) };
    case '-':
      // https://dev.mysql.com/doc/refman/8.4/en/ansi-diff-comments.html: a blank or control character must follow.
      return sql[at + 1] === '-' && !(sql.charCodeAt(at + 2) > 0x20 && sql.charCodeAt(at + 2) !== 0x7f)
        ? { kind: 'comment', start: at, end: endOfLine(sql, at) }
        : operator(sql, at);
    case '/':
      return sql[at + 1] === '*' ? comment(at, state) : operator(sql, at);
    case '*':
      if (!state.versioned || sql[at + 1] !== '/') return operator(sql, at);
      state.versioned = false;
      return { kind: 'version', start: at, end: at + 2 };
    case '@':
      return variable(sql, at);
    case '.':
      return state.joined ? operator(sql, at) : either(fraction, 'number', sql, at);
    case '$':
      return dollarQuoted(sql, at);
  }
  if (isSpace(sql.charCodeAt(at))) return { kind: 'blank', start: at, end: endOfBlanks(sql, at) };
  if (isDigit(sql.charCodeAt(at))) return number(sql, at);
  return isPartOfName(sql.charCodeAt(at)) ? word(sql, at, modes) : operator(sql, at);
}

const fraction = /\.\d+(?:e[+-]?\d+)?/iy;
const decimals = /\d+e[+-]?\d+|\d+(?![\w$\x80-\uffff])(?:\.\d*(?:e[+-]?\d+)?)?/iy;
/** The letters in them are small ones: 0X6f is a name. */
const bits = /(?:0x[\da-fA-F]+|0b[01]+)(?![\w$\x80-\uffff])/y;
const operators = /<=>|->>|->|<=|<>|<<|>=|>>|!=|&&|\|\||:=/y;

/** The first characters of operators that have several. */
const longOperators = '<>-!&|:';

function operator(sql: string, at: number): Token {
  const isLong = longOperators.includes(sql[at] as string);
  return { kind: 'symbol', start: at, end: isLong ? Math.max(at + 1, behind(operators, sql, at)) : at + 1 };
}

/** The token that the pattern finds there, or else a symbol. */
function either(pattern: RegExp, kind: TokenKind, sql: string, at: number): Token {
  const end = behind(pattern, sql, at);
  return end > at ? { kind, start: at, end } : operator(sql, at);
}

/** A text of megabytes is searched for its end, which a pattern would do by recursion. */
function quoted(kind: TokenKind, sql: string, at: number, escapes: boolean): Token {
  const quote = sql[at] as string;
  let from = at + 1;
  for (;;) {
    const close = sql.indexOf(quote, from);
    if (close === -1) return { kind: 'unclosed', start: at, end: sql.length };
    if (escapes && isEscaped(sql, from, close)) from = close + 1;
    else if (sql[close + 1] === quote) from = close + 2;
    else return { kind, start: at, end: close + 1 };
  }
}

/** Whether an odd number of backslashes stands before the place, none of them before `from`. */
function isEscaped(sql: string, from: number, place: number): boolean {
  let backslashes = 0;
  while (place - backslashes > from && sql[place - backslashes - 1] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

/** https://dev.mysql.com/doc/refman/8.4/en/comments.html */
function comment(at: number, state: State): Token {
  const { sql, modes } = state;
  if (sql[at + 2] !== '!') return closing(sql, at, false);
  const digits = behind(sixDigits, sql, at + 3) - at - 3 || behind(fiveDigits, sql, at + 3) - at - 3;
  const since = Number(sql.slice(at + 3, at + 3 + digits));
  if (since > (modes.version ?? newest)) return closing(sql, at, true);
  state.versioned = true;
  return { kind: 'version', start: at, end: at + 3 + digits };
}

const sixDigits = /\d{6}(?=[ \t-\r])/y;
const fiveDigits = /\d{5}/y;

/** Up to the first end; with one other comment within it where that may be. Quotes mean nothing there. */
function closing(sql: string, at: number, nested: boolean): Token {
  let from = at + 2;
  for (;;) {
    const end = sql.indexOf('*/', from);
    if (end === -1) return { kind: 'unclosed', start: at, end: sql.length };
    const inner = nested ? sql.indexOf('/*', from) : -1;
    if (inner === -1 || inner > end) return { kind: 'comment', start: at, end: end + 2 };
    const innerEnd = sql.indexOf('*/', inner + 2);
    if (innerEnd === -1) return { kind: 'unclosed', start: at, end: sql.length };
    from = innerEnd + 2;
  }
}

function variable(sql: string, at: number): Token {
  return either(sql[at + 1] === '@' ? systemVariable : userVariable, 'variable', sql, at);
}

const systemVariable = /@@[\w$\x80-\uffff]+/y;
const userVariable = /@[\w$.]+/y;

/** $$…$$ and $tag$…$tag$ are the body of a program in another language; else $ is the beginning of a name. */
function dollarQuoted(sql: string, at: number): Token {
  const open = behind(tag, sql, at);
  const end = open === at ? -1 : sql.indexOf(sql.slice(at, open), open);
  if (end === -1) return { kind: 'word', start: at, end: endOfName(sql, at) };
  return { kind: 'string', start: at, end: end + open - at };
}

const tag = /\$[\w\x80-\uffff]*\$/y;

function number(sql: string, at: number): Token {
  const binary = behind(bits, sql, at);
  if (binary > at) return { kind: 'binary', start: at, end: binary };
  const end = behind(decimals, sql, at);
  // A name may begin with digits.
  return end > at ? { kind: 'number', start: at, end } : { kind: 'word', start: at, end: endOfName(sql, at) };
}

function word(sql: string, at: number, { noBackslashEscapes }: LexerModes): Token {
  if (sql[at + 1] === "'") {
    const prefix = sql[at] as string;
    if (prefix === 'n' || prefix === 'N')
      return { ...quoted('string', sql, at + 1, noBackslashEscapes !== true), start: at };
    if ('xXbB'.includes(prefix)) {
      const close = sql.indexOf("'", at + 2);
      return close === -1
        ? { kind: 'unclosed', start: at, end: sql.length }
        : { kind: 'binary', start: at, end: close + 1 };
    }
  }
  const end = endOfName(sql, at);
  const introduces = sql[at] === '_' && charsets.has(sql.slice(at + 1, end).toLowerCase());
  return { kind: introduces ? 'introducer' : 'word', start: at, end };
}
