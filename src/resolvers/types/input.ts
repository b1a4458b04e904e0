import type { EntityProperty } from '@mikro-orm/core';
import { type ClassType, Field } from 'type-graphql';
import { declaredProperty } from '../../column-types/declared-property.ts';
import { type EntityField, fieldsOf, valueTypeOf } from '../../column-types/entity-fields.ts';
import { isSupplied } from '../../column-types/supplied.ts';
import { tableKeyOf } from '../../column-types/table-key.ts';
import { tableOf } from '../../entities/table.ts';
import { connectField, disconnectField, keyField } from '../../sources/api-names.ts';
import type { Input } from '../../writes/input-fields.ts';
import { defineInput } from './define.ts';
import { keyInputTypeOf } from './key.ts';

interface InputOptions {
  readonly description: string;
  /** Every field can be left out, as in a change. */
  readonly optional?: boolean;
  /** Fields of the entity that the input does not have. */
  readonly without?: readonly string[];
  /** How rows come along with this one, by relation. */
  readonly links?: readonly LinkInputs[];
}

/** The fields by which rows come along a relation. */
export interface LinkInputs {
  readonly relation: string;
  readonly target: ClassType;
  /** The name of its rows. */
  readonly rows: string;
  /** Whether it is one row: its key is given, or null. */
  readonly isOne: boolean;
  /** The input of rows that are created; absent: none can be. */
  readonly create?: ClassType<Input>;
  /** Whether rows that are there can come to belong to it. */
  readonly connects: boolean;
  readonly disconnects: boolean;
}

/** An input type with the columns of an entity that are not generated; a to-one relation is given by its key, as in `patientKey`. */
export function inputOf(
  entity: ClassType,
  name: string,
  { description, optional = false, without = [], links = [] }: InputOptions,
): ClassType<Input> {
  const input = defineInput(name, description);
  const { numbered } = tableKeyOf(entity);
  for (const field of fieldsOf(entity)) {
    if (field.name === numbered || without.includes(field.name)) continue;
    const declared = declaredProperty(entity, field.name) ?? {};
    if (isReadOnly(declared) || tableOf(entity)?.softDelete === field.name) continue;
    // A row keeps its key.
    if (optional && declared.primary === true) continue;
    // Its foreign key is in another table.
    const isElsewhere = field.kind === 'many' || (field.kind === 'one' && declared.mappedBy !== undefined);
    if (!isElsewhere) addColumn(input, field, optional || isMade(declared));
    const link = links.find(({ relation }) => relation === field.name);
    if (link !== undefined) addLink(input, link, optional);
  }
  return input as ClassType<Input>;
}

/** Generated and invisible columns are the database's own. */
function isReadOnly({ generated, extra, columnType }: Declared): boolean {
  return generated !== undefined || /\binvisible\b/i.test(`${extra} ${columnType}`);
}

/** Whether a new row need not be given the value. A key by a default would be one that nothing tells. */
function isMade(declared: Declared): boolean {
  return declared.primary === true ? declared.onCreate !== undefined : isSupplied(declared);
}

type Declared = Partial<EntityProperty> & { readonly columnType?: string };

function addColumn(input: ClassType, field: EntityField, nullable: boolean): void {
  if (field.kind === 'one') {
    const { name } = field.type() as ClassType;
    const description = `Key of a ${name} that the same source has.`;
    const type = () => keyInputTypeOf(field.type() as ClassType) as never;
    Field(type, { nullable, description })(input.prototype, keyField(field.name));
  } else {
    Field(valueTypeOf(field) as never, { nullable, description: field.description })(
      input.prototype,
      field.name,
    );
  }
}

/** @param isChange whether the row is there, so that others can belong to it already */
function addLink(
  input: ClassType,
  { relation, target, rows, isOne, create, connects, disconnects }: LinkInputs,
  isChange: boolean,
): void {
  const add = (name: string, type: () => unknown, description: string) =>
    Field(type as never, { nullable: true, description })(input.prototype, name);
  const key = () => keyInputTypeOf(target);
  const keys = () => [keyInputTypeOf(target)];
  if (isOne) {
    const none = disconnects ? '; null: none does' : '';
    add(keyField(relation), key, `Key of the one of the ${rows} that comes to belong to this row${none}.`);
    return;
  }
  if (create !== undefined) {
    add(relation, () => [create], 'Rows to be created along with this one, at most 1000.');
  }
  if (!connects) return;
  add(connectField(relation), keys, `Keys of ${rows} that come to belong to this row, at most 1000.`);
  if (!isChange || !disconnects) return;
  add(disconnectField(relation), keys, `Keys of ${rows} that no longer belong to this row, at most 1000.`);
}
