import { lex } from './lexer.ts';

/** The values of a statement: Dates and objects are made text before. */
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
    // Where nothing hides a question mark from here on, as in the rows of an INSERT, the lexer has no more to tell.
    if (at === 0 && !hiding.test(sql.slice(start)))
      return joined(sql.slice(0, start), sql.slice(start).split('?'), values);
    parts.push(sql.slice(from, start), sqlLiteral(values[at++]));
    from = end;
  }
  if (at !== values.length) throw new Error(wrongCount);
  return parts.join('') + sql.slice(from);
}

/** The beginning of a quoted text, a quoted name or a comment. */
const hiding = /['"`#]|--|\/\*/;

/** @param parts the statement from its first value on; the first one is empty */
function joined(head: string, parts: readonly string[], values: readonly Value[]): string {
  if (parts.length - 1 < values.length) throw new Error(wrongCount);
  let text = head;
  for (let at = 1; at < parts.length; at++) text += sqlLiteral(values[at - 1]) + parts[at];
  return text;
}

const wrongCount = 'A statement has another number of values than of places for them.';

/** The characters that a text may not hold in quotation marks as they are. */
const special = /['\\]/;

/**
 * A value as SQL. A quotation mark is doubled, which all modes understand. With a backslash, which only some take for a
 * character, text is written as its bytes: https://dev.mysql.com/doc/refman/8.4/en/hexadecimal-literals.html
 */
export function sqlLiteral(value: Value | undefined): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') {
    if (!special.test(value)) return `'${value}'`;
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
