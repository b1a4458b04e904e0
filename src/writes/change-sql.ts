import { type EntityMetadata, raw } from '@mikro-orm/core';
import { propertyOf } from '../reads/properties.ts';
import type { Change } from '../sources/transaction.ts';
import { quoteName } from '../sql/quote.ts';

/** Values by the names of an entity's properties. */
type Data = Readonly<Record<string, unknown>>;

/** A condition, with a value for each question mark. */
interface Condition {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** One INSERT of several rows: what one does not give, and others do, the database supplies. */
export function insertSql(meta: EntityMetadata, rows: readonly Data[]): Change {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const marks = `(${names.map(() => '?').join(', ')})`;
  return {
    sql: `insert into ${quoteName(meta.tableName)} (${names.map((name) => columnOf(meta, name)).join(', ')}) values ${rows.map(() => marks).join(', ')}`,
    params: rows.flatMap((row) => names.map((name) => (name in row ? row[name] : supplied))),
  };
}

const supplied = raw('default');

/** An UPDATE of the row with a key, if it meets the conditions. */
export function updateSql(
  meta: EntityMetadata,
  key: number,
  data: Data,
  conditions: readonly Condition[],
): Change {
  const names = Object.keys(data);
  const where = whereSql(meta, key, conditions);
  return {
    sql: `update ${quoteName(meta.tableName)} set ${names.map((name) => `${columnOf(meta, name)} = ?`).join(', ')} ${where.sql}`,
    params: [...names.map((name) => data[name]), ...where.params],
  };
}

/** A DELETE of the row with a key, if it meets the conditions. */
export function deleteSql(meta: EntityMetadata, key: number, conditions: readonly Condition[]): Change {
  const where = whereSql(meta, key, conditions);
  return { sql: `delete from ${quoteName(meta.tableName)} ${where.sql}`, params: where.params };
}

function whereSql(meta: EntityMetadata, key: number, conditions: readonly Condition[]): Condition {
  return {
    sql: [`where ${columnOf(meta, 'key')} = ?`, ...conditions.map(({ sql }) => sql)].join(' and '),
    params: [key, ...conditions.flatMap(({ params }) => params)],
  };
}

function columnOf(meta: EntityMetadata, name: string): string {
  return quoteName(propertyOf(meta, name).fieldNames[0] as string);
}
