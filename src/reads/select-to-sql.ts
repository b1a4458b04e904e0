import { raw, type SqlEntityManager } from '@mikro-orm/mysql';
import { withExpression } from '../column-types/with-column.ts';
import { aggregateToSql } from './aggregate-to-sql.ts';
import { amongText, applyFilter } from './condition-to-sql.ts';
import { buildWithList } from './list-to-sql.ts';
import { toOrderBy } from './order-to-sql.ts';
import { linkedRowsOf, orderByOwner, ownersOf, readAll } from './rows-to-sql.ts';
import type { SelectSpec } from './select-spec.ts';
import { limitMark, type Template, toTemplate } from './statement-template.ts';

/**
 * Makes the SQL of a SELECT by the ORM's query builder.
 *
 * @param isGuarded whether parts take the place of its tables
 */
export function buildSelect(em: SqlEntityManager, spec: SelectSpec, isGuarded = false): Template {
  const { projection, list, owners, order } = spec;
  if (list !== undefined) return buildWithList(em, spec, list, isGuarded);
  const { meta, functions, groupBy } = projection;
  const { builder, ofLink } = linkedRowsOf(em, meta, 'row', owners?.link ?? null);
  const table = { builder, alias: 'row', meta };
  const selected = [
    ...readAll(em, table, projection),
    ...functions.map((call) => aggregateToSql(meta, call)),
  ];
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
      builder.orderBy(orderByOwner(em, table, { link, ofLink }, order) as never);
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
const ownerColumn = (at: number) => `owner:${at}`;
