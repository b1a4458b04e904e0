import type { ClassType } from 'type-graphql';
import { type EntityField, fieldsOf } from '../../column-types/entity-fields.ts';

/** The entity that a relation of another leads to; check-declarations.ts has seen that there is one. */
export function relatedOf(entity: ClassType, relation: string): ClassType {
  const field = fieldsOf(entity).find(({ name }) => name === relation) as EntityField;
  return field.type() as ClassType;
}
