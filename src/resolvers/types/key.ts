import { type ClassType, Field } from 'type-graphql';
import { valueTypeOf } from '../../column-types/entity-fields.ts';
import { type KeyMember, tableKeyOf } from '../../column-types/table-key.ts';
import { defineInput, defineObject } from './define.ts';

const keys = new Map<ClassType, ClassType>();
const keyInputs = new Map<ClassType, ClassType>();

/** The type of a row's key, as of `@Field`: a scalar, or of several columns an object such as `FilmActorKey`. */
export function keyTypeOf(entity: ClassType): unknown {
  return typeOf(
    entity,
    keys,
    (name) => defineObject(`${name}Key`, `The primary key of a ${name}.`),
    keyTypeOf,
  );
}

/** The same as an argument or in an input: `FilmActorKeyInput`. */
export function keyInputTypeOf(entity: ClassType): unknown {
  const define = (name: string) => defineInput(`${name}KeyInput`, `The primary key of a ${name}.`);
  return typeOf(entity, keyInputs, define, keyInputTypeOf);
}

function typeOf(
  entity: ClassType,
  known: Map<ClassType, ClassType>,
  define: (name: string) => ClassType,
  typeOfParent: (entity: ClassType) => unknown,
): unknown {
  const { members } = tableKeyOf(entity);
  const typeOfMember = ({ field, of }: KeyMember) =>
    of === null ? valueTypeOf(field)() : typeOfParent(field.type() as ClassType);
  const [only, ...others] = members as [KeyMember, ...KeyMember[]];
  if (others.length === 0) return typeOfMember(only);
  let type = known.get(entity);
  if (type === undefined) {
    type = define(entity.name);
    known.set(entity, type);
    for (const member of members) {
      const { name, field, of } = member;
      const description =
        of === null ? field.description : `The key of a ${(field.type() as ClassType).name}.`;
      Field(() => typeOfMember(member) as never, { description })(type.prototype, name);
    }
  }
  return type;
}

/** Gives an entity the field `key`, where none of its properties is called so, and the types of it. */
export function addKeyField(entity: ClassType): void {
  const { place } = tableKeyOf(entity);
  // TypeGraphQL takes no types that are made while it makes the schema.
  keyTypeOf(entity);
  keyInputTypeOf(entity);
  if (place === 'key') return;
  const description = 'The primary key: the same row has the same key in both clouds.';
  Field(() => keyTypeOf(entity) as never, { description })(entity.prototype, 'key');
}
