/** Adds two objects of the same numbers, member by member. */
export function addMembers<T extends Readonly<Record<keyof T, number>>>(one: T, other: T): T {
  const keys = Object.keys(one) as (keyof T)[];
  return Object.fromEntries(keys.map((key) => [key, one[key] + other[key]])) as T;
}
