import { NothingToCompare } from '../drift/comparison-scope.ts';
import { explanationLine } from '../errors/explanation.ts';
import { sourceNames } from '../source-name.ts';
import { parseMysqlType } from '../sql/mysql-type.ts';
import { quoteName } from '../sql/quote.ts';
import type { RunOptions } from './read-run-record.ts';
import type { TablePair } from './table-pair.ts';

/** The value of `--since`: a column, or a column and a time. */
export function parseSince(text: string): NonNullable<RunOptions['since']> | null {
  const [, column, value] = /^([^=]+?)\s*(?:=\s*(.*))?$/s.exec(text.trim()) ?? [];
  if (column === undefined || (value !== undefined && !isTime(value))) return null;
  return { column, value: value ?? null };
}

const isTime = (text: string) => /^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?$/.test(text);

/** @throws NothingToCompare where no table has the column: a name that is mistyped would compare all of them whole */
export function checkSince(pairs: readonly TablePair[], since: RunOptions['since']): void {
  if (since === null || pairs.some((pair) => hasTime(pair, since.column))) return;
  throw new NothingToCompare(
    explanationLine({
      cause: `No table that is compared has a column ${since.column} of dates or times on both clouds.`,
      remedy: 'name another one with --since, or leave it out.',
    }),
  );
}

/**
 * The condition for rows that changed since a time, as SQL; undefined where the table has no such column of dates or times on both sides.
 *
 * @param from a time as MySQL writes it, in UTC
 */
export function sinceCondition(pair: TablePair, name: string, from: string): string | undefined {
  if (!hasTime(pair, name)) return undefined;
  if (!isTime(from)) throw new Error('The time of --since is not written as one.');
  return `${quoteName(name)} >= '${from}'`;
}

function hasTime({ models }: TablePair, name: string): boolean {
  return sourceNames.every((source) =>
    models[source].columns.some(
      (column) =>
        column.name.toLowerCase() === name.toLowerCase() &&
        ['date', 'datetime', 'timestamp'].includes(parseMysqlType(column.type).name),
    ),
  );
}
