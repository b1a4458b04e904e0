import type { EntityMetadata } from '@mikro-orm/core';
import { TandemError } from '../errors/tandem-error.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Range } from './fetch.ts';
import { afterPlace } from './keyset.ts';
import { type Order, type OrderBy, reversed, toOrder } from './order.ts';
import type { Row } from './row.ts';
import { createValues } from './statement.ts';
import { all, toFilter, type Where } from './where.ts';

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
  readonly totalCount?: number;
}

/** A request understood: which rows to read, and how to make a page of them. */
export interface PagePlan {
  readonly order: Order;
  readonly range: Range;
  /** All rows that the filter lets through, whatever the page. */
  readonly whole: Range;
  readonly toPage: (rows: Row[], totalCount?: number) => Page;
}

const defaultPageSize = 20;
const maxPageSize = 1000;

/**
 * Understands a request for a page. Forward and backward pages have their rows in the same order:
 * https://relay.dev/graphql/connections.htm#sec-Pagination-algorithm
 *
 * @throws TandemError BAD_USER_INPUT naming the argument that cannot be used
 */
export function planPage(meta: EntityMetadata, request: PageRequest): PagePlan {
  const { after, before } = request;
  const { size, backward } = sizeOf(request);
  const order = toOrder(meta, request.orderBy);
  const values = createValues();
  const where = toFilter(meta, request.where, values.bind);
  const filter = all([
    where,
    after == null || afterPlace(order, decodeCursor('after', order, after), values.bind),
    before == null || afterPlace(reversed(order), decodeCursor('before', order, before), values.bind),
  ]);
  return {
    order,
    whole: { filter: where, order: [], values },
    // One row more than asked for tells whether there is another page.
    range: { filter, order: backward ? reversed(order) : order, values, limit: size === 0 ? 0 : size + 1 },
    toPage(rows, totalCount) {
      const more = rows.length > size;
      if (more) rows.length = size;
      if (backward) rows.reverse();
      const hasNextPage = backward ? before != null : more;
      const hasPreviousPage = backward ? more : after != null;
      return pageOf(rows, order, hasNextPage, hasPreviousPage, totalCount);
    },
  };
}

function sizeOf({ first, last }: PageRequest): { size: number; backward: boolean } {
  if (first != null && last != null) {
    throw new TandemError('BAD_USER_INPUT', { message: 'Pass first or last, not both.' });
  }
  const [name, size] = last == null ? ['first', first ?? defaultPageSize] : ['last', last];
  if (size < 0 || size > maxPageSize) {
    throw new TandemError('BAD_USER_INPUT', {
      message: `${name} is ${size}; it can be 0 to ${maxPageSize}.`,
    });
  }
  return { size, backward: last != null };
}

function pageOf(
  nodes: readonly Row[],
  order: Order,
  hasNextPage: boolean,
  hasPreviousPage: boolean,
  totalCount: number | undefined,
): Page {
  const cursorAt = (at: number) => {
    const row = nodes.at(at);
    return row === undefined ? null : encodeCursor(order, row);
  };
  return {
    nodes,
    // Getters: what is not asked for is not made.
    get edges() {
      return nodes.map((node) => ({ cursor: encodeCursor(order, node), node }));
    },
    get pageInfo() {
      return { hasNextPage, hasPreviousPage, startCursor: cursorAt(0), endCursor: cursorAt(-1) };
    },
    ...(totalCount === undefined ? {} : { totalCount }),
  };
}
