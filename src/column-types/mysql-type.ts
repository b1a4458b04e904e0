import type { EntityProperty } from '@mikro-orm/core';
import { type MysqlType, parseMysqlType } from '../sql/mysql-type.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';

/** The type of a property's first column; undefined for a property without one. The ORM may keep the sign apart. */
export const mysqlTypeOf = memoizeWeak((property: EntityProperty): MysqlType | undefined => {
  const text = property.columnTypes?.[0];
  if (text === undefined) return undefined;
  const type = parseMysqlType(text);
  const items =
    type.items.length > 0 ? type.items : ((property.items ?? []) as readonly unknown[]).map(String);
  const numbers = type.name.endsWith('char') && property.length != null ? [property.length] : type.numbers;
  return {
    ...type,
    numbers,
    isUnsigned: type.isUnsigned || (property.unsigned === true && isNumeric(type.name)),
    items,
  };
});

const isNumeric = (name: string) => /int$|^(?:decimal|float|double)$/.test(name);

/** The type as decorators declare it, before the ORM has completed it: undefined where they leave it to the ORM. */
export function declaredTypeOf({
  columnType,
  type,
}: Partial<EntityProperty> & { columnType?: string }): MysqlType | undefined {
  const text = columnType ?? (typeof type === 'string' ? type : undefined);
  return text === undefined ? undefined : parseMysqlType(text);
}
