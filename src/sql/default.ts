/** A text after DEFAULT without its quotes, a number, bits or a boolean, as MySQL’s catalogue has it; null for other expressions. */
export function literalIn(sql: string): string | null {
  const text = /^'((?:[^'\\]|''|\\[\s\S])*)'$/.exec(sql)?.[1];
  if (text !== undefined) return text.replace(/''|\\([\s\S])/g, unescaped);
  if (/^(-?\d+(\.\d+)?(e[+-]?\d+)?|b'[01]*')$/i.test(sql)) return sql;
  if (/^(true|false)$/i.test(sql)) return sql.toLowerCase() === 'true' ? '1' : '0';
  return null;
}

const controls: Readonly<Record<string, string>> = { '0': '\0', n: '\n', r: '\r' };

function unescaped(found: string, character?: string): string {
  return character === undefined ? found.slice(1) : (controls[character] ?? character);
}

/** CURRENT_TIMESTAMP in one spelling, with its digits where it has some; anything else as it is. */
export function timestamp(sql: string): string {
  return sql.replace(/^(current_timestamp|now)(\(\))?/i, 'CURRENT_TIMESTAMP');
}
