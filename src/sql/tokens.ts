import { type LexerModes, lex, type Token } from './lexer.ts';
import { unquoteName, unquoteText } from './quote.ts';

/**
 * A token with what it says: of a name or a string, what stands between its quotes; words and variables in capitals;
 * all else as it is written.
 */
export interface SqlToken extends Token {
  readonly text: string;
}

/** The tokens of SQL without blanks, and without what makes a versioned comment of its content, which is code. */
export function tokensOf(sql: string, modes: LexerModes = {}): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (const { kind, start, end } of lex(sql, modes)) {
    if (kind === 'blank' || kind === 'version') continue;
    tokens.push({ kind, start, end, text: textOf(kind, sql.slice(start, end), modes) });
  }
  return tokens;
}

/** The same without comments. */
export function codeTokens(sql: string, modes: LexerModes = {}): SqlToken[] {
  return tokensOf(sql, modes).filter(({ kind }) => kind !== 'comment');
}

/** Whether it is one of these words, which are in capitals. */
export function isOneOf(token: SqlToken | undefined, words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text);
}

export function isSymbol(token: SqlToken | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.text === symbol;
}

/** Whether it may be a name, in quotes or without. */
export function isName(token: SqlToken | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'name';
}

/** The name that a token is: in capitals only where it is so written. */
export function nameIn(sql: string, { kind, start, end, text }: SqlToken): string {
  return kind === 'word' ? sql.slice(start, end) : text;
}

function textOf(kind: Token['kind'], written: string, modes: LexerModes): string {
  if (kind === 'word' || kind === 'variable') return written.toUpperCase();
  if (kind === 'name') return unquoteName(written);
  return kind === 'string' ? unquoteText(written, modes) : written;
}
