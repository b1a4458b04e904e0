import { quoteName } from './quote.ts';

/**
 * Tells MySQL to read the table of an alias by an index that finds rows. Where most rows have the value that is looked for, it takes
 * a scan for as cheap, and goes on with it until it has found as many rows as a limit wants.
 * https://dev.mysql.com/doc/refman/8.4/en/optimizer-hints.html#optimizer-hints-index-level
 *
 * @param names the indexes that it may take; any where there are none, or where the server has none of these
 */
export const byIndex = (alias: string, names: readonly string[] = []) =>
  `${beginning(alias)}${names.length === 0 ? '' : ` ${names.map(quoteName).join(', ')}`})`;

const beginning = (alias: string) => `INDEX(${quoteName(alias)}`;

/** The hint in a statement about an alias, said of another one; undefined where there is none. */
export function byIndexAs(alias: string, sql: string, of: string): string | undefined {
  const at = sql.indexOf(beginning(of));
  if (at < 0) return undefined;
  const from = at + beginning(of).length;
  return `${beginning(alias)}${sql.slice(from, sql.indexOf(')', from) + 1)}`;
}
