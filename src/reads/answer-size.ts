import { primaryKeyOf } from '../column-types/column-types.ts';
import { keyForApi, type RowKey } from '../column-types/table-key.ts';
import type { SourceName } from '../source-name.ts';
import type { Budget } from './operation-budget.ts';
import type { ReadPlan } from './read-plan.ts';
import type { Row } from './row.ts';

/**
 * How often a row stands in the answer. The parent of a hundred records is read once and written a hundred times, with all
 * that hangs on it.
 */
export type Times = (row: Row) => number;

/**
 * Takes from the budget what rows give the answer. Rows that stand there once are counted and not looked at: the bytes of
 * theirs have been taken when they came.
 *
 * @throws TandemError OPERATION_TOO_COMPLEX
 */
export function takeRows(
  budget: Budget,
  { selection, repeatsTexts }: ReadPlan,
  rows: readonly Row[],
  times: Times | null,
): void {
  budget.takeValues(rows.length * selection.values);
  // Rows without values were read for their keys alone, and stand in no answer.
  if (budget.reads !== null && selection.values > 0 && rows.length > 0) {
    const key = primaryKeyOf(selection.meta);
    const keyOfRow = (row: Row) => keyForApi(key, row[key.place] as RowKey);
    budget.reads.take(rows[0]?.source as SourceName, selection.meta.tableName, rows, keyOfRow);
  }
  if (times !== null)
    budget.takeValues(rows.reduce((sum, row) => sum + times(row) - 1, 0) * selection.values);
  if (selection.texts.length === 0 || (times === null && !repeatsTexts)) return;
  for (const row of rows) {
    const often = times === null ? 1 : times(row);
    for (const [name, places] of selection.texts) {
      const text = row[name];
      // A text that stands there once has come from the database.
      if (typeof text === 'string') budget.takeBytes(Buffer.byteLength(text) * (often * places - 1));
    }
  }
}
