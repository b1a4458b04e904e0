import { type EntityProperty, type MetadataStorage, ReferenceKind } from '@mikro-orm/core';
import type { Names } from '../errors/from-mysql.ts';

/** The field by which inputs say a property: a to-one relation is given by the key of its row. */
export function fieldOf({ name, kind }: Pick<EntityProperty, 'name' | 'kind'>): string {
  return kind === ReferenceKind.MANY_TO_ONE || kind === ReferenceKind.ONE_TO_ONE ? keyField(name) : name;
}

export function keyField(relation: string): string {
  return `${relation}Key`;
}

/** The fields by which inputs change which rows belong to a row: keys of rows along a to-many relation. */
export function connectField(relation: string): string {
  return `${relation}Connect`;
}

export function disconnectField(relation: string): string {
  return `${relation}Disconnect`;
}

/** The API's names of tables, columns and constraints, for error messages; MySQL's own where no entity has them. */
export function namesIn(metadata: MetadataStorage): Names {
  const all = [...metadata.getAll().values()];
  return {
    type: (table) => all.find(({ tableName }) => tableName === table)?.className ?? table,

    column(column, table) {
      const property = all
        .filter(({ tableName }) => table === undefined || tableName === table)
        .flatMap(({ props }) => props)
        .find(({ fieldNames }) => fieldNames?.includes(column));
      return property === undefined
        ? { field: column }
        : { field: fieldOf(property), length: property.length };
    },

    constraint(name) {
      for (const { properties, uniques, checks, props } of all) {
        const unique =
          uniques.find((index) => index.name === name)?.properties ??
          props.find((property) => property.unique === name)?.name;
        if (unique !== undefined) {
          const of = [unique].flat() as string[];
          return { fields: of.map((property) => fieldOf(properties[property] as EntityProperty)) };
        }
        const expression = checks.find((check) => check.name === name)?.expression;
        if (typeof expression !== 'string') continue;
        const columns = new Map(
          props.flatMap(
            (property) => property.fieldNames?.map((column) => [column, fieldOf(property)]) ?? [],
          ),
        );
        const words = expression.match(/\w+/g) ?? [];
        return {
          fields: [...new Set(words.flatMap((word) => columns.get(word) ?? []))],
          rule: expression.replace(/\w+/g, (word) => columns.get(word) ?? word),
        };
      }
      return { fields: [] };
    },
  };
}
