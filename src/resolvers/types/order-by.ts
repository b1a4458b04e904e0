import { type ClassType, registerEnumType } from 'type-graphql';
import { capabilitiesOf } from '../../column-types/column-types.ts';
import { columnFieldsOf } from '../../column-types/entity-fields.ts';
import { addFields, defineInput } from './define.ts';

const SortDirection = { ASC: 'ASC', DESC: 'DESC' } as const;

registerEnumType(SortDirection, {
  name: 'SortDirection',
  description: 'A direction to sort in.',
  valuesConfig: {
    ASC: { description: 'Least first; null before every value.' },
    DESC: { description: 'Greatest first; null after every value.' },
  },
});

/** One step of an order, such as `PatientOrderBy`; each element of `orderBy` names one field. */
export function orderByOf(entity: ClassType): ClassType {
  const orderBy = defineInput(
    `${entity.name}OrderBy`,
    `One step of an order of ${entity.name} rows: name one field.`,
  );
  addFields(
    orderBy,
    columnFieldsOf(entity)
      .filter((field) => capabilitiesOf(field).orders)
      .map(({ name, description }) => ({ name, description, type: () => SortDirection })),
  );
  return orderBy;
}
