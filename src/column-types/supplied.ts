import type { EntityProperty } from '@mikro-orm/core';

/** A property as the ORM has it, or as its decorator declares it. */
type Declared = Pick<
  Partial<EntityProperty>,
  'nullable' | 'default' | 'defaultRaw' | 'autoincrement' | 'generated' | 'onCreate'
>;

/**
 * Whether the database, or the entity's own function, supplies a column that a new row is not given: https://dev.mysql.com/doc/refman/8.4/en/data-type-defaults.html
 */
export function isSupplied({
  nullable,
  default: value,
  defaultRaw,
  autoincrement,
  generated,
  onCreate,
}: Declared): boolean {
  return (
    nullable === true ||
    onCreate !== undefined ||
    value !== undefined ||
    defaultRaw !== undefined ||
    autoincrement === true ||
    generated !== undefined
  );
}
