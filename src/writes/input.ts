import { type EntityMetadata, type EntityProperty, isRaw, raw } from '@mikro-orm/core';
import { type AutomaticOption, automaticValues } from '../column-types/automatic.ts';
import type { Codec } from '../column-types/column-type.ts';
import { codecOf } from '../column-types/column-types.ts';
import { isColumn, isToMany } from '../reads/properties.ts';
import { fieldOf } from '../sources/api-names.ts';

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

/** The properties that an input can give: every column but the primary key. */
export function writableColumnsOf({ props }: EntityMetadata): EntityProperty[] {
  return props.filter((property) => property.primary !== true && isColumn(property));
}

/** The columns that an input gives, with their values. */
export function givenIn(meta: EntityMetadata, input: Input): [column: EntityProperty, value: unknown][] {
  return writableColumnsOf(meta)
    .map((column): [EntityProperty, unknown] => [column, input[fieldOf(column)]])
    .filter(([, value]) => value !== undefined);
}

/** The same by the names of the entity's properties, for the query builder: each value as the SQL that writes it. */
export function dataOf(meta: EntityMetadata, input: Input): Record<string, unknown> {
  return Object.fromEntries(
    givenIn(meta, input).map(([{ name }, value]) => [name, written(meta, name, value)]),
  );
}

/** The values that the entity's own functions make, beside those that are given. */
export function automaticData(
  meta: EntityMetadata,
  option: AutomaticOption,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    automaticValues(meta, option)
      .filter(([{ name }]) => given[name] === undefined)
      .map(([{ name }, value]) => [name, isRaw(value) ? value : written(meta, name, value)]),
  );
}

/** Raw, so that the ORM's own types do not convert what the codec has made. */
function written(meta: EntityMetadata, name: string, value: unknown): unknown {
  if (value === null) return null;
  const codec = codecOf(meta, name);
  return raw(codec.write ?? '?', [parameterOf(codec, value)]);
}

/** A value of the API as a parameter. */
export function parameterOf({ bind }: Codec, value: unknown): unknown {
  return bind === undefined || value === null ? value : bind(value as never);
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
