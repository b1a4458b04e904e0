/**
 * The least number of letters to insert, remove, replace, or swap with their neighbour that makes one text of the other:
 * the optimal string alignment distance. https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance
 */
export function editDistance(one: string, other: string): number {
  let previous: number[] = [];
  let current = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1];
      const at = (line: number[], index: number) => line[index] as number;
      let least = Math.min(
        at(current, column) + 1,
        at(next, column - 1) + 1,
        at(current, column - 1) + (same ? 0 : 1),
      );
      const swapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (swapped) least = Math.min(least, at(previous, column - 2) + 1);
      next.push(least);
    }
    previous = current;
    current = next;
  }
  return current[other.length] as number;
}
