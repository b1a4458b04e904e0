import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import type { Codec } from '../column-types/column-type.ts';
import { primaryKeyOf } from '../column-types/column-types.ts';
import { isColumn, isToMany } from '../reads/properties.ts';
import { fieldOf } from '../sources/api-names.ts';
import type { Value } from '../sql/literal.ts';

/**
 * Values of a row as the API takes them: by the names of its fields, a to-one relation by its key (`patientKey`),
 * children as a list under the relation's name. An absent field and `undefined` are the same; null is a value.
 */
export type Input = Readonly<Record<string, unknown>>;

/** An input and where it stands among the arguments: `input`, `inputs.3`, `inputs.3.records.0`. */
export interface PlacedInput {
  readonly input: Input;
  readonly path: string;
}

/** The properties that an input can give: every column but a key that the database numbers. */
export function writableColumnsOf(meta: EntityMetadata): EntityProperty[] {
  const { numbered } = primaryKeyOf(meta);
  return meta.props.filter((property) => property.name !== numbered && isColumn(property));
}

/** The columns that an input gives, with their values. */
export function givenIn(meta: EntityMetadata, input: Input): [column: EntityProperty, value: unknown][] {
  return writableColumnsOf(meta)
    .map((column): [EntityProperty, unknown] => [column, input[fieldOf(column)]])
    .filter(([, value]) => value !== undefined);
}

/** A value of the API as a parameter. */
export function parameterOf({ bind }: Codec, value: unknown): Value {
  return bind === undefined || value === null ? (value as Value) : bind(value as never);
}

/** The relations whose rows an input can bring along, each with the entity that they are of. */
export function childrenOf({
  relations,
}: EntityMetadata): { relation: EntityProperty; of: EntityMetadata }[] {
  return relations
    .filter(isToMany)
    .map((relation) => ({ relation, of: relation.targetMeta as EntityMetadata }));
}

/** The children that an input brings along under one relation: none where the list is absent or null. */
export function childInputs({ input, path }: PlacedInput, { name }: EntityProperty): PlacedInput[] {
  return placed((input[name] ?? []) as readonly Input[], `${path}.${name}`);
}

export function placed(inputs: readonly Input[], path: string): PlacedInput[] {
  return inputs.map((input, index) => ({ input, path: `${path}.${index}` }));
}
