import { sourceNames } from '../source-name.ts';
import { parseMysqlType } from '../sql/mysql-type.ts';
import { quoteName } from '../sql/quote.ts';
import type { RunOptions } from './read-record.ts';
import type { TablePair } from './table-pair.ts';

/** What `--since` says: a column, or a column and a time. */
export function parseSince(text: string): NonNullable<RunOptions['since']> | null {
  const [, column, value] = /^([^=]+?)\s*(?:=\s*(.*))?$/s.exec(text.trim()) ?? [];
  if (column === undefined || (value !== undefined && !isTime(value))) return null;
  return { column, value: value ?? null };
}

const isTime = (text: string) => /^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?$/.test(text);

/**
 * The condition for rows that changed since a time, as SQL; undefined where the table has no such column of dates or times on both sides.
 *
 * @param from a time as MySQL writes it, in UTC
 */
export function sinceCondition({ models }: TablePair, name: string, from: string): string | undefined {
  const isThere = sourceNames.every((source) =>
    models[source].columns.some(
      (column) =>
        column.name.toLowerCase() === name.toLowerCase() &&
        ['date', 'datetime', 'timestamp'].includes(parseMysqlType(column.type).name),
    ),
  );
  if (!isThere) return undefined;
  if (!isTime(from)) throw new Error('The time of --since is not written as one.');
  return `${quoteName(name)} >= '${from}'`;
}
