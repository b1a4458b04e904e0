import { expect, it } from 'vitest';
import { editDistance } from '../../src/util/edit-distance.ts';

it.each([
  ['', '', 0],
  ['HOST', 'HOST', 0],
  ['', 'HOST', 4],
  ['HOST', 'HSOT', 1],
  ['HOST', 'OHST', 1],
  ['HOST', 'HOTS', 1],
  ['HOST', 'SHOT', 2],
  ['POOL_MAX', 'POOL_MIN', 2],
  ['POOL_MAX', 'POLO_MXA', 2],
  ['METRICS', 'METRIC', 1],
  ['kitten', 'sitting', 3],
  // No substring is edited twice: that would take 2.
  ['CA', 'ABC', 3],
])('tells %s from %s by the fewest edits, either way and whatever the bound', (one, other, distance) => {
  expect([editDistance(one, other), editDistance(other, one)]).toEqual([distance, distance]);
  for (let most = 0; most < 8; most += 1) {
    expect(editDistance(one, other, most)).toBe(distance <= most ? distance : Number.POSITIVE_INFINITY);
  }
});
