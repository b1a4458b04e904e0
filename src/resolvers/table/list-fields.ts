import { type GraphQLField, GraphQLNonNull, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import type { ClassType } from 'type-graphql';
import { fieldsOf } from '../../column-types/entity-fields.ts';
import { tableOf } from '../../entities/table.ts';
import { aggregateSuffix } from '../../reads/selection.ts';
import { relatedOf } from './related-entity.ts';
import { wordingOf } from './wording.ts';

type Field = GraphQLField<unknown, unknown>;

/**
 * Makes connections of the to-many relations of entities, with the arguments and types that the root fields of their tables have,
 * and puts their aggregates beside them. Neither has a resolver: the read path puts their values into the rows.
 */
export function addListFields(schema: GraphQLSchema, entities: readonly ClassType[]): void {
  const roots = schema.getQueryType()?.getFields() ?? {};
  for (const entity of entities) {
    const fields = (schema.getType(entity.name) as GraphQLObjectType).getFields();
    for (const { name, kind } of fieldsOf(entity)) {
      if (kind !== 'many') continue;
      const related = relatedOf(entity, name);
      const many = tableOf(related)?.many ?? '';
      const [list, aggregate] = [roots[many], roots[`${many}${aggregateSuffix}`]];
      if (list === undefined || aggregate === undefined) continue;
      const { description = null } = fields[name] as Field;
      fields[name] = below(list, name, description);
      const aggregateName = `${name}${aggregateSuffix}`;
      const { rows } = wordingOf(related);
      fields[aggregateName] = below(
        aggregate,
        aggregateName,
        `Its ${rows} counted and summed up, as a whole or by group.`,
      );
    }
  }
}

/** A root field as one of a row, whose source is known. */
function below({ type, args, ...field }: Field, name: string, description: string | null): Field {
  return {
    ...field,
    name,
    description,
    type: new GraphQLNonNull(type as never),
    args: args.filter(({ name: argument }) => argument !== 'source' && argument !== 'orElse'),
    resolve: undefined,
    extensions: {},
    astNode: undefined,
  } as never;
}
