import { lex } from './lexer.ts';

/** What a statement can be given: Dates and objects are made text before. */
export type Value = string | number | bigint | boolean | null | Buffer;

/**
 * A statement with its values in its text, for what cannot be prepared. They mean the same under every sql_mode. Of the
 * statement itself, only question marks outside of quotation marks and comments stand for values.
 */
export function withValues(sql: string, values: readonly Value[]): string {
  const parts: string[] = [];
  let at = 0;
  let from = 0;
  for (const { kind, start, end } of lex(sql)) {
    if (kind !== 'symbol' || sql[start] !== '?') continue;
    parts.push(sql.slice(from, start), literal(values[at++]));
    from = end;
  }
  if (at !== values.length)
    throw new Error('A statement has another number of values than of places for them.');
  return parts.join('') + sql.slice(from);
}

/**
 * A value as SQL. A quotation mark is doubled, which all modes understand. With a backslash, which only some take for a
 * character, text is written as its bytes: https://dev.mysql.com/doc/refman/8.4/en/hexadecimal-literals.html
 */
function literal(value: Value | undefined): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') {
    return value.includes('\\') ? hexText(value) : `'${value.replaceAll("'", "''")}'`;
  }
  if (Buffer.isBuffer(value)) return `x'${value.toString('hex')}'`;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value)))
    return String(value);
  throw new Error('A statement has a value that is none of MySQL’s.');
}

/** A text as SQL, by its bytes: it means the same in every sql_mode, and has no quotation marks in it. */
export function hexText(text: string): string {
  return `_utf8mb4 x'${Buffer.from(text).toString('hex')}'`;
}
