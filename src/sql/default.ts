import { codeTokens, isSymbol, type SqlToken } from './tokens.ts';

/**
 * A text after DEFAULT without its quotes, a number, bits or a boolean, as MySQL’s catalogue has it; null for other
 * expressions.
 */
export function literalIn(sql: string): string | null {
  return literalOf(codeTokens(sql), sql);
}

/** The same of an expression in parentheses, with the character set that it may say. */
export function literalInParentheses(sql: string): string | null {
  let tokens = codeTokens(sql);
  while (isSymbol(tokens[0], '(') && isSymbol(tokens.at(-1), ')')) tokens = tokens.slice(1, -1);
  return literalOf(tokens[0]?.kind === 'introducer' ? tokens.slice(1) : tokens, sql);
}

function literalOf(tokens: readonly SqlToken[], sql: string): string | null {
  const signed = isSymbol(tokens[0], '-');
  const [token, more] = signed ? tokens.slice(1) : tokens;
  if (token === undefined || more !== undefined) return null;
  const written = sql.slice(token.start, token.end);
  if (token.kind === 'number') return signed ? `-${written}` : written;
  if (signed) return null;
  if (token.kind === 'string' && written.startsWith("'")) return token.text;
  if (token.kind === 'binary' && /^b'/i.test(written)) return written;
  if (token.kind !== 'word' || !/^(true|false)$/i.test(written)) return null;
  return token.text === 'TRUE' ? '1' : '0';
}

/** CURRENT_TIMESTAMP in one spelling, with its digits where it has some; anything else as it is. */
export function timestamp(sql: string): string {
  return sql.replace(/^(current_timestamp|now)(\(\))?/i, 'CURRENT_TIMESTAMP');
}
