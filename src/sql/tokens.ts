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

function textOf(kind: Token['kind'], written: string, modes: LexerModes): string {
  if (kind === 'word' || kind === 'variable') return written.toUpperCase();
  if (kind === 'name') return unquoteName(written);
  return kind === 'string' ? unquoteText(written, modes) : written;
}
