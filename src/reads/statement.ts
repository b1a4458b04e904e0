import type { EntityMetadata } from '@mikro-orm/core';
import { raw, type SqlEntityManager } from '@mikro-orm/mysql';
import { LRUCache } from 'lru-cache';
import type { Codec } from '../column-types/column-type.ts';
import { columnNamed, foreignColumnsOf, primaryKeyOf } from '../column-types/column-types.ts';
import { withExpression } from '../column-types/with-column.ts';
import { quoteName } from '../sql/quote.ts';
import { replaceTables, tablesIn } from '../sql/replace-tables.ts';
import { amongText, applyFilter, type Builder, joinParent, type StatementTable } from './condition-to-sql.ts';
import type { Bind, Filter } from './filter-to-condition.ts';
import type { Link } from './link.ts';
import type { Order } from './order.ts';
import { codecAt, type OrderPath } from './order-path.ts';
import { expressionAt, orderColumnsOf, placeName, toOrderBy } from './order-to-sql.ts';
import { propertyOf } from './properties.ts';
import type { RowGuard } from './row-guard.ts';

/** What a SELECT reads of one table, and of those joined to it: the part that does not depend on a request. */
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

/** What a prepared statement is run with. */
export interface BoundStatement {
  readonly sql: string;
  readonly params: readonly (string | number)[];
  /** Whether it may read a whole table. */
  readonly isScan: boolean;
  /** The tables that it names, those of the role's rules left out; absent: it reads no rows. */
  readonly tables?: readonly string[];
}

/** The text that the ORM's query builder made, and where each parameter's value comes from. */
interface Template {
  readonly sql: string;
  readonly slots: readonly Slot[];
}
type Slot =
  | { readonly at: 'value'; readonly of: 'rows' | 'list'; readonly index: number }
  | { readonly at: 'limit'; readonly of: 'rows' | 'list' }
  | { readonly at: 'claim'; readonly index: number }
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
const valueMark = 'tandem:';

/** @param before values that conditions refer to already */
export function createValues(before: readonly unknown[] = []): BoundValues {
  const list = [...before];
  return { bind: (value) => `${valueMark}${list.push(value) - 1}`, list };
}

/**
 * Makes statements. Those of one form, which differ in their values alone, share the SQL
 * that the query builder made for the first of them: building it costs as much as running it. The forms used
 * latest are kept, at most `capacity` and `maxSize` characters of them.
 */
export function createStatements(em: SqlEntityManager, { capacity = 500, maxSize = 2 ** 20 } = {}) {
  const templates = new LRUCache<string, Template & { readonly tables: readonly string[] }>({
    max: capacity,
    maxSize,
    sizeCalculation: ({ sql, slots }, form) => form.length + sql.length + slots.length * slotSize,
  });

  return (spec: SelectSpec, values: readonly unknown[], guard: RowGuard | null = null): BoundStatement => {
    const form = guard === null ? formOf(spec) : guard.key + formOf(spec);
    let template = templates.get(form);
    if (template === undefined) {
      const built = build(em, spec);
      template = { ...(guard === null ? built : guardedBy(guard, built)), tables: tablesIn(built.sql) };
      templates.set(form, template);
    }
    return {
      sql: template.sql,
      params: template.slots.map((slot) => fill(slot, spec, values, guard)),
      isScan: spec.isScan === true,
      tables: template.tables,
    };
  };
}

/** What two statements must have in common to share their SQL. */
function formOf({ projection, filter, order, limit, owners, list }: SelectSpec): string {
  const ofOwners = owners && [owners.link.key, owners.keys];
  const form = projection.key + JSON.stringify([filter, order, limit === undefined, ofOwners]);
  if (list === undefined) return form;
  return form + list.projection.key + JSON.stringify([list.link.key, list.filter, list.order]);
}

function build(em: SqlEntityManager, spec: SelectSpec): Template {
  const { projection, list, owners, order } = spec;
  if (list !== undefined) return buildWithList(em, spec, list);
  const { meta, functions, groupBy } = projection;
  const { builder, ofLink } = rowsOf(em, meta, 'row', owners?.link ?? null);
  const table = { builder, alias: 'row', meta };
  const selected = [...readAll(em, table, projection), ...functions.map((call) => callOf(meta, call))];
  const groups = groupBy.map((name) => `row.${name}`);
  applyFilter(em, table, spec.filter);
  if (owners === undefined) {
    builder.orderBy(order.map(toOrderBy(em, table)) as never);
  } else {
    const { link, keys } = owners;
    const columns = ofLink(link.owner);
    const among = amongText(
      columns.map(({ sql }) => sql),
      columns.map(({ codec }) => codec),
      keys.length,
    );
    builder.andWhere({ [raw(among, keys.flat()) as never]: [] } as never);
    if (functions.length === 0) {
      builder.orderBy(orderOf(em, table, { link, ofLink }, order) as never);
    } else {
      const ofOwner = ownersOf(builder, link, columns);
      selected.push(
        ...ofOwner.map(({ sql, codec }, at) => withExpression(codec.select, sql).as(ownerColumn(at))),
      );
      groups.unshift(...(ofOwner.map(({ sql }) => raw(sql)) as never[]));
      builder.orderBy(order.map(toOrderBy(em, table)) as never);
    }
  }
  builder.select(selected as never);
  if (spec.limit !== undefined) builder.limit(limitMark);
  if (groups.length > 0) builder.groupBy(groups as never);
  return toTemplate(builder, 'rows');
}

/** The name of a column of the owner's key beside functions of its rows. */
export const ownerColumn = (at: number) => `owner:${at}`;

/** A column in the SQL of a statement. */
interface StatementColumn {
  readonly alias: string;
  readonly sql: string;
  readonly codec: Codec;
}

function columnUnder(alias: string, meta: EntityMetadata, name: string): StatementColumn {
  const { column, codec } = columnNamed(meta, name);
  return { alias, sql: `${quoteName(alias)}.${quoteName(column)}`, codec };
}

/** Finds the columns of a foreign key of the table that refers to the owners, by its relation. */
type OfLink = (relation: string) => readonly StatementColumn[];

/** The key of the rows' owner. A foreign key can have another text for it: the owner's own row is then joined. */
function ownersOf(
  builder: Builder,
  { meta, owner }: Link,
  columns: readonly StatementColumn[],
): readonly StatementColumn[] {
  const of = propertyOf(meta, owner).targetMeta as EntityMetadata;
  const key = primaryKeyOf(of);
  if (key.isExact) return columns;
  const alias = joinParent({ builder, alias: columns[0]?.alias as string }, owner);
  return key.columns.map(({ name }) => columnUnder(alias, of, name));
}

/** The rows of a table under an alias, joined to the table between them and their owners, if there is one. */
function rowsOf(em: SqlEntityManager, meta: EntityMetadata, alias: string, link: Link | null) {
  const isBetween = link !== null && link.rows !== null;
  const linkAlias = isBetween ? `${alias}:link` : alias;
  const builder = builderOf(em, isBetween ? link.meta : meta, linkAlias);
  if (isBetween) builder.innerJoin(`${linkAlias}.${link.rows}` as never, alias as never);
  const ofLink: OfLink = (relation) => {
    const { meta: of } = link as Link;
    return foreignColumnsOf(propertyOf(of, relation)).map((name) => columnUnder(linkAlias, of, name));
  };
  return { builder, ofLink };
}

/**
 * Orders the lists of owners: by the owner first, in the direction of the rest, so that an index can be read in one
 * direction. In a table between, the key of a row stands beside that of the owner.
 */
function orderOf(
  em: SqlEntityManager,
  table: StatementTable,
  { link, ofLink }: { readonly link: Link; readonly ofLink: OfLink },
  order: Order,
) {
  const keyColumns = primaryKeyOf(table.meta).columns.map(({ name }) => name);
  const ofRows = link.rows === null ? [] : ofLink(link.rows);
  const by = ({ sql }: StatementColumn, direction: string) => ({ [raw(sql) as never]: direction });
  return [
    ...ofLink(link.owner).map((column) => by(column, order[0]?.direction ?? 'asc')),
    ...order.map((step) => {
      const inLink = ofRows[keyColumns.indexOf(step.property)];
      return inLink === undefined ? toOrderBy(em, table)(step) : by(inLink, step.direction);
    }),
  ];
}

/**
 * Reads rows, and with each of them its list: a LATERAL one, which begins anew for each row. Its order begins with the foreign key, so
 * that MySQL enters an index there and reads no further than the limit.
 * https://dev.mysql.com/doc/refman/8.4/en/lateral-derived-tables.html
 */
function buildWithList(em: SqlEntityManager, spec: SelectSpec, list: ListSpec): Template {
  const { projection, order } = spec;
  const rows = builderOf(em, projection.meta, 'row');
  const ofRows = { builder: rows, alias: 'row', meta: projection.meta };
  applyFilter(em, ofRows, spec.filter);
  const keyColumns = primaryKeyOf(projection.meta).columns.map(({ name }) => name);
  const needed = [...new Set([...order.map(({ property }) => property), ...keyColumns])];
  rows.select([
    ...readAll(em, ofRows, projection),
    ...orderColumnsOf(em, ofRows, needed, isReadPlainly(projection)),
  ] as never);
  if (spec.limit !== undefined) rows.orderBy(order.map(toOrderBy(em, ofRows)) as never).limit(limitMark);

  const { link } = list;
  const { meta } = list.projection;
  const { builder: child, ofLink } = rowsOf(em, meta, 'child', link);
  const ofList = { builder: child, alias: 'child', meta };
  applyFilter(em, ofList, list.filter);
  const isOfRow = ofLink(link.owner).map(
    ({ sql }, at) => `${sql} = ${placeOf('row', projection, keyColumns[at] as string)}`,
  );
  child
    .select([
      ...readAll(em, ofList, list.projection),
      ...orderColumnsOf(
        em,
        ofList,
        list.order.map(({ property }) => property),
        isReadPlainly(list.projection),
      ),
    ] as never)
    .andWhere({ [raw(isOfRow.join(' and ')) as never]: [] } as never)
    .orderBy(orderOf(em, ofList, { link, ofLink }, list.order) as never)
    .limit(limitMark);

  const [rowsSql, listSql] = [toTemplate(rows, 'rows'), toTemplate(child, 'list')];
  const reads = [
    ...projection.columns.map((name) => `\`row\`.${quoteName(name)}`),
    ...list.projection.columns.map((name) => `\`child\`.${quoteName(name)}`),
  ];
  const orders = [
    ...order.map(toPlace('row', projection)),
    ...list.order.map(toPlace('child', list.projection)),
  ];
  return {
    sql: `select ${reads.join(', ')} from (${rowsSql.sql}) as \`row\` left join lateral (${listSql.sql}) as \`child\` on true order by ${orders.join(', ')}`,
    slots: [...rowsSql.slots, ...listSql.slots],
  };
}

function builderOf(em: SqlEntityManager, meta: EntityMetadata, alias: string): Builder {
  return em.createQueryBuilder(meta.class, alias) as unknown as Builder;
}

/** How a row of such a column is ordered where it has been read. */
const toPlace =
  (alias: string, projection: Projection) =>
  ({ property, direction }: Order[number]) =>
    `${placeOf(alias, projection, property)} ${direction}`;

/** Where a column that is needed as it is has been read. */
function placeOf(alias: string, projection: Projection, path: OrderPath): string {
  return `${quoteName(alias)}.${quoteName(isReadPlainly(projection)(path) ? path : placeName(path))}`;
}

function isReadPlainly({ meta, columns }: Projection) {
  return (path: OrderPath): boolean => columns.includes(path) && codecAt(meta, path).select === '??';
}

/** The columns to select, those of other tables from these, which are joined. */
function readAll(em: SqlEntityManager, table: StatementTable, { meta, columns, computed }: Projection) {
  return columns.map((path) => {
    const sql = computed.get(path);
    if (sql !== undefined) return raw(sql).as(path);
    return withExpression(codecAt(meta, path).select, expressionAt(em, table, path)).as(path);
  });
}

function toTemplate(builder: Builder, of: 'rows' | 'list'): Template {
  return { sql: builder.getQuery(), slots: builder.getParams().map((param) => toSlot(param, of)) };
}

/** The text that a mark in a filter stands for; undefined for what is no text. */
export function textOfMark(mark: unknown, values: readonly unknown[]): string | undefined {
  if (typeof mark !== 'string' || !mark.startsWith(valueMark)) return undefined;
  const value = values[Number(mark.slice(valueMark.length))];
  return typeof value === 'string' ? value : undefined;
}

function callOf(meta: EntityMetadata, { name, property, as }: FunctionCall) {
  if (property === undefined) return raw('count(*) as ??', [as]);
  const { sql, codec } = columnUnder('row', meta, property);
  return withExpression(callText(codec, name), sql).as(as);
}

function callText({ select, extreme }: Codec, name: FunctionCall['name']): string {
  if (name === 'count') return 'count(distinct ??)';
  const call = `${name}(??)`;
  if (name !== 'min' && name !== 'max') return call;
  return extreme?.(name) ?? select.replace('??', call);
}

function toSlot(param: unknown, of: 'rows' | 'list'): Slot {
  if (param === limitMark) return { at: 'limit', of };
  if (typeof param === 'string' && param.startsWith(valueMark)) {
    return { at: 'value', of, index: Number(param.slice(valueMark.length)) };
  }
  return { at: 'constant', value: param as string | number };
}

/** The same of the rows and columns that a role has. */
function guardedBy({ tables }: RowGuard, { sql, slots }: Template): Template {
  const guarded = replaceTables({ sql, params: slots }, tables);
  return {
    sql: guarded.sql,
    slots: guarded.params.map((param): Slot => {
      if (typeof param !== 'object') return { at: 'constant', value: param };
      return 'claim' in param ? { at: 'claim', index: param.claim } : param;
    }),
  };
}

function fill(
  slot: Slot,
  spec: SelectSpec,
  values: readonly unknown[],
  guard: RowGuard | null,
): string | number {
  if (slot.at === 'constant') return slot.value;
  if (slot.at === 'claim') return guard?.values[slot.index] as string | number;
  if (slot.at === 'limit') return (slot.of === 'rows' ? spec : spec.list)?.limit as number;
  return (slot.of === 'rows' ? values : spec.list?.values)?.[slot.index] as string | number;
}
