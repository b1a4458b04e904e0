import { ArgsType, type ClassType, Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { capabilitiesOf } from '../../column-types/column-types.ts';
import { columnFieldsOf, valueTypeOf } from '../../column-types/entity-fields.ts';
import type { AggregateRequest } from '../../reads/aggregate.ts';
import type { Where } from '../../reads/filter-to-condition.ts';
import { ReadArgs } from './arguments.ts';
import { addFields, defineObject } from './define.ts';
import { whereOf } from './where.ts';

/** The aggregate type of an entity, such as `PatientAggregate`, and the arguments of the field that returns it. */
export function aggregateOf(entity: ClassType) {
  const { name } = entity;
  const columns = columnFieldsOf(entity).map((field) => ({ ...field, can: capabilitiesOf(field) }));
  const fields = columns
    .filter(({ can }) => can.groups)
    .map((field) => ({ ...field, type: valueTypeOf(field) }));
  const groupField = Object.fromEntries(fields.map((field) => [field.name, field.name]));
  registerEnumType(groupField, {
    name: `${name}GroupField`,
    description: `A column that ${name} rows can be grouped by.`,
    valuesConfig: Object.fromEntries(fields.map((field) => [field.name, { description: field.description }])),
  });

  const values = defineObject(`${name}Values`, `Values of some columns of ${name}.`);
  addFields(values, fields);
  const counts = defineObject(`${name}Counts`, `Numbers of different values of columns of ${name}.`);
  addFields(
    counts,
    fields.map((field) => ({ ...field, type: () => Int })),
  );
  const sums = defineObject(`${name}Sums`, `Sums of the numeric columns of ${name}.`);
  addFields(
    sums,
    columns.flatMap((field) => (field.can.sum === null ? [] : [{ ...field, type: () => field.can.sum }])),
  );
  const averages = defineObject(`${name}Averages`, `Averages of the numeric columns of ${name}.`);
  addFields(
    averages,
    columns.flatMap((field) =>
      field.can.average === null ? [] : [{ ...field, type: () => field.can.average }],
    ),
  );

  @ObjectType(`${name}Aggregate`, {
    simpleResolvers: true,
    description: `Functions of a group of ${name} rows.`,
  })
  class EntityAggregate {
    @Field(() => values, { description: 'The values that the group has in common; null for other columns.' })
    readonly group!: object;

    @Field(() => Int, { description: 'Rows in the group.' })
    readonly count!: number;

    @Field(() => counts, { description: 'How many different values each column has, null not counted.' })
    readonly countDistinct!: object;

    @Field(() => values, { description: 'The least value of each column; null where there is none.' })
    readonly min!: object;

    @Field(() => values, { description: 'The greatest value of each column; null where there is none.' })
    readonly max!: object;

    @Field(() => averages, { description: 'The average of each numeric column; null where there is none.' })
    readonly avg!: object;

    @Field(() => sums, { description: 'The sum of each numeric column; null where there is none.' })
    readonly sum!: object;
  }

  const where = whereOf(entity);

  @ArgsType()
  class EntityAggregateArgs extends ReadArgs {
    @Field(() => where, { nullable: true, description: 'Which rows; all of them where it is left out.' })
    where?: Where | null;

    @Field(() => [groupField], {
      nullable: true,
      description: 'What rows of one group have in common; without it, all rows are one group.',
    })
    groupBy?: readonly string[] | null;
  }
  return {
    type: EntityAggregate,
    args: EntityAggregateArgs as ClassType<ReadArgs & AggregateRequest>,
  };
}
