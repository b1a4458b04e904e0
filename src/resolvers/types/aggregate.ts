import { ArgsType, type ClassType, Field, Int, registerEnumType } from 'type-graphql';
import { capabilitiesOf } from '../../column-types/column-types.ts';
import { columnFieldsOf, valueTypeOf } from '../../column-types/entity-fields.ts';
import type { AggregateRequest } from '../../reads/aggregate.ts';
import type { Where } from '../../reads/filter-to-condition.ts';
import { ReadArgs } from './arguments.ts';
import { addFields, type Definition, defineObject } from './define.ts';
import { whereOf } from './where.ts';

/** The aggregate type of an entity, such as `PatientAggregate`, and the arguments of the field that returns it. */
export function aggregateOf(entity: ClassType) {
  const { name } = entity;
  const columns = columnFieldsOf(entity).map((field) => ({ ...field, can: capabilitiesOf(field) }));
  const fields = columns
    .filter(({ can }) => can.groups)
    .map((field) => ({ ...field, type: valueTypeOf(field) }));
  const values = functionsOf(`${name}Values`, `Values of some columns of ${name}.`, fields);
  const counts = functionsOf(
    `${name}Counts`,
    `Numbers of different values of columns of ${name}.`,
    fields.map((field) => ({ ...field, type: () => Int })),
  );
  const sums = functionsOf(
    `${name}Sums`,
    `Sums of the numeric columns of ${name}.`,
    columns.flatMap((field) => (field.can.sum === null ? [] : [{ ...field, type: () => field.can.sum }])),
  );
  const averages = functionsOf(
    `${name}Averages`,
    `Averages of the numeric columns of ${name}.`,
    columns.flatMap((field) =>
      field.can.average === null ? [] : [{ ...field, type: () => field.can.average }],
    ),
  );

  const type = defineObject(`${name}Aggregate`, `Functions of a group of ${name} rows.`);
  const add = (field: string, of: ClassType | typeof Int | null, description: string) => {
    // A table without such columns has no such field: an object of GraphQL needs one.
    if (of !== null) Field(() => of as ClassType, { description })(type.prototype, field);
  };
  add('group', values, 'The values that the group has in common; null for other columns.');
  add('count', Int, 'Rows in the group.');
  add('countDistinct', counts, 'How many different values each column has, null not counted.');
  add('min', values, 'The least value of each column; null where there is none.');
  add('max', values, 'The greatest value of each column; null where there is none.');
  add('avg', averages, 'The average of each numeric column; null where there is none.');
  add('sum', sums, 'The sum of each numeric column; null where there is none.');

  const where = whereOf(entity);

  @ArgsType()
  class EntityAggregateArgs extends ReadArgs {
    @Field(() => where, { nullable: true, description: 'Which rows; all of them where it is left out.' })
    where?: Where | null;
  }
  if (fields.length > 0) {
    const groupField = groupFieldOf(name, fields);
    Field(() => [groupField], {
      nullable: true,
      description: 'What rows of one group have in common; without it, all rows are one group.',
    })(EntityAggregateArgs.prototype, 'groupBy');
  }
  return { type, args: EntityAggregateArgs as ClassType<ReadArgs & AggregateRequest> };
}

/** Null where there is no column. */
function functionsOf(name: string, description: string, fields: readonly Definition[]): ClassType | null {
  if (fields.length === 0) return null;
  const type = defineObject(name, description);
  addFields(type, fields);
  return type;
}

function groupFieldOf(name: string, fields: readonly Definition[]): object {
  const groupField = Object.fromEntries(fields.map((field) => [field.name, field.name]));
  registerEnumType(groupField, {
    name: `${name}GroupField`,
    description: `A column that ${name} rows can be grouped by.`,
    valuesConfig: Object.fromEntries(fields.map((field) => [field.name, { description: field.description }])),
  });
  return groupField;
}
