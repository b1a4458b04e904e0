import type { Filter } from './filter-to-condition.ts';

/** The condition that all of these make; none at all is true. */
export function all(conditions: readonly Filter[]): Filter {
  if (conditions.includes(false)) return false;
  const open = conditions.filter((condition) => condition !== true);
  return open.length === 0 ? true : open.length === 1 ? (open[0] as Filter) : { $and: open };
}

/** The condition that any of these makes; none at all is false. */
export function any(conditions: readonly Filter[]): Filter {
  if (conditions.includes(true)) return true;
  const open = conditions.filter((condition) => condition !== false);
  return open.length === 0 ? false : open.length === 1 ? (open[0] as Filter) : { $or: open };
}
