import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import { type EntityField, fieldsOf, fieldTypeOf } from '../column-types/entity-fields.ts';

/**
 * Whether a constant in a row rule is a value of the entity's property: an item as the database has it, a text of a date. MySQL would
 * compare any other by a conversion, in which an item that the column lacks differs from every row.
 */
export function isConstantOf(meta: EntityMetadata, property: EntityProperty): (value: unknown) => boolean {
  const field = fieldOf(meta, property);
  const items = itemsOf(meta, property);
  if (items !== undefined) {
    const isItem = (value: unknown) => items.includes(value);
    return (value) => (Array.isArray(value) ? value.every(isItem) : isItem(value));
  }
  const scalar = field && fieldTypeOf(field);
  return (value) => {
    if (value === null || value === undefined) return false;
    if (typeof scalar !== 'object' || Buffer.isBuffer(value)) return true;
    try {
      scalar.parseValue(scalar.serialize(value));
      return true;
    } catch {
      return false;
    }
  };
}

/** Items of an ENUM or a SET as the database has them. */
export function itemsOf(meta: EntityMetadata, property: EntityProperty): readonly unknown[] | undefined {
  if (property.items !== undefined) return property.items;
  const field = fieldOf(meta, property);
  return field?.kind === 'enum' || field?.kind === 'enums' ? Object.values(field.type()) : undefined;
}

function fieldOf(meta: EntityMetadata, { name }: EntityProperty): EntityField | undefined {
  return fieldsOf(meta.class as never).find((field) => field.name === name);
}
