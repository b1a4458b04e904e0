import { type ClassType, Field, getMetadataStorage, InputType, ObjectType } from 'type-graphql';

/** A field to be defined; always nullable, since a request gives or gets some of them only. */
export interface Definition {
  readonly name: string;
  readonly description: string;
  /** As in `@Field(type)`. */
  readonly type: () => unknown;
}

/** An input type whose fields follow from an entity: `@InputType` for a class made here. */
export function defineInput(name: string, description: string): ClassType {
  const type = class {};
  InputType(name, { description })(type);
  return type;
}

/** The same for an object type. */
export function defineObject(name: string, description: string): ClassType {
  const type = class {};
  ObjectType(name, { description, simpleResolvers: true })(type);
  return type;
}

/** Whether a type has no field, as no type of GraphQL may. */
export function isEmpty(type: ClassType): boolean {
  return getMetadataStorage().fields.every(({ target }) => target !== type);
}

export function addFields(type: ClassType, fields: readonly Definition[]): void {
  for (const { name, description, type: thunk } of fields) {
    Field(thunk as never, { nullable: true, description })(type.prototype, name);
  }
}
