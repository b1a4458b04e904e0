import type { EntityMetadata } from '@mikro-orm/core';
import { LRUCache } from 'lru-cache';
import { memoizeWeak } from '../util/memoize-weak.ts';
import type { BoundValues } from './bound-values.ts';
import { type Convert, type Filter, type Operand, toFilter, type Where } from './filter-to-condition.ts';
import type { Budget } from './operation-budget.ts';
import type { Order } from './order.ts';

/** The text of a filter that lasts, and its cost (read-cost.ts). */
export interface KnownFilter {
  readonly text: string;
  /** Of a page by its order; those that start at a cursor apart. */
  readonly pages: WeakMap<Order, number>;
  readonly pagesFromCursor: WeakMap<Order, number>;
  /** Of a function of all its rows. */
  whole: number | undefined;
}

/** The part that filters share which differ in their values alone. */
interface Form {
  readonly filter: Filter;
  /** Parts that are counted. */
  readonly parts: number;
  /** The functions that make each value a parameter, in their order. */
  readonly converts: readonly (Convert | undefined)[];
}

/** Forms of one table that are kept, and characters of their names. */
const most = { max: 100, maxSize: 65_536 } as const;

const formsOf = memoizeWeak(
  (_: EntityMetadata) =>
    new LRUCache<string, Form>({ ...most, sizeCalculation: (_form, { length }) => length }),
);

const known = new WeakMap<object, KnownFilter>();

/** The filter, which many requests share from now on. */
export function lasting<F extends Filter>(filter: F): F {
  if (typeof filter === 'object') {
    known.set(filter, {
      text: JSON.stringify(filter),
      pages: new WeakMap(),
      pagesFromCursor: new WeakMap(),
      whole: undefined,
    });
  }
  return filter;
}

/** Undefined for a filter that was made for one request, and for one without conditions. */
export function knownFilter(filter: Filter): KnownFilter | undefined {
  return typeof filter === 'object' ? known.get(filter) : undefined;
}

/**
 * The condition of a filter, as `toFilter` makes it, which is done once a form: all of the filter but its texts and numbers. Each of these is
 * looked at in each request. Filters with lists of values have no form.
 *
 * @param values none as yet: what stands for them in the condition is counted from the first on
 */
export function formedFilter(
  meta: EntityMetadata,
  where: Where | null | undefined,
  values: BoundValues,
  budget: Budget,
): Filter {
  if (where == null) return true;
  const leaves: unknown[] = [];
  const name = nameOf(where, leaves);
  const forms = formsOf(meta);
  const form = name === null ? undefined : forms.get(name);
  if (form === undefined) return madeFilter({ meta, forms, name, leaves }, where, values, budget);
  budget.takeFilters({ parts: form.parts, values: 0, bytes: 0 });
  const { converts } = form;
  for (let at = 0; at < converts.length; at++) {
    const convert = converts[at];
    values.bind(convert === undefined ? leaves[at] : convert(leaves[at], budget));
  }
  return form.filter;
}

interface Asked {
  readonly meta: EntityMetadata;
  readonly forms: LRUCache<string, Form>;
  readonly name: string | null;
  readonly leaves: readonly unknown[];
}

function madeFilter(
  { meta, forms, name, leaves }: Asked,
  where: Where,
  values: BoundValues,
  budget: Budget,
): Filter {
  const operands: Operand[] = [];
  const before = budget.filterSize.parts;
  const filter = toFilter(meta, where, values.bind, budget, operands);
  const isForm = operands.length === leaves.length && operands.every(({ value }, at) => value === leaves[at]);
  if (name === null || !isForm) return filter;
  forms.set(name, {
    filter: lasting(filter),
    parts: budget.filterSize.parts - before,
    converts: operands.map(({ convert }) => convert),
  });
  return filter;
}

/**
 * All of a filter but its texts and numbers, which are put aside; null for one that has no form. A null has none, since it is refused.
 */
function nameOf(value: unknown, leaves: unknown[]): string | null {
  if (typeof value === 'object') return value === null ? null : nameOfObject(value, leaves);
  if (value === undefined) return '-';
  leaves.push(value);
  // Whether a truth value decides on the condition, its operator knows.
  return typeof value === 'boolean' ? String(value) : '?';
}

function nameOfObject(value: object, leaves: unknown[]): string | null {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return null;
  let name = '{';
  for (const field in value) {
    const part = (value as Where)[field];
    const inner =
      (field === 'and' || field === 'or') && Array.isArray(part)
        ? nameOfList(part, leaves)
        : field === 'isNull' && typeof part === 'boolean'
          ? String(part)
          : nameOf(part, leaves);
    if (inner === null) return null;
    name += `${field}:${inner},`;
  }
  return `${name}}`;
}

function nameOfList(list: readonly unknown[], leaves: unknown[]): string | null {
  let name = '[';
  for (const part of list) {
    const inner = nameOf(part, leaves);
    if (inner === null) return null;
    name += `${inner},`;
  }
  return `${name}]`;
}
