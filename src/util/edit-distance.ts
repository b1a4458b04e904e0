/**
 * The least number of letters to insert, remove, replace, or swap with their neighbour that makes one text of the other:
 * the optimal string alignment distance. https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance
 *
 * @param most distances above it are all Infinity, and found sooner
 */
export function editDistance(one: string, other: string, most = Number.POSITIVE_INFINITY): number {
  if (Math.abs(one.length - other.length) > most) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  // The distances of the first letters of `one` from the first 0, 1, 2, … letters of `other`, a row a letter.
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let index = 1; index <= one.length; index += 1) {
    const letter = one[index - 1];
    const next = [index];
    let least = index;
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = (row[column - 1] as number) + (letter === other[column - 1] ? 0 : 1);
      let distance = Math.min((row[column] as number) + 1, (next[column - 1] as number) + 1, replaced);
      if (letter === other[column - 2] && one[index - 2] === other[column - 1]) {
        distance = Math.min(distance, (before[column - 2] as number) + 1);
      }
      next.push(distance);
      least = Math.min(least, distance);
    }
    // A swap reaches over one row, and costs one.
    if (least > most && Math.min(...row) >= most) return Number.POSITIVE_INFINITY;
    before = row;
    row = next;
  }
  const distance = row[other.length] as number;
  return distance > most ? Number.POSITIVE_INFINITY : distance;
}
