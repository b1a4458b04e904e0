import { useEffect, useState } from 'preact/hooks';

/**
 * Cells that are drawn in one task, and then laid out: tasks of 50 ms and more hold up what a person types. The first ones replace
 * those of the page before, and fill a window of usual height.
 */
const cellsAtFirst = 350;
const cellsAtOnce = 250;

/**
 * The rows that are drawn yet: those in sight at once, the others in steps after it.
 *
 * @param rows the same array until there are others
 */
export function useSteps<Row>(rows: readonly Row[], cellsOfRow: number): readonly Row[] {
  const rowsOf = (cells: number) => Math.max(2, Math.floor(cells / cellsOfRow));
  const [drawn, setDrawn] = useState({ rows, count: rowsOf(cellsAtFirst) });
  const count = drawn.rows === rows ? drawn.count : rowsOf(cellsAtFirst);
  useEffect(() => {
    if (count >= rows.length) return;
    const timer = setTimeout(() => setDrawn({ rows, count: count + rowsOf(cellsAtOnce) }));
    return () => clearTimeout(timer);
  }, [rows, count, cellsOfRow]);
  return count >= rows.length ? rows : rows.slice(0, count);
}
