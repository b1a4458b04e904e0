import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import type { Codec } from '../column-types/column-type.ts';
import { type Column, columnNamed, primaryKeyOf } from '../column-types/column-types.ts';
import { tableOf } from '../entities/table.ts';
import { isColumn, isInverse, isToMany } from '../reads/entity-properties.ts';
import { connectField, disconnectField, fieldOf, keyField } from '../sources/api-names.ts';
import type { Value } from '../sql/literal.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';

/**
 * Values of a row as the API takes them: by the names of its fields, a to-one relation by its key (`patientKey`),
 * children as a list under the relation's name. An absent field and `undefined` are the same; null is a value.
 */
export type Input = Readonly<Record<string, unknown>>;

/** Whether nothing is given at all. */
export function hasNoFields(input: Input): boolean {
  for (const _field in input) return false;
  return true;
}

/** An input and where it stands among the arguments: `input`, `inputs.3`, `inputs.3.records.0`. */
export interface PlacedInput {
  readonly input: Input;
  readonly path: string;
}

/** A column that inputs can give, or a foreign key. */
export interface InputField {
  readonly property: EntityProperty;
  /** Its name in inputs. */
  readonly field: string;
  /** Null for a foreign key of several columns, or whose value has them below names. */
  readonly column: Column | null;
  readonly refusesBlank: boolean;
}

/** The fields of a table's inputs: known before any of them comes. */
export interface InputFields {
  /** Every column but a key that the database numbers. */
  readonly columns: readonly InputField[];
  /** The fields by which an input is about rows besides its own. */
  readonly others: readonly string[];
  /** Whether a column of the row's key is among them. */
  readonly giveKey: boolean;
  /** Whether two properties may stand for one column, as foreign keys do that share a tenant's number. */
  readonly sharesColumns: boolean;
}

export const inputFieldsOf = memoizeWeak((meta: EntityMetadata): InputFields => {
  const { numbered } = primaryKeyOf(meta);
  const notBlank = tableOf(meta.class as never)?.notBlank ?? [];
  const columns = meta.props
    .filter((property) => property.name !== numbered && isColumn(property))
    .map((property) => ({
      property,
      field: fieldOf(property),
      column: isOneColumn(property) ? columnNamed(meta, property.name) : null,
      refusesBlank: notBlank.includes(property.name),
    }));
  const names = meta.props.flatMap(({ fieldNames = [] }) => fieldNames);
  const ofKey = primaryKeyOf(meta).columns.map(({ name }) => columnNamed(meta, name).column);
  return {
    columns,
    others: meta.relations.flatMap((relation) => {
      const { name } = relation;
      if (isToMany(relation)) return [name, connectField(name), disconnectField(name)];
      return isInverse(relation) ? [keyField(name)] : [];
    }),
    giveKey: columns.some(({ property }) => property.fieldNames.some((name) => ofKey.includes(name))),
    sharesColumns: new Set(names).size < names.length,
  };
});

/** Whether the API's value is that of one column. */
function isOneColumn({ targetMeta }: EntityProperty): boolean {
  if (targetMeta === undefined) return true;
  const [column, ...more] = primaryKeyOf(targetMeta).columns;
  return more.length === 0 && column?.path.length === 0;
}

/** Whether an input is about rows besides its own: brings them along, or names them along a relation. */
export function namesOthers(meta: EntityMetadata, input: Input): boolean {
  for (const field of inputFieldsOf(meta).others) if (input[field] !== undefined) return true;
  return false;
}

const knownOfLists = memoizeWeak((_: readonly PlacedInput[]) => new Map<EntityMetadata, boolean>());

/** Whether any input of a list is; looked at once a list of several, since each step of a write asks it. */
export function someNameOthers(meta: EntityMetadata, rows: readonly PlacedInput[]): boolean {
  const [only] = rows;
  if (only !== undefined && rows.length === 1) return namesOthers(meta, only.input);
  const known = knownOfLists(rows);
  let some = known.get(meta);
  if (some === undefined) {
    some = rows.some(({ input }) => namesOthers(meta, input));
    known.set(meta, some);
  }
  return some;
}

/** The properties that an input can give. */
export function writableColumnsOf(meta: EntityMetadata): EntityProperty[] {
  return inputFieldsOf(meta).columns.map(({ property }) => property);
}

/** The columns that an input gives, with their values. */
export function givenIn(meta: EntityMetadata, input: Input): [column: EntityProperty, value: unknown][] {
  return inputFieldsOf(meta)
    .columns.map(({ property, field }): [EntityProperty, unknown] => [property, input[field]])
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
  return inputs.map((input, index) => new ListedInput(input, path, index));
}

/** One of a list, whose path is made where something is wrong with it. */
class ListedInput implements PlacedInput {
  readonly input: Input;
  readonly #list: string;
  readonly #index: number;

  constructor(input: Input, list: string, index: number) {
    this.input = input;
    this.#list = list;
    this.#index = index;
  }

  get path(): string {
    return `${this.#list}.${this.#index}`;
  }
}
