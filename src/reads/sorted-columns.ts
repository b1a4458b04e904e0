import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { columnNamed, foreignColumnsOf } from '../column-types/column-types.ts';
import { foreignColumn } from '../column-types/table-key.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { parseMysqlType } from '../sql/mysql-type.ts';
import type { Order } from './order.ts';
import { codecAt, endOf } from './order-path.ts';
import type { ItemPositions } from './place-values.ts';
import type { QueryRunner } from './query-runner.ts';

/** Milliseconds for which a source's columns are taken to be the same: a migration may change one at any time. */
const fresh = 10_000;

/** The facts of one source's own columns that a cursor needs. */
interface SortedColumns {
  readonly positions: ItemPositions;
  /** Properties that MySQL sorts by the beginning of their values, and compares as a whole. */
  readonly sortedInPart: ReadonlySet<string>;
}

interface Known {
  readonly until: number;
  readonly columns: Promise<SortedColumns>;
}

/** Whether a cursor of this order has to know how the source sorts its columns. */
export function needsPositions(meta: EntityMetadata, order: Order): boolean {
  return order.some(({ property }) => {
    const { positions, exceedsSortLength = false } = codecAt(meta, property);
    return positions !== undefined || exceedsSortLength;
  });
}

/** @throws TandemError BAD_USER_INPUT where pages in the order would lose rows */
export type ItemPositionsOf = (
  runner: Pick<QueryRunner, 'rows'>,
  meta: EntityMetadata,
  order: Order,
) => Promise<ItemPositions>;

/**
 * Reads the items of the ENUM and SET columns of tables from one source's own catalogue: another source, or the entity, may have
 * them in another order.
 */
export function itemPositionsOf(): ItemPositionsOf {
  const known = new Map<string, Known>();
  function columnsOf(runner: Pick<QueryRunner, 'rows'>, meta: EntityMetadata): Promise<SortedColumns> {
    const now = performance.now();
    const found = known.get(meta.tableName);
    if (found !== undefined && found.until > now) return found.columns;
    const columns = read(runner, meta);
    known.set(meta.tableName, { until: now + fresh, columns });
    columns.catch(() => known.delete(meta.tableName));
    return columns;
  }
  return async (runner, meta, order) => {
    const positions = new Map<string, readonly string[]>();
    for (const { property: path } of order) {
      const { meta: of, property, isCount } = endOf(meta, path);
      if (isCount || !needsPositions(of, [{ property, direction: 'asc' }])) continue;
      const columns = await columnsOf(runner, of);
      const items = columns.positions.get(property);
      if (items !== undefined) positions.set(path, items);
      if (columns.sortedInPart.has(property)) throw sortsInPart(property);
    }
    return positions;
  };
}

function sortsInPart(property: string): TandemError {
  return new TandemError('BAD_USER_INPUT', {
    message: `orderBy: MySQL sorts ${property} by its first 1024 bytes, since its collation pads, so that pages behind a cursor can lose rows. Order by another field, or give the column a collation that does not pad, such as utf8mb4_0900_ai_ci.`,
  });
}

async function read(runner: Pick<QueryRunner, 'rows'>, meta: EntityMetadata): Promise<SortedColumns> {
  const sql =
    "select column_name as name, cast(column_type as char) as type, (select pad_attribute from information_schema.collations where collations.collation_name = columns.collation_name) = 'PAD SPACE' as pads from information_schema.columns where table_schema = database() and lower(table_name) = lower(?) and (collation_name is not null or data_type in ('enum', 'set'))";
  const rows = await runner.rows<{ name: string; type: string; pads: number }>({
    sql,
    params: [meta.tableName],
    isScan: false,
  });
  const byColumn = new Map(rows.map((row) => [row.name, row]));
  const positions = new Map<string, readonly string[]>();
  const sortedInPart = new Set<string>();
  for (const name of meta.props.flatMap(columnNamesOf)) {
    const { column: of, codec } = columnNamed(meta, name);
    const column = byColumn.get(of);
    if (column === undefined) continue;
    if (codec.positions !== undefined) positions.set(name, parseMysqlType(column.type).items);
    if (codec.exceedsSortLength && column.pads === 1) sortedInPart.add(name);
  }
  return { positions, sortedInPart };
}

/** The names of a property's columns; those of a foreign key are parts of a key, too. */
function columnNamesOf(property: EntityProperty): string[] {
  if (property.fieldNames === undefined) return [];
  if (property.targetMeta === undefined) return [property.name];
  return foreignColumnsOf(property).map((_, at) => foreignColumn(property.name, at));
}
