import type { Budget } from './budget.ts';
import type { ReadPlan } from './read-plan.ts';
import type { Row } from './row.ts';

/**
 * How often rows stand in the answer: by the values of one of their properties. The parent of a hundred records is read
 * once and written a hundred times, with all that hangs on it.
 */
export interface Times {
  readonly by: string;
  readonly of: ReadonlyMap<unknown, number>;
}

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
  if (times !== null) budget.takeValues(repeats(rows, times) * selection.values);
  if (selection.texts.length === 0 || (times === null && !repeatsTexts)) return;
  for (const row of rows) {
    const often = times === null ? 1 : (times.of.get(row[times.by]) as number);
    for (const [name, places] of selection.texts) {
      const text = row[name];
      // What stands there once has come from the database.
      if (typeof text === 'string') budget.takeBytes(Buffer.byteLength(text) * (often * places - 1));
    }
  }
}

/** The same by the rows' keys, which what hangs on them refers to. */
export function timesByKey(rows: readonly Row[], times: Times | null): Times | null {
  if (times === null || times.by === 'key') return times;
  return { by: 'key', of: new Map(rows.map((row) => [row.key, times.of.get(row[times.by]) as number])) };
}

/** How often rows stand in the answer beyond once each. */
function repeats(rows: readonly Row[], { by, of }: Times): number {
  return rows.reduce((sum, row) => sum + (of.get(row[by]) as number) - 1, 0);
}
