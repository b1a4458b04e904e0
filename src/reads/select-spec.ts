import type { EntityMetadata } from '@mikro-orm/core';
import type { Filter } from './filter-to-condition.ts';
import type { Link } from './link.ts';
import type { Order } from './order.ts';
import type { OrderPath } from './order-path.ts';

/** The columns that a SELECT reads of one table, and of those joined to it: the part that does not depend on a request. */
export interface Projection {
  readonly meta: EntityMetadata;
  /** Columns to read, also those that to-one relations lead to; each comes back under its own name. */
  readonly columns: readonly OrderPath[];
  /** Functions of properties to read, such as `min(dateOfBirth)`, each under the name given. */
  readonly functions: readonly FunctionCall[];
  readonly groupBy: readonly string[];
  /** Names among `columns` that are no properties, and their SQL. */
  readonly computed: ReadonlyMap<string, string>;
  /** Two projections with the same key share their statements. */
  readonly key: string;
}

export function createProjection(
  parts: Pick<Projection, 'meta' | 'columns'> & Partial<Projection>,
): Projection {
  const { meta, columns, functions = [], groupBy = [], computed = noneComputed } = parts;
  const key = JSON.stringify([meta.className, columns, functions, groupBy, ...computed]);
  return { ...parts, functions, groupBy, computed, key };
}

const noneComputed: ReadonlyMap<string, string> = new Map();

/** A SELECT of one table, before its values. */
export interface SelectSpec {
  readonly projection: Projection;
  readonly filter: Filter;
  readonly order: Order;
  readonly limit?: number;
  /** Those whose rows are read, or whose rows' functions, each owner's apart. */
  readonly owners?: { readonly link: Link; readonly keys: readonly (readonly unknown[])[] };
  /** The list whose rows come with each row: a result row holds both, the list's nulls for none. */
  readonly list?: ListSpec;
  /** Whether it may read a whole table; absent: an index leads to the rows. */
  readonly isScan?: boolean;
}

/** A list of rows that belong to each of some rows. */
export interface ListSpec {
  readonly projection: Projection;
  readonly link: Link;
  readonly filter: Filter;
  /** Of the list of one row. */
  readonly order: Order;
  /** Of the list of one row. */
  readonly limit: number;
  /** That the filter refers to. */
  readonly values: readonly unknown[];
}

/** An aggregate function: https://dev.mysql.com/doc/refman/8.4/en/aggregate-functions.html */
export interface FunctionCall {
  readonly name: 'count' | 'min' | 'max' | 'avg' | 'sum';
  /** Absent for `count(*)`; of a property, its distinct values are counted. */
  readonly property?: string;
  readonly as: string;
}
