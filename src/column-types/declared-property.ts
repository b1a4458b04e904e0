import { type EntityProperty, MetadataStorage } from '@mikro-orm/core';
import type { ClassType } from 'type-graphql';

/** A property as the decorators of an entity, or of a class that it extends, declare it. No ORM need be there. */
export function declaredProperty(entity: ClassType, name: string): Partial<EntityProperty> | undefined {
  for (let type = entity; type?.prototype; type = Object.getPrototypeOf(type)) {
    const path = Object.getOwnPropertyDescriptor(type, MetadataStorage.PATH_SYMBOL)?.value;
    if (path === undefined) continue;
    const { properties } = MetadataStorage.getMetadata<Record<string, unknown>>(type.name, path, type);
    if (properties[name] !== undefined) return properties[name];
  }
  return undefined;
}
