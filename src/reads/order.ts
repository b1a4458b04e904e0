import { TandemError } from '../errors/tandem-error.ts';

/** One step of an order. */
export interface OrderStep {
  readonly property: string;
  readonly direction: 'asc' | 'desc';
}

/** An order in which no two rows have the same place: the primary key is its last step. */
export type Order = readonly OrderStep[];

/** `orderBy` as the API takes it: one field an element, such as `{ lastName: ASC }`. */
export type OrderBy = readonly Readonly<Record<string, 'ASC' | 'DESC' | null | undefined>>[];

/** More steps than this no table has columns for; each is looked at. */
const mostSteps = 100;

/**
 * The order that `orderBy` asks for, completed by the primary key in the direction of the last step, so that an
 * index on the column can be read in one direction.
 *
 * @throws TandemError BAD_USER_INPUT for an element that does not name exactly one field, and for more than 100 elements
 */
export function toOrder(orderBy: OrderBy | null | undefined): Order {
  if (orderBy != null && orderBy.length > mostSteps) {
    throw new TandemError('BAD_USER_INPUT', { message: `orderBy has more than ${mostSteps} elements.` });
  }
  const steps: OrderStep[] = [];
  for (const element of orderBy ?? []) {
    const [first, ...more] = Object.entries(element).filter(([, direction]) => direction != null);
    if (first === undefined || more.length > 0) {
      throw new TandemError('BAD_USER_INPUT', {
        message:
          'Each element of orderBy names one field, such as { lastName: ASC }; use an element for each.',
      });
    }
    const [property, direction] = first;
    // A second step of the same column would never decide anything.
    if (steps.some((step) => step.property === property)) continue;
    steps.push({ property, direction: direction === 'DESC' ? 'desc' : 'asc' });
  }
  if (!steps.some(({ property }) => property === 'key')) {
    steps.push({ property: 'key', direction: steps.at(-1)?.direction ?? 'asc' });
  }
  return steps;
}

/** The same rows from the other end. */
export function reversed(order: Order): Order {
  return order.map((step) => ({ ...step, direction: step.direction === 'asc' ? 'desc' : 'asc' }));
}
