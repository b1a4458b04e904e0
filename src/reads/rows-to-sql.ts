import type { EntityMetadata } from '@mikro-orm/core';
import { raw, type SqlEntityManager } from '@mikro-orm/mysql';
import type { Codec } from '../column-types/column-type.ts';
import { columnNamed, foreignColumnsOf, primaryKeyOf } from '../column-types/column-types.ts';
import { withExpression } from '../column-types/with-column.ts';
import { quoteName } from '../sql/quote.ts';
import { type Builder, joinParent, type StatementTable } from './condition-to-sql.ts';
import { propertyOf } from './entity-properties.ts';
import { orderOfLists } from './index-order.ts';
import type { Link } from './link.ts';
import type { Order } from './order.ts';
import { codecAt } from './order-path.ts';
import { expressionAt, toOrderBy } from './order-to-sql.ts';
import type { Projection } from './select-spec.ts';

/** A column in the SQL of a statement. */
interface StatementColumn {
  readonly alias: string;
  readonly sql: string;
  readonly codec: Codec;
}

export function columnUnder(alias: string, meta: EntityMetadata, name: string): StatementColumn {
  const { column, codec } = columnNamed(meta, name);
  return { alias, sql: `${quoteName(alias)}.${quoteName(column)}`, codec };
}

/** Finds the columns of a foreign key of the table that refers to the owners, by its relation. */
type OfLink = (relation: string) => readonly StatementColumn[];

/** The key of the rows' owner. A foreign key can have another text for it: the owner's own row is then joined. */
export function ownersOf(
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
export function linkedRowsOf(em: SqlEntityManager, meta: EntityMetadata, alias: string, link: Link | null) {
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
 * Orders the lists of owners: by the owner first, so that an index can be read in one direction. In a table between, the key of a row stands beside that of the owner.
 */
export function orderByOwner(
  em: SqlEntityManager,
  table: StatementTable,
  { link, ofLink }: { readonly link: Link; readonly ofLink: OfLink },
  order: Order,
) {
  const keyColumns = primaryKeyOf(table.meta).columns.map(({ name }) => name);
  const ofRows = link.rows === null ? [] : ofLink(link.rows);
  const [{ direction } = { direction: 'asc' }] = orderOfLists(table.meta, link, order);
  const by = ({ sql }: StatementColumn, direction: string) => ({ [raw(sql) as never]: direction });
  return [
    ...ofLink(link.owner).map((column) => by(column, direction)),
    ...order.map((step) => {
      const inLink = ofRows[keyColumns.indexOf(step.property)];
      return inLink === undefined ? toOrderBy(em, table)(step) : by(inLink, step.direction);
    }),
  ];
}

export function builderOf(em: SqlEntityManager, meta: EntityMetadata, alias: string): Builder {
  return em.createQueryBuilder(meta.class, alias) as unknown as Builder;
}

/** The columns to select, those of other tables from these, which are joined. */
export function readAll(
  em: SqlEntityManager,
  table: StatementTable,
  { meta, columns, computed }: Projection,
) {
  return columns.map((path) => {
    const sql = computed.get(path);
    if (sql !== undefined) return raw(sql).as(path);
    return withExpression(codecAt(meta, path).select, expressionAt(em, table, path)).as(path);
  });
}
