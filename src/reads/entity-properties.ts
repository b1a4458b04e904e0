import { type EntityMetadata, type EntityProperty, ReferenceKind } from '@mikro-orm/core';

/** An entity's property by its name in the API. */
export function propertyOf(meta: EntityMetadata, name: string): EntityProperty {
  return meta.properties[name] as unknown as EntityProperty;
}

export function isToOne({ kind }: EntityProperty): boolean {
  return kind === ReferenceKind.MANY_TO_ONE || kind === ReferenceKind.ONE_TO_ONE;
}

/** Whether a one-to-one relation has its foreign key in the other table. */
export function isInverse({ kind, owner, mappedBy }: EntityProperty): boolean {
  return kind === ReferenceKind.ONE_TO_ONE && owner !== true && mappedBy !== undefined;
}

/** Whether a property has columns in its entity's own table: the ORM gives other relations the names of theirs. */
export function isColumn(property: EntityProperty): boolean {
  return property.fieldNames !== undefined && !isToMany(property) && !isInverse(property);
}

export function isToMany({ kind }: EntityProperty): boolean {
  return kind === ReferenceKind.ONE_TO_MANY || kind === ReferenceKind.MANY_TO_MANY;
}
