import { type EntityProperty, MetadataStorage } from '@mikro-orm/core';
import type { ClassType } from 'type-graphql';

/** A property as the decorators of an entity, or of a class that it extends, declare it. No ORM need be there. */
export function declaredProperty(entity: ClassType, name: string): Partial<EntityProperty> | undefined {
  const all = declaredProperties(entity);
  return Object.hasOwn(all, name) ? all[name] : undefined;
}

/** All of them, by name. */
export function declaredProperties(entity: ClassType): Readonly<Record<string, Partial<EntityProperty>>> {
  const all: Record<string, Partial<EntityProperty>> = {};
  for (let type = entity; type?.prototype; type = Object.getPrototypeOf(type)) {
    const path = Object.getOwnPropertyDescriptor(type, MetadataStorage.PATH_SYMBOL)?.value;
    if (path === undefined) continue;
    const { properties } = MetadataStorage.getMetadata<Record<string, unknown>>(type.name, path, type);
    for (const [name, property] of Object.entries(properties)) all[name] ??= property;
  }
  return all;
}
