/** A name between backticks: https://dev.mysql.com/doc/refman/8.4/en/identifiers.html */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
