import type { ClassType } from 'type-graphql';
import { type TableNames, tableOf } from '../../entities/table.ts';
import { capitalized } from '../../util/capitalized.ts';
import type { Input } from '../../writes/input-fields.ts';
import { isEmpty } from '../types/define.ts';
import { inputOf, type LinkInputs } from '../types/input.ts';
import { type LinkField, linkFieldsOf } from './link-fields.ts';
import { mutationNamesOf } from './names.ts';
import { relatedOf } from './related-entity.ts';
import { wordingOf } from './wording.ts';

/** The input types of a table's mutations. */
export interface TableInputs {
  readonly create: ClassType<Input>;
  readonly update: ClassType<Input>;
}

/** Makes the inputs of an entity, such as `CreatePatientInput`, with those of the rows that a create brings along. */
export function inputsOf(entity: ClassType, table: TableNames): TableInputs {
  const { aRow, row } = wordingOf(entity);
  const names = mutationNamesOf(table);
  const typeName = (mutation: string) => `${capitalized(mutation)}Input`;
  const { addedTo, creates } = table;
  const links = linkFieldsOf(entity).map((link): LinkInputs => {
    const { name, target, kind, back, connects, disconnects } = link;
    const { rows, aRow: aChild } = wordingOf(target);
    const of = { relation: name, target, rows, connects, disconnects, isOne: kind === 'one' };
    if (!createsRows(link)) return of;
    const create = inputOf(target, createdTypeOf(table, name), {
      description: `${capitalized(aChild)} to be created with its ${row}.`,
      without: back === null ? [] : [back],
    });
    return isEmpty(create) ? of : { ...of, create };
  });
  const withChildren = Object.keys(creates)
    .map((relation) => `, with ${wordingOf(relatedOf(entity, relation)).rows} or without`)
    .join('');
  const brought =
    addedTo === undefined
      ? `created${withChildren}`
      : `added to ${wordingOf(relatedOf(entity, addedTo)).aRow}`;
  return {
    create: inputOf(entity, typeName(names.create), {
      description: `${capitalized(aRow)} to be ${brought}.`,
      links,
    }),
    update: inputOf(entity, typeName(names.update), {
      description: `Fields of ${aRow}. One that is left out is not meant; null means null.`,
      optional: true,
      links,
    }),
  };
}

/** Whether rows along a relation can be created with the one that they belong to. */
export function createsRows({ kind, target }: LinkField): boolean {
  return kind === 'many' && tableOf(target)?.readOnly === false;
}

/** The name of the input of such rows: `CreatePatientRecordInput`, by `creates` of `@Table`, or else `CreateFilmWithActorsInput`. */
export function createdTypeOf(table: TableNames, relation: string): string {
  const { create } = mutationNamesOf(table);
  return `${capitalized(create)}${capitalized(table.creates[relation] ?? `with${capitalized(relation)}`)}Input`;
}
