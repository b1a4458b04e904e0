import { type TestContext, test } from 'vitest';
import { stopwatch, type Took } from '../helpers/own-time.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** A row of docs/reliability.md. */
    row?: { number: number; fault: string; holds: string; figure: string };
  }
}

/** What a fault test may say of what it saw. */
export type Tell = (figure: string) => void;

interface RowOptions {
  /** Why it cannot run here; null where it can. */
  readonly cannot?: string | null;
}

/** One fault: what is done, what must hold, and the test, which tells the figure that it saw. */
export function row(
  number: number,
  fault: string,
  holds: string,
  run: (tell: Tell) => Promise<void>,
  { cannot = null }: RowOptions = {},
): void {
  test(`${number}. ${fault}: ${holds}`, async (context: TestContext) => {
    const about = { number, fault, holds };
    context.task.meta.row = { ...about, figure: cannot ?? '' };
    context.skip(cannot !== null, cannot ?? '');
    await run((figure) => {
      context.task.meta.row = { ...about, figure };
    });
  });
}

/** What came of something, and how long it took; `pid` is a process besides this one that does it. */
export async function timed<T>(work: () => Promise<T>, pid?: number): Promise<{ readonly value: T } & Took> {
  const took = stopwatch(pid);
  const value = await work();
  return { value, ...took() };
}

/** In words, for figures. */
export const seconds = (ms: number) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);

/** The value below which a part of all values is. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
