import { type EntityProperty, EnumType, type Type, t } from '@mikro-orm/core';
import type { ColumnType } from '../../column-types/column-type.ts';
import { columnTypeOf, columnTypes } from '../../column-types/column-types.ts';
import { type EntityField, fieldTypeOf } from '../../column-types/entity-fields.ts';
import { mysqlTypeOf } from '../../column-types/mysql-type.ts';
import type { Explanation } from '../../errors/explanation.ts';

/** The fault of a column that has a `@Field`; null where it has none. */
export function columnFault(property: EntityProperty, field: EntityField): Explanation | null {
  const type = mysqlTypeOf(property);
  if (property.persist === false || type === undefined) {
    return { cause: 'has a @Field and no column', remedy: 'let a generated column or a view compute it' };
  }
  if (columnTypeOf(type, field) === undefined) {
    const possible = columnTypes.filter(({ serves }) => serves(type)).map(({ field: of }) => nameOf(of));
    if (possible.length === 0) {
      return {
        cause: `has a column of type ${type.name}, which the API does not serve yet`,
        remedy: 'remove its @Field: the column is then hidden',
      };
    }
    return {
      cause: `has a column of type ${property.columnTypes[0]} and a @Field of type ${graphqlNameOf(field)}`,
      remedy: `let the @Field have ${possible.join(' or ')}`,
    };
  }
  if (property.customType !== undefined && !isOfTheOrm(property.customType)) {
    return {
      cause: `has the custom type ${property.customType.constructor.name}, whose conversions the API does not run`,
      remedy: "use a type of MikroORM's own for the column",
    };
  }
  return field.kind === 'enum' || field.kind === 'enums' ? enumFault(type.items, field) : null;
}

/** The ORM's own types convert between the driver and entities: reads and writes make no entities, and need none of it. */
function isOfTheOrm(type: Type<unknown>): boolean {
  return ([...Object.values(t), EnumType] as unknown[]).includes(type.constructor);
}

/** An item that the enum of the field lacks could not be answered, and of two names for one item a client would get either. */
function enumFault(items: readonly string[], field: EntityField): Explanation | null {
  const known = Object.values(field.type());
  const missing = items.filter((item) => !known.includes(item));
  if (missing.length > 0) {
    return {
      cause: `has an item that its @Field's enum lacks: ${missing.join(', ')}`,
      remedy: 'let the column and the @Field have the same enum',
    };
  }
  if (new Set(known).size === known.length) return null;
  return {
    cause: 'has an enum with two names for one item',
    remedy: 'give each item one name',
  };
}

function graphqlNameOf(field: EntityField): string {
  const type = fieldTypeOf(field);
  if (type !== undefined) return nameOf(type);
  const other = field.type();
  return typeof other === 'function' ? other.name : 'another type';
}

function nameOf(type: ColumnType['field']): string {
  if (typeof type !== 'string') return type.name;
  return type === 'enum' ? 'an enum' : 'a list of an enum';
}
