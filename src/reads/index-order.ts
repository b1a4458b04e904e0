import type { EntityMetadata } from '@mikro-orm/core';
import { columnNamed, foreignColumnsOf, primaryKeyOf } from '../column-types/column-types.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { propertyOf } from './entity-properties.ts';
import { type IndexedColumn, indexesOf } from './indexes.ts';
import type { Link } from './link.ts';
import type { Order, OrderStep } from './order.ts';
import { endOf, type OrderPath } from './order-path.ts';

/**
 * Whether an index has rows in an order, read in one direction: its own columns, and behind them those of the primary key.
 * https://dev.mysql.com/doc/refman/8.4/en/descending-indexes.html
 *
 * @param inPart whether the rows are a part of the index, behind a cursor or of one owner: MySQL does not read such a part backward where
 * columns go backward, since the key behind them goes forward
 */
export function hasIndex(meta: EntityMetadata, order: Order, inPart = false): boolean {
  // The places of rows without a key are computed.
  if (primaryKeyOf(meta).isNone) return false;
  if (order.some(({ property }) => !isOwnColumn(meta, property))) return false;
  const steps = order.map(({ property, direction }) => ({ ...columnNamed(meta, property), direction }));
  const [primary = []] = indexesOf(meta);
  const isIndexed = indexesOf(meta).some((index) => {
    const columns = [...index, ...primary.filter(({ column }) => !index.some((of) => of.column === column))];
    const backward = isBackward(order[0]?.direction, columns[0]);
    if (backward && inPart && index.some(({ descending }) => descending)) return false;
    return steps.every(
      ({ column, direction }, at) =>
        column === columns[at]?.column &&
        columns[at].inPart === false &&
        isBackward(direction, columns[at]) === backward,
    );
  });
  // A SET's numbers are computed.
  return isIndexed && steps.every(({ codec }) => codec.positions !== 'bits');
}

/** Whether a step of an order is by a column of the table itself: neither by one of another, nor by a count. */
function isOwnColumn(meta: EntityMetadata, path: OrderPath): boolean {
  const { relations, isCount } = endOf(meta, path);
  return path !== '' && relations.length === 0 && !isCount;
}

function isBackward(
  direction: OrderStep['direction'] | undefined,
  column: IndexedColumn | undefined,
): boolean {
  return (direction === 'desc') !== column?.descending;
}

/** Whether an index of the table has a column that goes backward: few have. */
const hasDescending = memoizeWeak((meta: EntityMetadata) =>
  indexesOf(meta).some((index) => index.some(({ descending }) => descending)),
);

/**
 * The direction in which the primary key completes an order: that of its last step, so that an index on its columns can be read in one
 * direction; the other one where the only index that ends with them goes backward, since the key behind its columns goes forward.
 */
export function keyDirection(meta: EntityMetadata, steps: Order): OrderStep['direction'] {
  const direction = steps.at(-1)?.direction ?? 'asc';
  if (steps.length === 0 || !hasDescending(meta)) return direction;
  if (steps.some(({ property }) => !isOwnColumn(meta, property))) return direction;
  const columns = steps.map(({ property }) => columnNamed(meta, property).column);
  // In front of them can be the foreign key of a list.
  const ends = indexesOf(meta)
    .map((index) => index.slice(-columns.length))
    .filter((end) => end.length === columns.length && end.every(({ column }, at) => column === columns[at]))
    .flatMap((end) => {
      const ways = new Set(end.map((column, at) => isBackward(steps[at]?.direction, column)));
      return ways.size === 1 ? [[...ways][0] ? 'desc' : 'asc'] : [];
    });
  if (ends.length === 0 || ends.includes(direction)) return direction;
  return direction === 'asc' ? 'desc' : 'asc';
}

/**
 * The order of the lists of owners, as the table has it that refers to them: by the owner first, so that an index of the foreign key is
 * read in one piece. Of a table between, an index has no more than the keys of the rows.
 */
export function orderOfLists(meta: EntityMetadata, link: Link, order: Order): Order {
  const columnsOf = (relation: string) => foreignColumnsOf(propertyOf(link.meta, relation));
  const key = primaryKeyOf(meta).columns.map(({ name }) => name);
  const { rows } = link;
  const ofRows = order.map(({ property, direction }) => ({
    property: rows === null ? property : (columnsOf(rows)[key.indexOf(property)] ?? ''),
    direction,
  }));
  const under = (direction: OrderStep['direction']) => [
    ...columnsOf(link.owner).map((property) => ({ property, direction })),
    ...ofRows,
  ];
  const first = order[0]?.direction ?? 'asc';
  if (!hasDescending(link.meta) || hasIndex(link.meta, under(first), true)) return under(first);
  const other = under(first === 'asc' ? 'desc' : 'asc');
  return hasIndex(link.meta, other, true) ? other : under(first);
}
