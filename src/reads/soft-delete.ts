import type { EntityMetadata } from '@mikro-orm/core';
import { mysqlTypeOf } from '../column-types/mysql-type.ts';
import { tableOf } from '../entities/table.ts';
import { propertyOf } from './entity-properties.ts';
import type { Where } from './filter-to-condition.ts';

/** How a table keeps its deleted rows. */
export interface SoftDelete {
  readonly property: string;
  /** Whether the column is true for a row that is deleted, where others have the time. */
  readonly isFlag: boolean;
}

/** Null of a table whose rows are deleted. */
export function softDeleteOf(meta: EntityMetadata): SoftDelete | null {
  const property = tableOf(meta.class as never)?.softDelete;
  if (property === undefined || !Object.hasOwn(meta.properties, property)) return null;
  const type = mysqlTypeOf(propertyOf(meta, property))?.name;
  return { property, isFlag: type !== 'datetime' && type !== 'timestamp' };
}

/** The condition of rows that are not deleted; null of a table without soft delete. */
export function notDeleted(meta: EntityMetadata): Where | null {
  const deleted = softDeleteOf(meta);
  return deleted === null ? null : { [deleted.property]: deleted.isFlag ? { eq: false } : { isNull: true } };
}
