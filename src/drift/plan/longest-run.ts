/** The most members that are in order already: the others are moved. */
export function longestRun(numbers: readonly number[]): Set<number> {
  /** The run that ends with each, by its length and the place of the member before. */
  const lengths: number[] = [];
  const before: number[] = [];
  let best = -1;
  for (const [at, number] of numbers.entries()) {
    lengths[at] = 1;
    before[at] = -1;
    for (let earlier = 0; earlier < at; earlier += 1) {
      const length = (lengths[earlier] ?? 0) + 1;
      if ((numbers[earlier] ?? 0) < number && length > (lengths[at] ?? 0)) {
        lengths[at] = length;
        before[at] = earlier;
      }
    }
    if (best < 0 || (lengths[at] ?? 0) > (lengths[best] ?? 0)) best = at;
  }
  const run = new Set<number>();
  for (let at = best; at >= 0; at = before[at] ?? -1) run.add(numbers[at] ?? 0);
  return run;
}
