/** Of fewer values, the least and the greatest are no such interval. */
export const leastForInterval = 6;

/** An interval of 95 % for the median by ranks, which asks nothing of how values are distributed. */
export function medianInterval(values: readonly number[]): readonly [least: number, most: number] {
  const sorted = values.toSorted((one, other) => one - other);
  const count = sorted.length;
  const below = Math.max(1, Math.floor((count - 1.96 * Math.sqrt(count)) / 2));
  return [sorted[below - 1] as number, sorted[count - below] as number];
}
