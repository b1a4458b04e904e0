/** Of ASCII alone. All of these take a UTF-16 code unit; NaN, behind the end, is of no kind. */
export const isDigit = (code: number) => code >= 0x30 && code <= 0x39;
/** A blank, a tab or an end of line. */
export const isSpace = (code: number) => code === 0x20 || (code >= 0x09 && code <= 0x0d);

/** Letters, digits, _, $, and all that is not ASCII, blanks of other scripts included. */
export function isPartOfName(code: number): boolean {
  return (
    code >= 0x80 ||
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    isDigit(code) ||
    code === 0x5f ||
    code === 0x24
  );
}

/** The end of the pattern's match at `from`, and `from` itself without a match. The pattern is a sticky one. */
export function behind(pattern: RegExp, sql: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(sql) ? pattern.lastIndex : from;
}

/** The first place from `from` on that is no part of a name. */
export function endOfName(sql: string, from: number): number {
  let at = from;
  while (isPartOfName(sql.charCodeAt(at))) at += 1;
  return at;
}

/** The first place from `from` on that is no blank. */
export function endOfBlanks(sql: string, from: number): number {
  let at = from;
  while (isSpace(sql.charCodeAt(at))) at += 1;
  return at;
}

/** The place of the next end of line, or the end of the text. */
export function endOfLine(sql: string, from: number): number {
  const end = sql.indexOf('\n', from);
  return end === -1 ? sql.length : end;
}
