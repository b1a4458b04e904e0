import { type EntityProperty, EnumType, type Type, t } from '@mikro-orm/core';
import type { ColumnType } from '../../column-types/column-type.ts';
import { columnTypeOf, columnTypes } from '../../column-types/column-types.ts';
import { type EntityField, fieldTypeOf } from '../../column-types/entity-fields.ts';
import { mysqlTypeOf } from '../../column-types/mysql-type.ts';
import type { EntityFault } from '../../errors/entity-error.ts';

type Fault = Pick<EntityFault, 'problem' | 'remedy'>;

/** What is wrong with a column that has a `@Field`; null where nothing is. */
export function columnFault(property: EntityProperty, field: EntityField): Fault | null {
  const type = mysqlTypeOf(property);
  if (property.persist === false || type === undefined) {
    return { problem: 'has a @Field and no column', remedy: 'let a generated column or a view compute it' };
  }
  if (columnTypeOf(type, field) === undefined) {
    const possible = columnTypes.filter(({ serves }) => serves(type)).map(({ field: of }) => nameOf(of));
    if (possible.length === 0) {
      return {
        problem: `has a column of type ${type.name}, which the API does not serve yet`,
        remedy: 'remove its @Field: the column is then hidden',
      };
    }
    return {
      problem: `has a column of type ${property.columnTypes[0]} and a @Field of type ${graphqlNameOf(field)}`,
      remedy: `let the @Field have ${possible.join(' or ')}`,
    };
  }
  if (property.customType !== undefined && !isOfTheOrm(property.customType)) {
    return {
      problem: `has the custom type ${property.customType.constructor.name}, whose conversions the API does not run`,
      remedy: "use a type of MikroORM's own for the column",
    };
  }
  return field.kind === 'enum' ? enumFault(type.items, field) : null;
}

/** The ORM's own types convert between the driver and entities: reads and writes make no entities, and need none of it. */
function isOfTheOrm(type: Type<unknown>): boolean {
  return ([...Object.values(t), EnumType] as unknown[]).includes(type.constructor);
}

/**
 * MySQL sorts an ENUM by the position of its items and compares it as text, so that paging needs both to agree, whichever
 * collation the column has. https://dev.mysql.com/doc/refman/8.4/en/enum.html#enum-sorting
 */
function enumFault(texts: readonly string[], field: EntityField): Fault | null {
  const known = Object.values(field.type());
  const missing = texts.filter((item) => !known.includes(item));
  if (missing.length > 0) {
    return {
      problem: `has an item that its @Field's enum lacks: ${missing.join(', ')}`,
      remedy: 'let the column and the @Field have the same enum',
    };
  }
  const ascends = texts.every((item, at) => at === 0 || isBefore(texts[at - 1] as string, item));
  if (ascends) return null;
  return {
    problem: 'has an ENUM whose items do not ascend as text, by which pages would lose rows',
    remedy: 'list its items in alphabetical order, in the entity and in the table',
  };
}

function isBefore(one: string, other: string): boolean {
  return one < other && one.localeCompare(other, 'en', { sensitivity: 'base' }) < 0;
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
