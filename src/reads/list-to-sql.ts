import { raw, type SqlEntityManager } from '@mikro-orm/mysql';
import { primaryKeyOf } from '../column-types/column-types.ts';
import { byIndex } from '../sql/optimizer-hints.ts';
import { quoteName } from '../sql/quote.ts';
import { applyFilter } from './condition-to-sql.ts';
import { propertyOf } from './entity-properties.ts';
import { indexNamesOf } from './indexes.ts';
import type { Order } from './order.ts';
import { codecAt, type OrderPath } from './order-path.ts';
import { orderColumnsOf, placeName, toOrderBy } from './order-to-sql.ts';
import { asksForOne } from './read-cost.ts';
import { builderOf, linkedRowsOf, orderByOwner, readAll } from './rows-to-sql.ts';
import type { ListSpec, Projection, SelectSpec } from './select-spec.ts';
import { limitMark, type Template, toTemplate } from './statement-template.ts';

/**
 * Reads rows, and with each of them its list: a LATERAL one, which begins anew for each row. Its order begins with the foreign key, so
 * that MySQL enters an index there and reads no further than the limit.
 * https://dev.mysql.com/doc/refman/8.4/en/lateral-derived-tables.html
 *
 * @param isGuarded whether a rule can stand in the place of the rows' table. MySQL merges rows that have no limit with the statement around
 * them: it would then remove the duplicates of a rule's semijoin by row ids, among them those of the LATERAL table, which begin anew for
 * each duplicate, so that the list came twice. As a table of their own the rows are what they are.
 */
export function buildWithList(
  em: SqlEntityManager,
  spec: SelectSpec,
  list: ListSpec,
  isGuarded: boolean,
): Template {
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
  const { builder: child, ofLink } = linkedRowsOf(em, meta, 'child', link);
  const ofList = { builder: child, alias: 'child', meta };
  applyFilter(em, ofList, list.filter);
  const owner = ofLink(link.owner);
  const isOfRow = owner.map(
    ({ sql }, at) => `${sql} = ${placeOf('row', projection, keyColumns[at] as string)}`,
  );
  // By another index, MySQL would find the same rows for each owner anew, or read the foreign key's whole index in the order of the list.
  const isPlain = (list.filter === true && !isGuarded) || asksForOne(meta, list.filter);
  const indexes = isPlain ? [] : indexNamesOf(em, link.meta, propertyOf(link.meta, link.owner).fieldNames);
  child
    .hintComment(byIndex(owner[0]?.alias as string, indexes))
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
    .orderBy(orderByOwner(em, ofList, { link, ofLink }, list.order) as never)
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
  const hint = isGuarded && spec.limit === undefined ? '/*+ NO_MERGE(`row`) */ ' : '';
  return {
    sql: `select ${hint}${reads.join(', ')} from (${rowsSql.sql}) as \`row\` left join lateral (${listSql.sql}) as \`child\` on true order by ${orders.join(', ')}`,
    slots: [...rowsSql.slots, ...listSql.slots],
  };
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
  return (path: OrderPath): boolean => {
    const { select, positions } = codecAt(meta, path);
    return columns.includes(path) && select === '??' && positions !== 'bits';
  };
}
