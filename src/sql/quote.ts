/** A name between backticks: https://dev.mysql.com/doc/refman/8.4/en/identifiers.html */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** The name that stands between backticks. */
export function unquoteName(quoted: string): string {
  return quoted.slice(1, -1).replaceAll('``', '`');
}

/** A text as DDL has it, where backslashes escape: https://dev.mysql.com/doc/refman/8.4/en/string-literals.html */
export function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
