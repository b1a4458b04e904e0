import type { EntityMetadata } from '@mikro-orm/core';
import { codecOf } from '../column-types/column-types.ts';
import { parseMysqlType } from '../column-types/mysql-type.ts';
import type { Order } from './order.ts';
import type { ItemPositions } from './place-values.ts';
import type { QueryRunner } from './query-runner.ts';

/** Milliseconds for which a source's items are taken to be the same: a migration may bring one at any time. */
const fresh = 10_000;

interface Known {
  readonly until: number;
  readonly positions: Promise<ItemPositions>;
}

const none: ItemPositions = new Map();

/** Whether a cursor of this order has to know the positions of items. */
export function needsPositions(meta: EntityMetadata, order: Order): boolean {
  return order.some(({ property }) => codecOf(meta, property).positions !== undefined);
}

/**
 * Reads the items of the ENUM and SET columns of tables from one source's own catalogue: another source, or the entity, may have
 * them in another order.
 */
export function itemPositionsOf(): (
  runner: Pick<QueryRunner, 'rows'>,
  meta: EntityMetadata,
) => Promise<ItemPositions> {
  const known = new Map<string, Known>();
  return (runner, meta) => {
    const now = performance.now();
    const found = known.get(meta.tableName);
    if (found !== undefined && found.until > now) return found.positions;
    const positions = read(runner, meta);
    known.set(meta.tableName, { until: now + fresh, positions });
    positions.catch(() => known.delete(meta.tableName));
    return positions;
  };
}

async function read(runner: Pick<QueryRunner, 'rows'>, meta: EntityMetadata): Promise<ItemPositions> {
  const sql =
    "select column_name as name, cast(column_type as char) as type from information_schema.columns where table_schema = database() and lower(table_name) = lower(?) and data_type in ('enum', 'set')";
  const rows = await runner.rows<{ name: string; type: string }>({
    sql,
    params: [meta.tableName],
    isScan: false,
  });
  if (rows.length === 0) return none;
  const byColumn = new Map(rows.map(({ name, type }) => [name, parseMysqlType(type).items]));
  return new Map(
    meta.props.flatMap(({ name, fieldNames }) => {
      const items = byColumn.get(fieldNames?.[0] ?? '');
      return items === undefined ? [] : [[name, items] as const];
    }),
  );
}
