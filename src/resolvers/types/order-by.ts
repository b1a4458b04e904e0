import { type ClassType, registerEnumType } from 'type-graphql';
import { capabilitiesOf } from '../../column-types/column-types.ts';
import { type EntityField, fieldsOf } from '../../column-types/entity-fields.ts';
import { addFields, type Definition, defineInput } from './define.ts';

const SortDirection = { ASC: 'ASC', DESC: 'DESC' } as const;

registerEnumType(SortDirection, {
  name: 'SortDirection',
  description: 'A direction to sort in.',
  valuesConfig: {
    ASC: { description: 'Least first; null before every value.' },
    DESC: { description: 'Greatest first; null after every value.' },
  },
});

const orders = new Map<ClassType, ClassType>();
const listOrders = new Map<ClassType, ClassType>();

/** One step of an order, such as `PatientOrderBy`; each element of `orderBy` names one field. */
export function orderByOf(entity: ClassType): ClassType {
  const known = orders.get(entity);
  if (known !== undefined) return known;
  const orderBy = defineInput(
    `${entity.name}OrderBy`,
    `One step of an order of ${entity.name} rows: name one field.`,
  );
  // Known before its fields are made: relations lead back here.
  orders.set(entity, orderBy);
  addFields(orderBy, fieldsOf(entity).flatMap(stepOf));
  return orderBy;
}

function stepOf(field: EntityField): Definition[] {
  const { name, description, kind, type } = field;
  if (kind === 'one' || kind === 'many') {
    const order = (kind === 'one' ? orderByOf : listOrderOf)(type() as ClassType);
    return [{ name, description, type: () => order }];
  }
  return capabilitiesOf(field).orders ? [{ name, description, type: () => SortDirection }] : [];
}

function listOrderOf(entity: ClassType): ClassType {
  const known = listOrders.get(entity);
  if (known !== undefined) return known;
  const order = defineInput(
    `${entity.name}ListOrderBy`,
    `One step of an order by the ${entity.name} rows that belong to a row.`,
  );
  listOrders.set(entity, order);
  addFields(order, [{ name: 'count', description: 'How many there are.', type: () => SortDirection }]);
  return order;
}
