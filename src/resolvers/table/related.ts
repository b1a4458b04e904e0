import type { ClassType } from 'type-graphql';
import { fieldsOf } from '../../column-types/entity-fields.ts';
import { EntityError } from '../../errors/entity-error.ts';

/** The entity that a relation of another leads to. */
export function relatedOf(entity: ClassType, relation: string): ClassType {
  const field = fieldsOf(entity).find(({ name }) => name === relation);
  if (field === undefined) {
    throw new EntityError([
      {
        entity: entity.name,
        property: relation,
        cause: 'is named by @Table, and the entity has no field of that name',
        remedy: 'name a relation of the entity, with its @Field',
      },
    ]);
  }
  return field.type() as ClassType;
}
