import { expect, it } from 'vitest';
import { filledUp, inLists } from '../../src/reads/in-lists.ts';

it('fills a list up to a power of two with its last value', () => {
  expect(filledUp([1])).toEqual([1]);
  expect(filledUp([1, 2, 3])).toEqual([1, 2, 3, 3]);
  expect(filledUp(Array.from({ length: 1000 }, (_, at) => at))).toHaveLength(1024);
});

it('splits 33,000 values into lists of what one statement takes, each value once and in its order', () => {
  const values = Array.from({ length: 33_000 }, (_, at) => at);
  const lists = inLists(values);
  expect(lists.flat()).toEqual(values);
  expect(lists.map((list) => filledUp(list).length)).toEqual([8192, 8192, 8192, 8192, 256]);
  expect(inLists([1, 2])).toEqual([[1, 2]]);
});
