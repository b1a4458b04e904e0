import { type EntityMetadata, QueryFlag } from '@mikro-orm/core';
import { raw, type SqlEntityManager } from '@mikro-orm/mysql';
import { LRUCache } from 'lru-cache';
import type { Codec } from '../column-types/column-type.ts';
import { codecOf } from '../column-types/column-types.ts';
import { withColumn } from '../column-types/with-column.ts';
import { applyFilter, type Builder, joinParent } from './condition-to-sql.ts';
import type { Bind, Filter } from './filter-to-condition.ts';
import type { Order } from './order.ts';
import { propertyOf } from './properties.ts';

/** What a SELECT reads of one table, and of those joined to it: the part that does not depend on a request. */
export interface Projection {
  readonly meta: EntityMetadata;
  /** Properties to read; each comes back under its own name. */
  readonly columns: readonly string[];
  /** To-one relations among them whose row's own key is read, null where there is no such row, instead of the foreign key. */
  readonly parents: readonly string[];
  /** Functions of properties to read, such as `min(dateOfBirth)`, each under the name given. */
  readonly functions: readonly FunctionCall[];
  readonly groupBy: readonly string[];
  /** A to-many relation whose rows come with their parents': each result row holds both, the child's nulls for none. */
  readonly join?: JoinProjection;
  /** Two projections with the same key share their statements. */
  readonly key: string;
}

export interface JoinProjection {
  readonly property: string;
  readonly meta: EntityMetadata;
  readonly columns: readonly string[];
  readonly parents: readonly string[];
  readonly order: Order;
}

export function createProjection(
  parts: Pick<Projection, 'meta' | 'columns' | 'join'> & Partial<Projection>,
): Projection {
  const { meta, columns, parents = [], functions = [], groupBy = [], join } = parts;
  const joined = join && [join.property, join.columns, join.parents];
  const key = JSON.stringify([meta.className, columns, parents, functions, groupBy, joined]);
  return { ...parts, parents, functions, groupBy, key };
}

/** A SELECT of one table, before its values. */
export interface SelectSpec {
  readonly projection: Projection;
  readonly filter: Filter;
  readonly order: Order;
  readonly limit?: number;
  /** Rows of parents and joined children together that are read at most. */
  readonly joinLimit?: number;
  /** Whether it may read a whole table; absent: an index leads to the rows. */
  readonly isScan?: boolean;
}

/** An aggregate function: https://dev.mysql.com/doc/refman/8.4/en/aggregate-functions.html */
export interface FunctionCall {
  readonly name: 'count' | 'min' | 'max' | 'avg' | 'sum';
  /** Absent for `count(*)`; of a property, its distinct values are counted. */
  readonly property?: string;
  readonly as: string;
}

/** What a prepared statement is run with. */
export interface BoundStatement {
  readonly sql: string;
  readonly params: readonly (string | number)[];
  /** Whether it may read a whole table. */
  readonly isScan: boolean;
}

/** The text that the ORM's query builder made, and where each parameter's value comes from. */
interface Template {
  readonly sql: string;
  readonly slots: readonly Slot[];
}
type Slot =
  | { readonly at: 'value'; readonly index: number }
  | { readonly at: 'limit' | 'joinLimit' }
  | { readonly at: 'constant'; readonly value: string | number };

/** Values of one statement, put aside while its filter is compiled. */
export interface BoundValues {
  readonly bind: Bind;
  readonly list: readonly unknown[];
}

/** Characters that weigh as much as a slot. */
const slotSize = 40;

/** Stands for a limit while a template is built; larger than any that may be asked for. */
const limitMark = 2_147_480_000;
const joinLimitMark = 2_147_480_001;
const valueMark = 'tandem:';

export function createValues(): BoundValues {
  const list: unknown[] = [];
  return { bind: (value) => `${valueMark}${list.push(value) - 1}`, list };
}

/**
 * Makes statements. Those of one form, which differ in their values alone, share the SQL
 * that the query builder made for the first of them: building it costs as much as running it. The forms used
 * latest are kept, at most `capacity` and `maxSize` characters of them.
 */
export function createStatements(em: SqlEntityManager, { capacity = 500, maxSize = 2 ** 20 } = {}) {
  const templates = new LRUCache<string, Template>({
    max: capacity,
    maxSize,
    sizeCalculation: ({ sql, slots }, form) => form.length + sql.length + slots.length * slotSize,
  });

  return (spec: SelectSpec, values: readonly unknown[]): BoundStatement => {
    const limits = { limit: spec.limit, joinLimit: spec.joinLimit };
    const form = formOf(spec);
    let template = templates.get(form);
    if (template === undefined) {
      template = build(em, spec);
      templates.set(form, template);
    }
    return {
      sql: template.sql,
      params: template.slots.map((slot) => fill(slot, values, limits)),
      isScan: spec.isScan === true,
    };
  };
}

/** What two statements must have in common to share their SQL. */
function formOf({ projection, filter, order, limit }: SelectSpec): string {
  return projection.key + JSON.stringify([filter, order, limit === undefined]);
}

function build(em: SqlEntityManager, spec: SelectSpec): Template {
  const { projection, order } = spec;
  const { meta, columns, parents, functions, groupBy, join } = projection;
  const inner = withFilter(em, em.createQueryBuilder(meta.class, 'row') as unknown as Builder, spec);
  if (join === undefined) {
    const calls = functions.map((call) => callOf(meta, call));
    const reads = readAll(inner, { alias: 'row', meta, columns, parents }, (name) => name);
    inner.select([...reads, ...calls] as never);
    if (groupBy.length > 0) inner.groupBy(groupBy as never);
    return toTemplate(inner);
  }
  // A limit counts parents, so it must have worked before their children are joined to them.
  inner.select([...new Set([...columns, ...order.map(({ property }) => property)])] as never);
  const outer = em.createQueryBuilder(inner as never, 'row') as unknown as Builder;
  outer.leftJoin(`row.${join.property}` as never, 'child');
  outer.select([
    ...readAll(outer, { alias: 'row', meta, columns, parents }, (name) => name),
    ...readAll(outer, { ...join, alias: 'child' }, (name) => `child:${name}`),
  ] as never);
  outer.orderBy([...order.map(toOrderBy('row')), ...join.order.map(toOrderBy('child'))] as never);
  // This one counts rows of both together; the query builder would make it count parents.
  outer.setFlag(QueryFlag.DISABLE_PAGINATE).limit(joinLimitMark);
  return toTemplate(outer);
}

interface Read {
  readonly alias: string;
  readonly meta: EntityMetadata;
  readonly columns: readonly string[];
  readonly parents: readonly string[];
}

/** The columns to select, those of parents from their own tables, which are joined. */
function readAll(
  builder: Builder,
  { alias, meta, columns, parents }: Read,
  nameOf: (name: string) => string,
) {
  return columns.map((name) => {
    if (!parents.includes(name)) return read(alias, meta, name, nameOf(name));
    const parent = joinParent({ builder, alias }, name);
    return read(parent, propertyOf(meta, name).targetMeta as EntityMetadata, 'key', nameOf(name));
  });
}

/** A column to select, as its codec has it. */
function read(alias: string, meta: EntityMetadata, name: string, as: string) {
  return withColumn(codecOf(meta, name).select, [alias, columnOf(meta, name)]).as(as);
}

function withFilter(
  em: SqlEntityManager,
  builder: Builder,
  { projection: { meta }, filter, order, limit }: SelectSpec,
): Builder {
  applyFilter(em, { builder, alias: 'row', meta }, filter);
  builder.orderBy(order.map(toOrderBy('row')) as never);
  if (limit !== undefined) builder.limit(limitMark);
  return builder;
}

const toOrderBy =
  (alias: string) =>
  ({ property, direction }: Order[number]) => ({ [`${alias}.${property}`]: direction });

function toTemplate(builder: Builder): Template {
  return { sql: builder.getQuery(), slots: builder.getParams().map(toSlot) };
}

/** The text that a mark in a filter stands for; undefined for what is no text. */
export function textOfMark(mark: unknown, values: readonly unknown[]): string | undefined {
  if (typeof mark !== 'string' || !mark.startsWith(valueMark)) return undefined;
  const value = values[Number(mark.slice(valueMark.length))];
  return typeof value === 'string' ? value : undefined;
}

function columnOf(meta: EntityMetadata, property: string): string {
  return propertyOf(meta, property).fieldNames[0] as string;
}

function callOf(meta: EntityMetadata, { name, property, as }: FunctionCall) {
  if (property === undefined) return raw('count(*) as ??', [as]);
  const column = ['row', columnOf(meta, property)];
  return withColumn(callText(codecOf(meta, property), name), column).as(as);
}

function callText({ select }: Codec, name: FunctionCall['name']): string {
  if (name === 'count') return 'count(distinct ??)';
  const call = `${name}(??)`;
  return name === 'min' || name === 'max' ? select.replace('??', call) : call;
}

function toSlot(param: unknown): Slot {
  if (param === limitMark) return { at: 'limit' };
  if (param === joinLimitMark) return { at: 'joinLimit' };
  if (typeof param === 'string' && param.startsWith(valueMark)) {
    return { at: 'value', index: Number(param.slice(valueMark.length)) };
  }
  return { at: 'constant', value: param as string | number };
}

interface StatementLimits {
  readonly limit: number | undefined;
  readonly joinLimit: number | undefined;
}

function fill(slot: Slot, values: readonly unknown[], limits: StatementLimits): string | number {
  if (slot.at === 'value') return values[slot.index] as string | number;
  return slot.at === 'constant' ? slot.value : (limits[slot.at] as number);
}
