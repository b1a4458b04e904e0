import fc from 'fast-check';
import { expect, it } from 'vitest';
import { differingLines } from '../../src/console/ui/differing-lines.ts';

const differing = (one: string, other: string) =>
  differingLines([...one], [...other]).map((lines) => [...lines].toSorted((a, b) => a - b));

it.each([
  ['', '', [], []],
  ['abc', 'abc', [], []],
  ['abc', 'axc', [1], [1]],
  ['abcd', 'acd', [1], []],
  ['ac', 'abcb', [], [1, 3]],
  ['', 'ab', [], [0, 1]],
  ['ab', '', [0, 1], []],
  // A line that stands elsewhere in the other one differs still.
  ['abab', 'abba', [2], [3]],
])('marks what %j and %j have not in common', (one, other, left, right) => {
  expect(differing(one, other)).toEqual([left, right]);
});

it('leaves the same lines on both sides, in the same order, and as many as there can be', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
  fc.assert(
    fc.property(lines, lines, (one, other) => {
      const [left, right] = differingLines(one, other);
      const common = one.filter((_, at) => !left.has(at));
      expect(other.filter((_, at) => !right.has(at))).toEqual(common);
      expect(common.length).toBe(longestCommon(one, other));
    }),
    { numRuns: 300 },
  );
});

it('gives up on texts that have too little in common, and marks all of them', () => {
  const [one, other] = [
    Array.from({ length: 900 }, (_, at) => `a${at}`),
    Array.from({ length: 900 }, () => 'b'),
  ];
  expect(differingLines(one, other).map((lines) => lines.size)).toEqual([900, 900]);
});

/** By trying every pair: https://en.wikipedia.org/wiki/Longest_common_subsequence */
function longestCommon(one: readonly string[], other: readonly string[]): number {
  let row = new Array<number>(other.length + 1).fill(0);
  for (const line of one) {
    const next = [0];
    for (const [at, candidate] of other.entries())
      next.push(line === candidate ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0));
    row = next;
  }
  return row.at(-1) ?? 0;
}
