import { quoteName } from './quote.ts';

/**
 * Tells MySQL to read the table of an alias by an index that finds rows, whichever. Where most rows have the value that is looked for, it takes
 * a scan for as cheap, and goes on with it until it has found as many rows as a limit wants.
 * https://dev.mysql.com/doc/refman/8.4/en/optimizer-hints.html#optimizer-hints-index-level
 */
export const byIndex = (alias: string) => `INDEX(${quoteName(alias)})`;
