import type { SqlToken } from './tokens.ts';

/**
 * Where CREATE TABLE, ALTER TABLE or CREATE INDEX names its table, with the schema in front of it where there is one.
 *
 * @param tokens of one statement, without comments
 * @returns the places of the first and the last token; null where the statement has another form
 */
export function tableSpan(
  tokens: readonly SqlToken[],
): { readonly first: number; readonly last: number } | null {
  const direct = (isWord(tokens[0], 'ALTER') || isWord(tokens[0], 'CREATE')) && isWord(tokens[1], 'TABLE');
  const first = direct ? 2 : tokens.findIndex((token) => isWord(token, 'ON')) + 1;
  if (first === 0) return null;
  const last = tokens[first + 1]?.text === '.' ? first + 2 : first;
  return tokens[last] === undefined ? null : { first, last };
}

export function isWord(token: SqlToken | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text === text;
}
