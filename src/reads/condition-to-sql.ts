import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { type QueryBuilder, raw, type SqlEntityManager } from '@mikro-orm/mysql';
import { type Codec, plain } from '../column-types/column-type.ts';
import { columnNamed, foreignColumnsOf, primaryKeyOf } from '../column-types/column-types.ts';
import { withColumn } from '../column-types/with-column.ts';
import { quoteName } from '../sql/quote.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { likeEscape } from './compare-column.ts';
import { isInverse, isToOne, propertyOf } from './entity-properties.ts';
import type { Filter } from './filter-to-condition.ts';
import { jsonSigns } from './json-path.ts';

export type Builder = QueryBuilder<object>;

type Condition = Readonly<Record<string, unknown>>;

/** One table of a statement that is being built. */
export interface StatementTable {
  readonly builder: Builder;
  readonly alias: string;
  readonly meta: EntityMetadata;
}

/**
 * Narrows a builder to the rows that a filter lets through. Relations are joined here and not by the query builder: it
 * takes a foreign key for its parent, and the parent that the schema requires for one that is there. A row that was written
 * without foreign_key_checks may have none, and has none in what is read.
 */
export function applyFilter(em: SqlEntityManager, table: StatementTable, filter: Filter): void {
  if (filter === true) return;
  const condition = filter === false ? sqlOf('1 = 0') : conditionOf(em, table, filter);
  table.builder.where(condition as never);
}

/** Joins the row that a to-one relation leads to, once, and returns its alias. */
export function joinParent(
  { builder, alias }: Pick<StatementTable, 'builder' | 'alias'>,
  name: string,
): string {
  const joined = parentsOf(builder);
  const relation = `${alias}.${name}`;
  const known = joined.get(relation);
  if (known !== undefined) return known;
  const parent = `${name}:${joined.size + 1}`;
  joined.set(relation, parent);
  // Where a condition wants more than nulls of it, MySQL makes an inner join of it:
  // https://dev.mysql.com/doc/refman/8.4/en/outer-join-simplification.html
  builder.leftJoin(relation as never, parent as never);
  return parent;
}

/** Aliases by the relations that were joined. */
const parentsOf = memoizeWeak((_: Builder) => new Map<string, string>());

function conditionOf(em: SqlEntityManager, table: StatementTable, filter: Condition): Condition {
  const parts = Object.entries(filter).flatMap(([name, condition]): Condition[] => {
    if (name === '$and' || name === '$or') {
      return [{ [name]: (condition as Condition[]).map((part) => conditionOf(em, table, part)) }];
    }
    if (name === '$not') return [{ $not: conditionOf(em, table, condition as Condition) }];
    if (name === '$keys') return [amongKeys(table, condition as readonly unknown[][])];
    if (name === '$absent') return [isAbsent(table)];
    const property = propertyOf(table.meta, name);
    // A column of a foreign key has a name that is no property's.
    const meta = property?.targetMeta;
    if (meta === undefined) return comparisonsOf(table, name, condition);
    if (!isToOne(property)) return [ofMany(em, table, name, condition as Condition)];
    const parent = { builder: table.builder, alias: joinParent(table, name), meta };
    return Object.entries(condition as Condition).flatMap(([part, inner]) => {
      const column = foreignColumnOf(property, part);
      return column === null || inner === null
        ? [conditionOf(em, parent, { [part]: inner })]
        : [...comparisonsOf(table, column, inner), isPresent(parent)];
    });
  });
  return parts.length === 1 ? (parts[0] as Condition) : { $and: parts };
}

/**
 * The column of a foreign key that holds a column of the parent's key, which is what an index has; that it leads to a row is a look-up of
 * that row's primary key. Null where the condition is about anything else, or the text in the foreign key may be another one.
 */
function foreignColumnOf(property: EntityProperty, name: string): string | null {
  const { columns, isExact } = primaryKeyOf(property.targetMeta as EntityMetadata);
  const at = columns.findIndex((column) => column.name === name);
  return at < 0 || !isExact || isInverse(property) ? null : (foreignColumnsOf(property)[at] as string);
}

function sqlOf(text: string, parameters: readonly unknown[] = []): Condition {
  return { [raw(text, [...parameters]) as never]: [] };
}

/** The columns of a table's key, in SQL. */
function keyColumns({ alias, meta }: Pick<StatementTable, 'alias' | 'meta'>): string[] {
  return primaryKeyOf(meta).columns.map(
    ({ name }) => `${quoteName(alias)}.${quoteName(columnNamed(meta, name).column)}`,
  );
}

/** That a LEFT JOIN has found no row. */
function isAbsent(table: Pick<StatementTable, 'alias' | 'meta'>): Condition {
  return sqlOf(`${keyColumns(table)[0]} is null`);
}

function isPresent(table: Pick<StatementTable, 'alias' | 'meta'>): Condition {
  return sqlOf(`${keyColumns(table)[0]} is not null`);
}

function amongKeys(table: StatementTable, keys: readonly (readonly unknown[])[]): Condition {
  const codecs = primaryKeyOf(table.meta).columns.map(({ name }) => columnNamed(table.meta, name).codec);
  return sqlOf(amongText(keyColumns(table), codecs, keys.length), keys.flat());
}

/**
 * That columns have the values of one of some keys. Of several columns, MySQL takes ranges of an index from IN alone:
 * https://dev.mysql.com/doc/refman/8.4/en/range-optimization.html#row-constructor-range-optimization
 */
export function amongText(columns: readonly string[], codecs: readonly Codec[], count: number): string {
  const ofRow = (codec: Codec) => (codecs.length > 1 ? codec.operandInRow : undefined) ?? codec.operand;
  const operand = tuple(codecs.map(ofRow));
  return `${tuple(columns)} in (${Array(count).fill(operand).join(', ')})`;
}

/** Of one column, the column. */
export function tuple(columns: readonly string[]): string {
  return columns.length === 1 ? (columns[0] as string) : `(${columns.join(', ')})`;
}

/** Comparisons of a column, in SQL: `??` is the column, `?` the operand as its codec has it. */
function comparisonsOf({ alias, meta }: StatementTable, name: string, condition: unknown): Condition[] {
  const { column: own, codec } = columnNamed(meta, name);
  const column = [alias, own];
  const comparisons = condition === null ? [['$eq', null]] : Object.entries(condition as Condition);
  return comparisons.map(([operator, operand]) => {
    const values = Array.isArray(operand) ? operand : operand === null ? [] : [operand];
    return { [withColumn(textOf(operator as string, operand, codec), column, values) as never]: [] };
  });
}

function textOf(operator: string, operand: unknown, codec: Codec): string {
  if (operand === null) {
    if (codec.isNull !== undefined) return operator === '$ne' ? `not ${codec.isNull}` : codec.isNull;
    return operator === '$ne' ? '?? is not null' : '?? is null';
  }
  if (operator === '$exact') return `(${codec.exact ?? `?? = ${codec.operand}`})`;
  if (operator === '$notExact') return `not (${codec.exact ?? `?? = ${codec.operand}`})`;
  const [kind, name = ''] = operator.split(':');
  if (kind === '$bits') return `cast(?? as unsigned) ${name} cast(cast(? as char) as unsigned)`;
  if (operator === '$has') return 'find_in_set(?, ??) > 0';
  if (operator === '$json:exists') return "json_contains_path(??, 'one', ?) = 1";
  if (kind === '$json') return `json_extract(??, ?) ${jsonSigns[name]} cast(? as json)`;
  if (Array.isArray(operand)) {
    const list = operand.length === 0 ? 'null' : operand.map(() => codec.operand).join(', ');
    return `?? ${operator === '$in' ? 'in' : 'not in'} (${list})`;
  }
  // Without ESCAPE, the escape character depends on the server's sql_mode.
  if (operator === '$like') return `?? like ? escape '${likeEscape}'`;
  return `?? ${signs[operator]} ${codec.operand}`;
}

const signs: Readonly<Record<string, string>> = {
  $eq: '=',
  $ne: '!=',
  $lt: '<',
  $lte: '<=',
  $gt: '>',
  $gte: '>=',
};

/** How many rows belong to a row, each of which an index of their foreign key finds: a subquery. */
export function countOfRows(
  em: SqlEntityManager,
  { alias, meta }: Pick<StatementTable, 'alias' | 'meta'>,
  name: string,
): string {
  const builder = em.createQueryBuilder(meta.class, 'counted') as unknown as Builder;
  const ofRow = keyColumns({ alias, meta });
  const isOfRow = keyColumns({ alias: 'counted', meta }).map((column, at) => `${column} = ${ofRow[at]}`);
  builder.select(raw('count(*)') as never).innerJoin(`counted.${name}` as never, 'of' as never);
  builder.where(sqlOf(isOfRow.join(' and ')) as never);
  return `(${builder.getQuery()})`;
}

/** `$count`: a comparison of that number. */
function ofCount(
  em: SqlEntityManager,
  table: Pick<StatementTable, 'alias' | 'meta'>,
  name: string,
  comparison: Condition,
): Condition {
  const counted = countOfRows(em, table, name);
  const [[operator, operand]] = Object.entries(comparison) as [[string, unknown]];
  const text = textOf(operator, operand, plain).replaceAll('??', () => counted);
  return sqlOf(text, [operand].flat());
}

/** `$some` and `$none`: rows whose keys are, or are not, among those of parents of such a row. */
function ofMany(
  em: SqlEntityManager,
  { alias, meta }: StatementTable,
  name: string,
  condition: Condition,
): Condition {
  const [[quantifier, part]] = Object.entries(condition) as [[string, Condition]];
  if (quantifier === '$count') return ofCount(em, { alias, meta }, name, part);
  const builder = em.createQueryBuilder(meta.class, 'owner') as unknown as Builder;
  const ofOwner = keyColumns({ alias: 'owner', meta }).map((column) => raw(column));
  builder.select(ofOwner as never).innerJoin(`owner.${name}` as never, 'row' as never);
  const row = { builder, alias: 'row', meta: propertyOf(meta, name).targetMeta as EntityMetadata };
  applyFilter(em, row, Object.keys(part).length === 0 || part);
  const sign = quantifier === '$some' ? 'in' : 'not in';
  return sqlOf(`${tuple(keyColumns({ alias, meta }))} ${sign} (${builder.getQuery()})`, builder.getParams());
}
