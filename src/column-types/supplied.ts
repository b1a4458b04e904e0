import type { EntityProperty } from '@mikro-orm/core';

/** A property as the ORM has it, or as its decorator declares it. */
type Declared = Pick<
  Partial<EntityProperty>,
  'nullable' | 'default' | 'defaultRaw' | 'autoincrement' | 'generated'
>;

/**
 * Whether the database supplies a column that a new row is not given: https://dev.mysql.com/doc/refman/8.4/en/data-type-defaults.html
 */
export function isSupplied({
  nullable,
  default: value,
  defaultRaw,
  autoincrement,
  generated,
}: Declared): boolean {
  return (
    nullable === true ||
    value !== undefined ||
    defaultRaw !== undefined ||
    autoincrement === true ||
    generated !== undefined
  );
}
