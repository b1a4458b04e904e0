import type { EntityMetadata } from '@mikro-orm/core';
import { columnNamed } from '../column-types/column-types.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { textOfMark } from './bound-values.ts';
import { isInverse, isToMany, isToOne, propertyOf } from './entity-properties.ts';
import { type KnownFilter, knownFilter } from './filter-cache.ts';
import type { Filter } from './filter-to-condition.ts';
import { hasIndex, orderOfLists } from './index-order.ts';
import { indexesOf } from './indexes.ts';
import type { Link } from './link.ts';
import type { Order } from './order.ts';
import { endOf } from './order-path.ts';

/** The cost of a statement that may have to read a whole table, whose size is unknown. */
const scanCost = 5000;
/** And each comparison that is made with all its rows. */
const comparisonCost = 1000;

interface Asked {
  readonly filter: Filter;
  /** The values that the filter refers to. */
  readonly values: readonly unknown[];
}

/**
 * The cost of a page beyond its rows: 0 where an index leads to them. It does where the filter asks for values of the first
 * column of one, or where one has the rows in the order that is asked for, and the filter is no more than a range of one such column.
 */
export function costOfPage(
  meta: EntityMetadata,
  asked: Asked,
  { order, fromCursor = false }: { readonly order: Order; readonly fromCursor?: boolean },
): number {
  const known = costsOf(meta, asked);
  const costs = fromCursor ? known?.pagesFromCursor : known?.pages;
  let cost = costs?.get(order);
  if (cost === undefined) {
    cost = pageCost(meta, asked, order, fromCursor);
    costs?.set(order, cost);
  }
  return cost;
}

/** The known costs of pages that are asked for again; undefined for others, and where a value may be a pattern that no index serves. */
function costsOf(meta: EntityMetadata, { filter, values }: Asked) {
  if (filter === true) return wholeTables(meta);
  const known = knownFilter(filter);
  const mayBePattern =
    known !== undefined && values.some((value) => typeof value === 'string' && value.startsWith('%'));
  return mayBePattern ? undefined : known;
}

const wholeTables = memoizeWeak(
  (_: EntityMetadata): Pick<KnownFilter, 'pages' | 'pagesFromCursor'> => ({
    pages: new WeakMap(),
    pagesFromCursor: new WeakMap(),
  }),
);

function pageCost(
  meta: EntityMetadata,
  { filter, values }: Asked,
  order: Order,
  fromCursor: boolean,
): number {
  if (typeof filter === 'boolean')
    return hasIndex(meta, order, fromCursor) ? 0 : scanCost + costOfOrder(meta, order);
  if (isNarrow(meta, filter)) return costOfSubqueries(meta, filter);
  const ranges = rangesOf(meta, filter, values);
  if (ranges !== null && ranges.size <= 1 && hasIndex(meta, order, fromCursor)) return 0;
  return costOfScan(meta, filter) + costOfOrder(meta, order);
}

/** The same of a function of all rows that a filter lets through, such as their count. */
export function costOfWhole(meta: EntityMetadata, { filter }: Pick<Asked, 'filter'>): number {
  if (filter === false) return 0;
  if (filter === true) return scanCost;
  const known = knownFilter(filter);
  if (known?.whole !== undefined) return known.whole;
  const cost = isNarrow(meta, filter) ? costOfSubqueries(meta, filter) : costOfScan(meta, filter);
  if (known !== undefined) known.whole = cost;
  return cost;
}

/** Where the rows of a list begin, below each of the rows that they belong to. */
interface ListStart {
  readonly order: Order;
  readonly link: Link;
  /** Whether an index leads there: to the first row of each list, or to a place in the one list that there is. */
  readonly isSeek: boolean;
}

/** The cost of pages of a to-many relation beyond their rows: 0 where an index has the rows of each owner in their order. */
export function costOfList(
  meta: EntityMetadata,
  { filter }: Asked,
  { order, link, isSeek }: ListStart,
): number {
  if (filter === false) return 0;
  if (filter !== true) {
    if (asksForOne(meta, filter)) return costOfSubqueries(meta, filter);
    return costOfScan(meta, filter) + costOfOrder(meta, order);
  }
  if (order.length === 0) return scanCost;
  const isServed = hasIndex(link.meta, orderOfLists(meta, link, order), true);
  return isSeek && isServed ? 0 : scanCost + costOfOrder(meta, order);
}

/** The cost of a function of all rows of a to-many relation: together, its lists can be the whole table. */
export function costOfListWhole(meta: EntityMetadata, { filter }: Pick<Asked, 'filter'>): number {
  if (filter === false) return 0;
  return costOfScan(meta, filter === true ? {} : filter);
}

/**
 * The cost of an order with each row of a table: a relation is one more row to be looked up, as often as it is compared; the lists that
 * are counted are a whole table together.
 */
function costOfOrder(meta: EntityMetadata, order: Order): number {
  return order.reduce((sum, { property }) => {
    const { relations, isCount } = endOf(meta, property);
    return sum + comparisonCost * relations.length + (isCount ? scanCost : 0);
  }, 0);
}

type Condition = Readonly<Record<string, unknown>>;

function costOfScan(meta: EntityMetadata, filter: Condition): number {
  return scanCost + comparisonCost * comparisonsIn(filter) + costOfSubqueries(meta, filter);
}

/** Whether a column comes first in an index; the primary key is one. */
function isLeading(meta: EntityMetadata, name: string): boolean {
  return leading(meta).has(columnNamed(meta, name).column);
}

const leading = memoizeWeak(
  (meta: EntityMetadata) => new Set(indexesOf(meta).map(([first]) => first?.column)),
);

/** Whether a filter asks for values by which an index finds the rows. */
function isNarrow(meta: EntityMetadata, filter: unknown): boolean {
  return Object.entries(filter as Condition).some(([name, condition]) => {
    if (name === '$and') return (condition as Condition[]).some((part) => isNarrow(meta, part));
    if (name === '$or') return (condition as Condition[]).every((part) => isNarrow(meta, part));
    if (name === '$keys') return true;
    if (name.startsWith('$') || typeof condition !== 'object' || condition === null) return false;
    const property = propertyOf(meta, name);
    const target = property.targetMeta as EntityMetadata;
    if (isToMany(property)) return '$some' in condition && isNarrow(target, condition.$some);
    if (isInverse(property)) return isNarrow(target, condition);
    if (!isLeading(meta, name)) return false;
    return isToOne(property) ? isNarrow(target, condition) : '$eq' in condition || '$in' in condition;
  });
}

/** Whether a filter asks for few values of a whole unique key: by its index, there are as few rows. */
export function asksForOne(meta: EntityMetadata, filter: Filter): boolean {
  if (typeof filter === 'boolean') return false;
  const asked = fewOf(meta, filter);
  const ofProperties = meta.props.filter(({ unique }) => unique).map(({ name }) => [name]);
  const keys = [meta.primaryKeys, ...meta.uniques.map(({ properties }) => properties), ...ofProperties];
  return keys.some((key) => {
    const names = [key ?? []].flat() as readonly string[];
    return names.length > 0 && names.every((name) => asked.has(name));
  });
}

/** As many values as MySQL looks up rather than to read rows in the order of a list. */
const few = 20;

/** The properties of which a filter asks for few values. */
function fewOf(meta: EntityMetadata, filter: Condition): Set<string> {
  const found = Object.entries(filter).flatMap(([name, condition]): string[] => {
    if (name === '$and') return (condition as Condition[]).flatMap((part) => [...fewOf(meta, part)]);
    if (name === '$keys') return (condition as unknown[]).length > few ? [] : [...meta.primaryKeys];
    if (name.startsWith('$') || typeof condition !== 'object' || condition === null) return [];
    const property = propertyOf(meta, name);
    if (property.targetMeta !== undefined) {
      const isKey = isToOne(property) && asksForOne(property.targetMeta, condition as Condition);
      return isKey ? [name] : [];
    }
    const { $eq, $in } = condition as { readonly $eq?: unknown; readonly $in?: unknown };
    return $eq != null || (Array.isArray($in) && $in.length <= few) ? [name] : [];
  });
  return new Set(found);
}

/** Columns of which a filter takes a range that an index has in one piece; null where it asks for anything else. */
function rangesOf(meta: EntityMetadata, filter: Condition, values: readonly unknown[]): Set<string> | null {
  const found = new Set<string>();
  for (const [name, condition] of Object.entries(filter)) {
    if (name === '$and') {
      for (const part of condition as Condition[]) {
        const ranges = rangesOf(meta, part, values);
        if (ranges === null) return null;
        for (const each of ranges) found.add(each);
      }
    } else if (name.startsWith('$') || propertyOf(meta, name).targetMeta || !isLeading(meta, name)) {
      return null;
    } else if (condition !== null) {
      const pattern = textOfMark((condition as Condition).$like, values);
      if (
        pattern?.startsWith('%') ||
        !Object.keys(condition as Condition).every((each) => inOnePiece.has(each))
      )
        return null;
      found.add(name);
    } else {
      found.add(name);
    }
  }
  return found;
}

/** Operators whose rows an index finds without looking at all of its entries. */
const inOnePiece: ReadonlySet<string> = new Set(['$eq', '$ne', '$in', '$lt', '$lte', '$gt', '$gte', '$like']);

function comparisonsIn(filter: unknown): number {
  if (Array.isArray(filter)) return filter.reduce((sum, part) => sum + comparisonsIn(part), 0);
  if (typeof filter !== 'object' || filter === null) return 1;
  return Object.entries(filter).reduce((sum, [name, part]) => {
    const isList = name === '$in' || name === '$nin';
    return sum + (isList || name === '$some' || name === '$none' ? 1 : comparisonsIn(part));
  }, 0);
}

/** Each `some`, `none` and `every` reads the rows that it speaks of: all of them where no index leads to those. */
function costOfSubqueries(meta: EntityMetadata, filter: unknown): number {
  return Object.entries(filter as Condition).reduce((sum, [name, condition]) => {
    if (Array.isArray(condition) && (name === '$and' || name === '$or')) {
      return condition.reduce((all: number, part) => all + costOfSubqueries(meta, part), sum);
    }
    if (typeof condition !== 'object' || condition === null || name === '$in' || name === '$nin') return sum;
    if (name === '$not') return sum + costOfSubqueries(meta, condition);
    const target = meta.properties[name] && propertyOf(meta, name).targetMeta;
    if (target === undefined) return sum;
    if (isToOne(propertyOf(meta, name))) return sum + costOfSubqueries(target, condition);
    // The lists of all rows together are a whole table.
    if ('$count' in condition) return sum + costOfScan(target, {});
    const inner = Object.values(condition)[0] as Condition;
    const isRead = Object.keys(inner).length > 0 && isNarrow(target, inner);
    return sum + (isRead ? costOfSubqueries(target, inner) : costOfScan(target, inner));
  }, 0);
}
