import type { ClassType } from 'type-graphql';
import type { TableNames } from '../../entities/table.ts';
import type { Input } from '../../writes/input.ts';
import { capitalized } from '../types/capitalized.ts';
import { inputOf } from '../types/input.ts';
import { mutationNamesOf } from './names.ts';
import { backReferenceOf, relatedOf } from './related.ts';
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
  const children = Object.entries(creates).map(([relation, singular]) => {
    const child = relatedOf(entity, relation);
    const input = inputOf(child, typeName(`${names.create}${capitalized(singular)}`), {
      description: `${capitalized(wordingOf(child).aRow)} to be created with its ${row}.`,
      without: [backReferenceOf(entity, relation)],
    });
    return { relation, input, rows: wordingOf(child).rows };
  });
  const withChildren = children.map(({ rows }) => `, with ${rows} or without`).join('');
  const brought =
    addedTo === undefined
      ? `created${withChildren}`
      : `added to ${wordingOf(relatedOf(entity, addedTo)).aRow}`;
  return {
    create: inputOf(entity, typeName(names.create), {
      description: `${capitalized(aRow)} to be ${brought}.`,
      children: Object.fromEntries(children.map(({ relation, input }) => [relation, input])),
    }),
    update: inputOf(entity, typeName(names.update), {
      description: `Fields of ${aRow}. One that is left out is not meant; null means null.`,
      optional: true,
    }),
  };
}
