import type { EntityProperty } from '@mikro-orm/core';
import { type ClassType, Field, Int } from 'type-graphql';
import { declaredProperty } from '../../column-types/declared-property.ts';
import { type EntityField, fieldsOf, valueTypeOf } from '../../column-types/entity-fields.ts';
import { keyField } from '../../sources/api-names.ts';
import type { Input } from '../../writes/input.ts';
import { defineInput } from './define.ts';

interface InputOptions {
  readonly description: string;
  /** Every field can be left out, as in a change. */
  readonly optional?: boolean;
  /** Fields of the entity that the input does not have. */
  readonly without?: readonly string[];
  /** Input types of rows created along with this one, by relation. */
  readonly children?: Readonly<Record<string, ClassType<Input>>>;
}

/** An input type with the columns of an entity that are not generated; a to-one relation is given by its key, as in `patientKey`. */
export function inputOf(
  entity: ClassType,
  name: string,
  { description, optional = false, without = [], children = {} }: InputOptions,
): ClassType<Input> {
  const input = defineInput(name, description);
  for (const field of fieldsOf(entity)) {
    if (field.name === 'key' || without.includes(field.name)) continue;
    const declared = declaredProperty(entity, field.name) ?? {};
    if (isReadOnly(declared)) continue;
    // Its foreign key is in the other table.
    if (field.kind === 'one' && declared.mappedBy !== undefined) continue;
    if (field.kind === 'many') {
      const child = children[field.name];
      if (child !== undefined) addChildren(input, field.name, child);
    } else addColumn(input, field, optional || field.nullable || isSupplied(declared));
  }
  return input as ClassType<Input>;
}

/** Generated and invisible columns are the database's own. */
function isReadOnly({ generated, extra, columnType }: Declared): boolean {
  return generated !== undefined || /\binvisible\b/i.test(`${extra} ${columnType}`);
}

/** What the database supplies need not be given: https://dev.mysql.com/doc/refman/8.4/en/data-type-defaults.html */
function isSupplied({ default: value, defaultRaw, autoincrement }: Declared): boolean {
  return value !== undefined || defaultRaw !== undefined || autoincrement === true;
}

type Declared = Partial<EntityProperty> & { readonly columnType?: string };

function addColumn(input: ClassType, field: EntityField, nullable: boolean): void {
  if (field.kind === 'one') {
    const { name } = field.type() as ClassType;
    const description = `Key of a ${name} that the same source has.`;
    Field(() => Int, { nullable, description })(input.prototype, keyField(field.name));
  } else {
    Field(valueTypeOf(field) as never, { nullable, description: field.description })(
      input.prototype,
      field.name,
    );
  }
}

function addChildren(input: ClassType, name: string, child: ClassType): void {
  const description = 'Rows to be created along with this one, at most 1000.';
  Field(() => [child], { nullable: true, description })(input.prototype, name);
}
