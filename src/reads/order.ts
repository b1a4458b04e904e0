import type { EntityMetadata } from '@mikro-orm/core';
import { LRUCache } from 'lru-cache';
import { primaryKeyOf } from '../column-types/column-types.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { isToMany, propertyOf } from './entity-properties.ts';
import { keyDirection } from './index-order.ts';
import { countMark, endOf, type OrderPath, orderPath } from './order-path.ts';

/** One step of an order. */
export interface OrderStep {
  readonly property: OrderPath;
  readonly direction: 'asc' | 'desc';
}

/** An order in which no two rows have the same place: the columns of the primary key are its last steps. */
export type Order = readonly OrderStep[];

/** The order in which MySQL finds rows. */
export const noOrder: Order = [];

/** An element of `orderBy` as the API takes it: one field, as in `{ lastName: ASC }`, `{ doctor: { lastName: ASC } }`, `{ records: { count: DESC } }`. */
export interface OrderElement {
  readonly [field: string]: 'ASC' | 'DESC' | OrderElement | null | undefined;
}

export type OrderBy = readonly OrderElement[];

/**
 * More steps than this no table has columns for; each is looked at. Each relation is one more table in the statement, of which MySQL joins
 * 61: https://dev.mysql.com/doc/refman/8.4/en/joins-limits.html
 */
const limits = { steps: 100, depth: 8, relations: 20 } as const;

/** Orders of one table that are kept, and characters of their texts. */
const most = { max: 100, maxSize: 65_536 } as const;

const ordersOf = memoizeWeak(
  (_: EntityMetadata) =>
    new LRUCache<string, Order>({ ...most, sizeCalculation: (_order, { length }) => length }),
);

/** By what stands in a document: it is one object for all requests with it, and frozen. */
const literalsOf = memoizeWeak((_: EntityMetadata) => new WeakMap<OrderBy, Order>());

/**
 * The order that `orderBy` asks for, completed by the primary key: the same object as long as it is asked for.
 *
 * @throws TandemError BAD_USER_INPUT for an element that does not name exactly one field, for more than 100 elements, and for a path
 * through too many relations
 */
export function toOrder(meta: EntityMetadata, orderBy: OrderBy | null | undefined): Order {
  if (orderBy == null) return keyOrder(meta);
  if (orderBy.length > limits.steps) refuse(`orderBy has more than ${limits.steps} elements.`);
  const literals = literalsOf(meta);
  const known = literals.get(orderBy);
  if (known !== undefined) return known;
  const orders = ordersOf(meta);
  const text = JSON.stringify(orderBy);
  let order = orders.get(text);
  if (order === undefined) {
    order = madeOrder(meta, orderBy);
    orders.set(text, order);
  }
  if (Object.isFrozen(orderBy)) literals.set(orderBy, order);
  return order;
}

const keyOrder = memoizeWeak((meta: EntityMetadata) => madeOrder(meta, []));

function madeOrder(meta: EntityMetadata, orderBy: OrderBy): Order {
  const steps: OrderStep[] = [];
  for (const element of orderBy) {
    const step = toStep(meta, element, []);
    // A second step of the same column would never decide anything.
    if (!steps.some(({ property }) => property === step.property)) steps.push(step);
  }
  const joined = new Set(steps.flatMap(({ property }) => relationsTo(meta, property)));
  if (joined.size > limits.relations) {
    refuse(`orderBy leads through more than ${limits.relations} relations.`);
  }
  const direction = keyDirection(meta, steps);
  for (const { name } of primaryKeyOf(meta).columns) {
    if (!steps.some(({ property }) => property === name)) steps.push({ property: name, direction });
  }
  return steps;
}

/** @param path relations that lead to the element */
function toStep(meta: EntityMetadata, element: OrderElement, path: readonly string[]): OrderStep {
  const [first, ...more] = Object.entries(element).filter(([, value]) => value != null);
  if (first === undefined || more.length > 0) {
    refuse('Each element of orderBy names one field, such as { lastName: ASC }; use an element for each.');
  }
  const [name, value] = first as [string, 'ASC' | 'DESC' | OrderElement];
  const names = [...path, name];
  if (typeof value === 'string') return toPlace(names, value);
  if (names.length > limits.depth)
    refuse(`orderBy leads through more than ${limits.depth} relations in a row.`);
  const relation = propertyOf(meta, name);
  if (!isToMany(relation)) return toStep(relation.targetMeta as EntityMetadata, value, names);
  if (value.count == null) refuse(`orderBy.${names.join('.')} names no function, such as { count: DESC }.`);
  return toPlace([...names, countMark], value.count as 'ASC' | 'DESC');
}

function toPlace(names: readonly string[], direction: 'ASC' | 'DESC'): OrderStep {
  return { property: orderPath(names), direction: direction === 'DESC' ? 'desc' : 'asc' };
}

/** The paths of all relations that lead to a place. */
function relationsTo(meta: EntityMetadata, path: OrderPath): OrderPath[] {
  return endOf(meta, path).relations.map((_, at, all) => orderPath(all.slice(0, at + 1)));
}

function refuse(message: string): never {
  throw new TandemError('BAD_USER_INPUT', { message });
}

/** The same rows from the other end. */
export const reversed = memoizeWeak(
  (order: Order): Order =>
    order.map((step) => ({ ...step, direction: step.direction === 'asc' ? 'desc' : 'asc' })),
);
