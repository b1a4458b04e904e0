import type { TableNames } from '../../entities/table.ts';
import { capitalized } from '../../util/capitalized.ts';

/** The names of a table's mutations; its payload and input types are named after them. */
export function mutationNamesOf({ one, many, addedTo }: TableNames) {
  const verb = addedTo === undefined ? 'create' : 'add';
  return {
    create: `${verb}${capitalized(one)}`,
    createMany: `${verb}${capitalized(many)}`,
    update: `update${capitalized(one)}`,
    delete: `delete${capitalized(one)}`,
  };
}

/** How the field that compares a table's rows is named: `patientsCompared`. */
export const comparedSuffix = 'Compared';

/** All root fields that a table brings. */
export function rootFieldsOf(table: TableNames): string[] {
  const { one, many, readOnly, isKeyless } = table;
  return [
    many,
    `${many}Aggregate`,
    ...(isKeyless ? [] : [one, `${many}${comparedSuffix}`]),
    ...(readOnly ? [] : Object.values(mutationNamesOf(table))),
  ];
}
