import { type ClassType, Int } from 'type-graphql';
import { type EntityField, fieldsOf } from '../../column-types/entity-fields.ts';
import { addFields, type Definition, defineInput } from './define.ts';
import { filterOf } from './filters.ts';

const wheres = new Map<ClassType, ClassType>();
const listFilters = new Map<ClassType, ClassType>();

/** The filter of an entity, such as `PatientWhere`: its columns, its relations, `and`, `or` and `not`. */
export function whereOf(entity: ClassType): ClassType {
  const known = wheres.get(entity);
  if (known !== undefined) return known;
  const where = defineInput(`${entity.name}Where`, `Which ${entity.name} rows: all fields given must hold.`);
  // Known before its fields are made: relations lead back here.
  wheres.set(entity, where);
  addFields(where, [
    ...fieldsOf(entity).map(conditionOn),
    { name: 'and', type: () => [where], description: 'All of these hold. An empty list holds.' },
    { name: 'or', type: () => [where], description: 'One of these holds. An empty list does not.' },
    {
      name: 'not',
      type: () => where,
      description: 'This is false. For a null it is neither true nor false.',
    },
  ]);
  return where;
}

function conditionOn(field: EntityField): Definition {
  const { name, description, kind } = field;
  const related = field.type() as ClassType;
  const condition =
    kind === 'one' ? whereOf(related) : kind === 'many' ? listFilterOf(related) : filterOf(field);
  return { name, description, type: () => condition };
}

const number: EntityField = {
  name: 'count',
  description: '',
  nullable: false,
  type: () => Int,
  kind: 'scalar',
};

function listFilterOf(entity: ClassType): ClassType {
  const known = listFilters.get(entity);
  if (known !== undefined) return known;
  const filter = defineInput(
    `${entity.name}ListFilter`,
    `Conditions on the ${entity.name} rows that belong to a row.`,
  );
  listFilters.set(entity, filter);
  const where = whereOf(entity);
  // TypeGraphQL takes no types that are made while it makes the schema.
  const count = filterOf(number);
  addFields(filter, [
    { name: 'some', type: () => where, description: 'At least one satisfies this.' },
    { name: 'none', type: () => where, description: 'None satisfies this.' },
    { name: 'every', type: () => where, description: 'None makes this false; true where there are none.' },
    { name: 'count', type: () => count, description: 'How many there are.' },
  ]);
  return filter;
}
