import type { ClassType } from 'type-graphql';
import { declaredProperty } from '../../column-types/declared-property.ts';
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
        problem: 'is named by @Table, and the entity has no field of that name',
        remedy: 'name a relation of the entity, with its @Field',
      },
    ]);
  }
  return field.type() as ClassType;
}

/** The to-one relation that leads from the rows of a to-many relation back to their owner. */
export function backReferenceOf(entity: ClassType, relation: string): string {
  return String(declaredProperty(entity, relation)?.mappedBy);
}
