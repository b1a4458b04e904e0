import type { Order } from './order.ts';
import { all, type Bind, type Filter } from './where.ts';

/**
 * The condition for the rows that come after a place in an order: (a, b, …) beyond (x, y, …), written out,
 * since MySQL uses no index for a comparison of rows. The bound on the first column says nothing new, but lets
 * the server start in the middle of an index.
 * https://dev.mysql.com/doc/refman/8.4/en/range-optimization.html#row-constructor-range-optimization
 */
export function afterPlace(order: Order, place: readonly unknown[], bind: Bind): Filter {
  const beyond = beyondFrom(order, place, bind);
  const [first] = order;
  if (order.length === 1 || first === undefined || first.nullable) return beyond;
  const bound = { [first.property]: { [first.direction === 'asc' ? '$gte' : '$lte']: bind(place[0]) } };
  return all([bound, beyond]);
}

function beyondFrom(order: Order, place: readonly unknown[], bind: Bind): Filter {
  const [step, ...rest] = order;
  if (step === undefined) return false;
  const { property, direction, nullable } = step;
  const [value, ...values] = place;
  const ways: Filter[] = [];
  if (value === null) {
    if (direction === 'asc') ways.push({ [property]: { $ne: null } });
  } else {
    ways.push({ [property]: { [direction === 'asc' ? '$gt' : '$lt']: bind(value) } });
    if (nullable && direction === 'desc') ways.push({ [property]: null });
  }
  const further = beyondFrom(rest, values, bind);
  if (further !== false) {
    const level = { [property]: value === null ? null : { $eq: bind(value) } };
    ways.push(all([level, further]));
  }
  return ways.length === 1 ? (ways[0] as Filter) : { $or: ways };
}
