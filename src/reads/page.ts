import type { EntityMetadata } from '@mikro-orm/core';
import { primaryKeyOf } from '../column-types/column-types.ts';
import { isOfKeyType } from '../column-types/table-key.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { all } from './all-any.ts';
import { type BoundValues, createValues } from './bound-values.ts';
import { decodeCursor, encodeCursor, isTexts, notACursor } from './cursor.ts';
import { formedFilter } from './filter-cache.ts';
import type { Filter, Where } from './filter-to-condition.ts';
import { afterPlace } from './keyset-condition.ts';
import { Budget } from './operation-budget.ts';
import { noOrder, type Order, type OrderBy, reversed, toOrder } from './order.ts';
import { codecAt, isCountPath } from './order-path.ts';
import { type ItemPositions, placeValuesOf } from './place-values.ts';
import type { Range } from './query-runner.ts';
import type { Row } from './row.ts';

/** Arguments of a connection field: https://relay.dev/graphql/connections.htm#sec-Arguments */
export interface PageRequest {
  readonly where?: Where | null;
  readonly orderBy?: OrderBy | null;
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

/** A connection as plain data: https://relay.dev/graphql/connections.htm#sec-Connection-Types */
export interface Page {
  readonly nodes: readonly Row[];
  readonly edges: readonly { readonly cursor: string; readonly node: Row }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** Undefined where it was not asked for. */
  readonly totalCount: number | undefined;
}

/** A request understood: which rows to read, and how to make a page of them. */
export interface PagePlan {
  readonly order: Order;
  readonly range: Range & { readonly size: number };
  /** Whether the page starts at a cursor. */
  readonly fromCursor: boolean;
  /** All rows that the filter lets through, whatever the page. */
  readonly whole: Range;
  /** @param more whether the range has more rows than these */
  readonly toPage: (rows: Row[], more: boolean, totalCount?: number) => Page;
}

const defaultPageSize = 20;

/**
 * Understands a request for a page. Forward and backward pages have their rows in the same order:
 * https://relay.dev/graphql/connections.htm#sec-Pagination-algorithm
 *
 * @param defaultOrder where the request has none: a relation's own
 * @throws TandemError BAD_USER_INPUT naming the argument that cannot be used
 */
export function planPage(
  meta: EntityMetadata,
  request: PageRequest,
  budget = new Budget(),
  defaultOrder?: OrderBy,
  positions: ItemPositions = noPositions,
): PagePlan {
  const { after, before } = request;
  const { size, backward } = sizeOf(request, budget.pageRows);
  const order = toOrder(meta, request.orderBy ?? defaultOrder);
  const values = createValues();
  const where = formedFilter(meta, request.where, values, budget);
  budget.takeFilterBytes((after?.length ?? 0) + (before?.length ?? 0));
  const fromCursor = after != null || before != null;
  const filter = fromCursor
    ? all([where, ...betweenCursors(meta, request, order, values, positions)])
    : where;
  return {
    order,
    fromCursor,
    whole: { filter: where, order: noOrder, values },
    range: { filter, order: backward ? reversed(order) : order, values, size },
    toPage(rows, more, totalCount) {
      if (backward) rows.reverse();
      // A page from the start without `first` ends at the cursor.
      const hasNextPage = backward ? before != null : more || (request.first == null && before != null);
      const hasPreviousPage = backward ? more : after != null;
      return new PlainPage(rows, order, { hasNextPage, hasPreviousPage }, totalCount);
    },
  };
}

const noPositions: ItemPositions = new Map();

/** Conditions on the rows that come after one cursor and before another. */
function betweenCursors(
  meta: EntityMetadata,
  { after, before }: PageRequest,
  order: Order,
  { bind }: BoundValues,
  positions: ItemPositions,
): Filter[] {
  const holds = (path: string, value: unknown) => {
    const column = primaryKeyOf(meta).columns.find(({ name }) => name === path);
    if (column !== undefined) return isOfKeyType(column, value);
    if (isCountPath(path)) return Number.isSafeInteger(value);
    return codecAt(meta, path).positions === 'bits' ? isTexts(value) : null;
  };
  const conditions = placeValuesOf(meta, bind, positions);
  const beyond = (argument: 'after' | 'before', from: Order, place: readonly unknown[]) => {
    try {
      return afterPlace(from, place, conditions);
    } catch {
      throw notACursor(argument);
    }
  };
  return [
    after == null || beyond('after', order, decodeCursor('after', order, after, holds)),
    before == null || beyond('before', reversed(order), decodeCursor('before', order, before, holds)),
  ];
}

/**
 * Which end of a list a page is of, and how many rows it has at most.
 *
 * @param most what a page may have, where that is less than it has by default
 */
export function pageSize(
  { first, last }: Pick<PageRequest, 'first' | 'last'>,
  most = defaultPageSize,
): PageSize {
  return last == null
    ? { name: 'first', size: first ?? Math.min(defaultPageSize, most) }
    : { name: first == null ? 'last' : 'both', size: last };
}

interface PageSize {
  readonly name: 'first' | 'last' | 'both';
  readonly size: number;
}

function sizeOf(request: PageRequest, most: number): { size: number; backward: boolean } {
  const { name, size } = pageSize(request, most);
  if (name === 'both') {
    throw new TandemError('BAD_USER_INPUT', { message: 'Pass first or last, not both.' });
  }
  if (size < 0 || size > most) {
    throw new TandemError('BAD_USER_INPUT', {
      message: `${name} is ${size}; it can be 0 to ${most}.`,
    });
  }
  return { size, backward: name === 'last' };
}

/**
 * Members that are not asked for are not made. A class, whose getters all pages share: those of an object literal are made anew for each
 * page, and V8 puts what holds them among its old objects. From there, their closures kept the page's rows until the next
 * full garbage collection.
 */
class PlainPage implements Page {
  readonly nodes: readonly Row[];
  readonly totalCount: number | undefined;
  readonly #order: Order;
  readonly #hasNextPage: boolean;
  readonly #hasPreviousPage: boolean;

  constructor(
    nodes: readonly Row[],
    order: Order,
    { hasNextPage, hasPreviousPage }: Pick<Page['pageInfo'], 'hasNextPage' | 'hasPreviousPage'>,
    totalCount: number | undefined,
  ) {
    this.nodes = nodes;
    this.totalCount = totalCount;
    this.#order = order;
    this.#hasNextPage = hasNextPage;
    this.#hasPreviousPage = hasPreviousPage;
  }

  get edges(): Page['edges'] {
    return this.nodes.map((node) => ({ cursor: encodeCursor(this.#order, node), node }));
  }

  get pageInfo(): Page['pageInfo'] {
    return {
      hasNextPage: this.#hasNextPage,
      hasPreviousPage: this.#hasPreviousPage,
      startCursor: this.#cursorAt(0),
      endCursor: this.#cursorAt(-1),
    };
  }

  #cursorAt(at: number): string | null {
    const row = this.nodes.at(at);
    return row === undefined ? null : encodeCursor(this.#order, row);
  }
}
