import type { EntityMetadata } from '@mikro-orm/core';
import { GraphQLFloat } from 'graphql';
import { capabilitiesOf } from '../column-types/column-types.ts';
import { fieldsOf } from '../column-types/entity-fields.ts';

/** Whether the API has the sum or the average of a property as a Float. */
export function isFloatResult(meta: EntityMetadata, name: 'sum' | 'avg', property: string): boolean {
  const field = fieldsOf(meta.class as never).find((each) => each.name === property);
  if (field === undefined) return false;
  const { sum, average } = capabilitiesOf(field);
  return (name === 'sum' ? sum : average) === GraphQLFloat;
}
