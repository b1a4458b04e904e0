import type { EntityMetadata } from '@mikro-orm/core';
import { type QueryBuilder, raw, type SqlEntityManager } from '@mikro-orm/mysql';
import { type Codec, plain } from '../column-types/column-type.ts';
import { codecOf } from '../column-types/column-types.ts';
import { withColumn } from '../column-types/with-column.ts';
import { quoteName } from '../sql/quote.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { type Filter, likeEscape } from './filter-to-condition.ts';
import { jsonSigns } from './json-path.ts';
import { isInverse, isToOne, propertyOf } from './properties.ts';

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
  const condition = filter === false ? { key: { $in: [] } } : filter;
  table.builder.where(conditionOf(em, table, condition) as never);
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
    const property = propertyOf(table.meta, name);
    const meta = property.targetMeta;
    if (meta === undefined || isOfForeignKey(condition)) return comparisonsOf(table, name, condition);
    if (!isToOne(property)) return [ofMany(em, table, name, condition as Condition)];
    const parent = { builder: table.builder, alias: joinParent(table, name), meta };
    const { key, ...others } = condition as Condition;
    return [
      ...(key === undefined ? [] : keyOfParent(table, name, parent, key)),
      ...(Object.keys(others).length === 0 ? [] : [conditionOf(em, parent, others)]),
    ];
  });
  return parts.length === 1 ? (parts[0] as Condition) : { $and: parts };
}

/** Whether a condition on a to-one relation is about the foreign key itself, as fetchAmong() has it, and not about the parent. */
function isOfForeignKey(condition: unknown): boolean {
  return typeof condition === 'object' && condition !== null && '$in' in condition;
}

/** The foreign key is what an index has; that it leads to a row is a look-up of that row's primary key. */
function keyOfParent(
  table: StatementTable,
  name: string,
  parent: StatementTable,
  condition: unknown,
): Condition[] {
  const key = `${parent.alias}.key`;
  if (condition === null) return [{ [key]: null }];
  if (isInverse(propertyOf(table.meta, name))) return comparisonsOf(parent, 'key', condition);
  return [...comparisonsOf(table, name, condition), { [key]: { $ne: null } }];
}

/** Comparisons of a column, in SQL: `??` is the column, `?` the operand as its codec has it. */
function comparisonsOf({ alias, meta }: StatementTable, name: string, condition: unknown): Condition[] {
  const column = [alias, propertyOf(meta, name).fieldNames[0] as string];
  const codec = codecOf(meta, name);
  const comparisons = condition === null ? [['$eq', null]] : Object.entries(condition as Condition);
  return comparisons.map(([operator, operand]) => {
    const values = Array.isArray(operand) ? operand : operand === null ? [] : [operand];
    return { [withColumn(textOf(operator as string, operand, codec), column, values) as never]: [] };
  });
}

function textOf(operator: string, operand: unknown, codec: Codec): string {
  if (operand === null) return operator === '$ne' ? '?? is not null' : '?? is null';
  if (operator === '$exact') return `(${codec.exact ?? `?? = ${codec.operand}`})`;
  if (operator === '$notExact') return `not (${codec.exact ?? `?? = ${codec.operand}`})`;
  const [kind, name = ''] = operator.split(':');
  if (kind === '$bits') return `(?? + 0) ${name} cast(cast(? as char) as unsigned)`;
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
  const key = propertyOf(meta, 'key').fieldNames[0] as string;
  const isOfRow = withColumn(`?? = ${quoteName(alias)}.${quoteName(key)}`, ['counted', key]);
  builder.select(raw('count(*)') as never).innerJoin(`counted.${name}` as never, 'of' as never);
  builder.where({ [isOfRow as never]: [] } as never);
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
  return { [raw(text, [operand].flat()) as never]: [] };
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
  builder.select('owner.key' as never).innerJoin(`owner.${name}` as never, 'row' as never);
  const row = { builder, alias: 'row', meta: propertyOf(meta, name).targetMeta as EntityMetadata };
  applyFilter(em, row, Object.keys(part).length === 0 || part);
  return { [`${alias}.key`]: { [quantifier === '$some' ? '$in' : '$nin']: builder.toRaw() } };
}
