import { useEffect, useState } from 'preact/hooks';

/** Cells that are drawn in one task: tasks of 50 ms and more hold up what a person types. */
const cellsAtOnce = 1000;

/**
 * The rows that are drawn yet: those in sight at once, the others in steps after it.
 *
 * @param rows the same array until there are others
 */
export function useSteps<Row>(rows: readonly Row[], cellsOfRow: number): readonly Row[] {
  const step = Math.max(4, Math.floor(cellsAtOnce / cellsOfRow));
  const [drawn, setDrawn] = useState({ rows, count: step });
  const count = drawn.rows === rows ? drawn.count : step;
  useEffect(() => {
    if (count >= rows.length) return;
    const timer = setTimeout(() => setDrawn({ rows, count: count + step }));
    return () => clearTimeout(timer);
  }, [rows, count, step]);
  return count >= rows.length ? rows : rows.slice(0, count);
}
