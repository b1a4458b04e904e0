import { all, any } from './all-any.ts';
import type { Filter } from './filter-to-condition.ts';
import type { Order, OrderStep } from './order.ts';
import { conditionAt } from './order-path.ts';
import type { PlaceValues } from './place-values.ts';

/**
 * The condition for the rows that come after a place in an order: (a, b, …) beyond (x, y, …), written out,
 * since MySQL uses no index for a comparison of rows. The bound on the first column is implied by the others, but lets
 * the server start in the middle of an index.
 * https://dev.mysql.com/doc/refman/8.4/en/range-optimization.html#row-constructor-range-optimization
 *
 * MySQL sorts null before every value. Any column is taken for one that has nulls, even where its entity has none: where the column has
 * none, MySQL knows that `is null` is false, and leaves it out of the plan.
 */
export function afterPlace(order: Order, place: readonly unknown[], values: PlaceValues): Filter {
  const beyond = beyondFrom(order, place, values);
  const [first] = order;
  if (order.length === 1 || first === undefined || place[0] === null) return beyond;
  return all([orNull(first, values.beyond(first, place[0], true), values), beyond]);
}

/** Beyond a value, descending, are the nulls, too. */
function orNull({ property, direction }: OrderStep, beyond: Filter, { isNeverNull }: PlaceValues): Filter {
  return direction === 'asc' || isNeverNull(property) ? beyond : any([beyond, conditionAt(property, null)]);
}

function beyondFrom(order: Order, place: readonly unknown[], conditions: PlaceValues): Filter {
  const [step, ...rest] = order;
  if (step === undefined) return false;
  const { property, direction } = step;
  const [value, ...values] = place;
  const ways: Filter[] = [];
  if (value === null) {
    if (direction === 'asc') ways.push(conditionAt(property, { $ne: null }));
  } else {
    ways.push(orNull(step, conditions.beyond(step, value, false), conditions));
  }
  const further = beyondFrom(rest, values, conditions);
  if (further !== false) {
    const level = value === null ? conditionAt(property, null) : conditions.at(property, value);
    ways.push(all([level, further]));
  }
  // Descending, nothing comes after the nulls but more of them.
  return any(ways);
}
