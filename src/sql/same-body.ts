/** Whether two bodies are the same without what an editor adds; true where the account may not read one. */
export function sameBody(left: string | null, right: string | null): boolean {
  return left === null || right === null || plain(left) === plain(right);
}

function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').trim();
}

/** The SQL modes in which one text is another statement: https://dev.mysql.com/doc/refman/8.4/en/sql-mode.html */
const parsing = [
  'ANSI_QUOTES',
  'HIGH_NOT_PRECEDENCE',
  'NO_BACKSLASH_ESCAPES',
  'PIPES_AS_CONCAT',
  'REAL_AS_FLOAT',
];

/** Those that a program was made under; a server's other modes are its own affair. Empty for none. */
export function parsingModes({ sqlMode }: { readonly sqlMode: string }): string {
  const modes = sqlMode.split(',');
  return parsing.filter((mode) => modes.includes(mode)).join(', ');
}
