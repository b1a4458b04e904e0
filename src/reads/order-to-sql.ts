import type { EntityMetadata } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/mysql';
import { columnNamed } from '../column-types/column-types.ts';
import { withExpression } from '../column-types/with-column.ts';
import { quoteName } from '../sql/quote.ts';
import { countOfRows, joinParent, type StatementTable } from './condition-to-sql.ts';
import { propertyOf } from './entity-properties.ts';
import type { OrderStep } from './order.ts';
import { codecAt, endOf, type OrderPath } from './order-path.ts';

/** The SQL of what stands at the end of a path: a column, of this table or of one that is joined to it, or a count. */
export function expressionAt(em: SqlEntityManager, table: StatementTable, path: OrderPath): string {
  const { relations, property, isCount } = endOf(table.meta, path);
  const end = relations.reduce<StatementTable>(
    ({ builder, alias, meta }, name) => ({
      builder,
      alias: joinParent({ builder, alias }, name),
      meta: propertyOf(meta, name).targetMeta as EntityMetadata,
    }),
    table,
  );
  if (isCount) return countOfRows(em, end, property);
  return `${quoteName(end.alias)}.${quoteName(columnNamed(end.meta, property).column)}`;
}

/** The SQL that rows are ordered by: an index has a SET's numbers without a sign, and MySQL sorts them with one. */
function orderedBy(table: StatementTable, path: OrderPath): string {
  const isNumber = path !== '' && codecAt(table.meta, path).positions === 'bits';
  return isNumber ? 'cast(?? as unsigned)' : '??';
}

/** A step for the query builder. */
export function toOrderBy(em: SqlEntityManager, table: StatementTable) {
  return ({ property, direction }: OrderStep): Record<string, OrderStep['direction']> => ({
    [withExpression(orderedBy(table, property), expressionAt(em, table, property)) as never]: direction,
  });
}

/** Columns that are needed as they are and not read so, under names of their own. */
export function orderColumnsOf(
  em: SqlEntityManager,
  table: StatementTable,
  paths: readonly OrderPath[],
  isRead: (path: OrderPath) => boolean,
) {
  return paths
    .filter((path) => !isRead(path))
    .map((path) => withExpression(orderedBy(table, path), expressionAt(em, table, path)).as(placeName(path)));
}

/** The name of such a column. */
export const placeName = (path: OrderPath) => `order:${path}`;
