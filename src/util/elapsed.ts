/** Milliseconds, to a tenth, since `performance.now()` gave this. */
export function elapsedSince(started: number): number {
  return Math.round((performance.now() - started) * 10) / 10;
}
