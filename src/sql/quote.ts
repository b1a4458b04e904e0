import type { LexerModes } from './lexer.ts';

/** A name between backticks: https://dev.mysql.com/doc/refman/8.4/en/identifiers.html */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** The name that stands between quotes, of either kind; one without any as it is. */
export function unquoteName(quoted: string): string {
  const quote = quoted.charAt(0);
  return quote === '`' || quote === '"' ? quoted.slice(1, -1).replaceAll(quote + quote, quote) : quoted;
}

/** A text as a literal of SQL: https://dev.mysql.com/doc/refman/8.4/en/string-literals.html */
export function quoteText(text: string, { noBackslashEscapes = false }: LexerModes = {}): string {
  const escaped = noBackslashEscapes ? text : text.replaceAll('\\', '\\\\');
  return `'${escaped.replaceAll("'", "''")}'`;
}

/** The text that a literal stands for, national or not. The text between `$$` and `$$` is one, too. */
export function unquoteText(literal: string, { noBackslashEscapes = false }: LexerModes = {}): string {
  const from = literal.search(/['"$]/);
  const quote = literal.charAt(from);
  if (quote === '$') {
    const tag = literal.indexOf('$', 1) + 1;
    return literal.slice(tag, -tag);
  }
  const text = literal.slice(from + 1, -1);
  // One at a time, so that neither takes what the other has made.
  const parts = noBackslashEscapes
    ? quote === "'"
      ? /''/g
      : /""/g
    : quote === "'"
      ? /''|\\[\s\S]/g
      : /""|\\[\s\S]/g;
  return text.replace(parts, (found) => (found === quote + quote ? quote : unescaped(found)));
}

/** The character of a backslash and the one behind it. Before % and _ it stays, for LIKE. */
function unescaped(escaped: string): string {
  const character = escaped.slice(1);
  return character === '%' || character === '_' ? escaped : (controls[character] ?? character);
}

const controls: Readonly<Record<string, string>> = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1a',
};
