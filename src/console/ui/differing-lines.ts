/** Steps of a difference after which everything that is left counts as different. */
const mostSteps = 400;

/**
 * The lines of each text that the other one lacks at that place: the shortest edit script between both.
 * Myers, An O(ND) Difference Algorithm (1986).
 */
export function differingLines(
  one: readonly string[],
  other: readonly string[],
): readonly [one: ReadonlySet<number>, other: ReadonlySet<number>] {
  const [left, right] = [new Set(one.keys()), new Set(other.keys())];
  // How far along `one` each diagonal has come, after every step.
  const steps: Map<number, number>[] = [];
  let furthest = new Map([[1, 0]]);
  for (let step = 0; step <= Math.min(mostSteps, one.length + other.length); step += 1) {
    steps.push(furthest);
    const reached = new Map(furthest);
    for (let diagonal = -step; diagonal <= step; diagonal += 2) {
      const [below, above] = [furthest.get(diagonal - 1) ?? -1, furthest.get(diagonal + 1) ?? -1];
      let x = diagonal === -step || (diagonal !== step && below < above) ? above : below + 1;
      while (x < one.length && x - diagonal < other.length && one[x] === other[x - diagonal]) x += 1;
      reached.set(diagonal, x);
      if (x >= one.length && x - diagonal >= other.length) {
        keepEqual(steps, [one.length, other.length], left, right);
        return [left, right];
      }
    }
    furthest = reached;
  }
  return [left, right];
}

/** Walks back along the path, and takes the lines away that are the same. */
function keepEqual(
  steps: readonly ReadonlyMap<number, number>[],
  end: readonly [number, number],
  left: Set<number>,
  right: Set<number>,
): void {
  let [x, y] = end;
  for (let step = steps.length - 1; step >= 0; step -= 1) {
    const furthest = steps[step] as ReadonlyMap<number, number>;
    const diagonal = x - y;
    const [below, above] = [furthest.get(diagonal - 1) ?? -1, furthest.get(diagonal + 1) ?? -1];
    const from = diagonal === -step || (diagonal !== step && below < above) ? diagonal + 1 : diagonal - 1;
    const startX = furthest.get(from) ?? 0;
    const startY = startX - from;
    while (x > Math.max(startX, 0) && y > Math.max(startY, 0)) {
      x -= 1;
      y -= 1;
      left.delete(x);
      right.delete(y);
    }
    [x, y] = [startX, startY];
  }
}
