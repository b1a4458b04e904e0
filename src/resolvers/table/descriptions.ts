import type { ClassType } from 'type-graphql';
import { fieldsOf } from '../../column-types/entity-fields.ts';
import type { TableNames } from '../../entities/table.ts';
import { relatedOf } from './related-entity.ts';
import { wordingOf } from './wording.ts';

/** The descriptions of the mutations that bring rows. */
export function describeCreate(entity: ClassType, { addedTo, creates }: TableNames) {
  const { aRow, rows } = wordingOf(entity);
  if (addedTo !== undefined) {
    const parent = wordingOf(relatedOf(entity, addedTo));
    return {
      one: `Adds ${aRow} to ${parent.aRow} of one source.`,
      many: `Adds ${rows} to ${parent.rows} of one source: all of them or none.`,
    };
  }
  const brought = Object.keys(creates).map((relation) => wordingOf(relatedOf(entity, relation)).rows);
  const with_ = (inputs: string) =>
    brought.length === 0 ? '' : `, with the ${brought.join(' and ')} in ${inputs}`;
  return {
    one: `Creates ${aRow} in one source${with_('its input')}.`,
    many: `Creates ${rows} in one source${with_('their inputs')}: all of them or none.`,
  };
}

export function describeDelete(entity: ClassType, { deleteDescription }: TableNames): string {
  const { aRow } = wordingOf(entity);
  const hasChildren = fieldsOf(entity).some(({ kind }) => kind === 'many');
  const unlessReferred = hasChildren ? ' While other rows refer to it, the error may be REFERENCED.' : '';
  return deleteDescription ?? `Deletes ${aRow}.${unlessReferred}`;
}
