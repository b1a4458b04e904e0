/**
 * Values of one IN list at most: a statement can have 65,535 in all, and its text and what is prepared of it grow with them.
 */
const mostValues = 8192;

/** Fills a list up with its last value, to a power of two: few lengths, hence few statements to prepare. */
export function filledUp<T>(list: readonly T[]): T[] {
  const filled = [...list];
  const length = 2 ** Math.ceil(Math.log2(list.length));
  while (filled.length < length) filled.push(list.at(-1) as T);
  return filled;
}

/** Splits what is too much for one list, in its order. */
export function inLists<T>(list: readonly T[]): (readonly T[])[] {
  if (list.length <= mostValues) return [list];
  const lists: T[][] = [];
  for (let at = 0; at < list.length; at += mostValues) lists.push(list.slice(at, at + mostValues));
  return lists;
}
