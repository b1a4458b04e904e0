import { type EntityProperty, MetadataStorage, ReferenceKind } from '@mikro-orm/core';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { type EntityField, fieldsOf, fieldTypeOf } from './entity-fields.ts';
import { declaredTypeOf } from './mysql-type.ts';

/**
 * The key of a row: its value as the API has it, or for a key of several columns the text that
 * JSON has for the list of their values.
 */
export type RowKey = number | string | boolean;

/** One column of a key. */
export interface KeyColumn {
  /** Its name among the columns of the table (columns.ts): a property's, or that of a foreign key's column, such as `film#0`. */
  readonly name: string;
  /** The way to its value from the key: `['filmKey']`; empty where the key is the value. */
  readonly path: readonly string[];
  /** The field of the value. */
  readonly field: EntityField;
}

/** A property of a key, which for a foreign key stands for all of its columns. */
export interface KeyMember {
  readonly property: string;
  /** Its name in a key of the API: `filmKey` for a relation. */
  readonly name: string;
  readonly field: EntityField;
  /** The key of the row that a relation leads to; null for a column. */
  readonly of: TableKey | null;
}

/** The primary key of an entity, as its decorators say it. */
export interface TableKey {
  readonly members: readonly KeyMember[];
  readonly columns: readonly KeyColumn[];
  /** Under which a row holds its `RowKey`. */
  readonly place: string;
  /** The column that the database numbers by itself (AUTO_INCREMENT); null for none. */
  readonly numbered: string | null;
  /** Whether equal keys are equal texts: MySQL takes `us` for `US` under most collations. */
  readonly isExact: boolean;
  /** Whether the table has none: the key is then a place that reads make (reads/keyless.ts), and no column. */
  readonly isNone: boolean;
}

type Class = abstract new (...args: never[]) => object;

/** Where a row has its `RowKey`, unless its key is one column whose property is called `key`. */
export const otherPlace = 'key:';

/** The key of an entity. It relies on the decorators alone: schemas are made before there is an ORM. */
export const tableKeyOf = memoizeWeak((entity: Class): TableKey => {
  const properties = primaryPropertiesOf(entity);
  const members = properties.map(([property, { kind }]): KeyMember => {
    const field = fieldsOf(entity).find(({ name }) => name === property) ?? hidden(property);
    const isRelation = kind === ReferenceKind.MANY_TO_ONE || kind === ReferenceKind.ONE_TO_ONE;
    return isRelation
      ? { property, name: `${property}Key`, field, of: tableKeyOf(field.type() as Class) }
      : { property, name: property, field, of: null };
  });
  // A key of one member is the value of that: a number, or the key of the row that it refers to.
  const way = (name: string) => (members.length === 1 ? [] : [name]);
  const columns = members.flatMap(({ property, name, field, of }): KeyColumn[] => {
    if (of === null) return [{ name: property, path: way(name), field }];
    return of.columns.map((column, at) => ({
      name: foreignColumn(property, at),
      path: [...way(name), ...column.path],
      field: column.field,
    }));
  });
  return {
    members,
    columns,
    place: columns.length === 1 && columns[0]?.name === 'key' ? 'key' : otherPlace,
    numbered: properties.find(([, property]) => isNumbered(property, properties.length))?.[0] ?? null,
    isExact: columns.every(({ field }) => !isCollated(field)),
    isNone: properties.length > 0 && properties.every(([, { persist }]) => persist === false),
  };
});

/** A column of a relation's foreign key, by its place in the key that it holds. */
export function foreignColumn(relation: string, at: number): string {
  return `${relation}#${at}`;
}

/** The row's key of its columns' values, as the API has them. */
export function toRowKey({ columns }: TableKey, values: readonly unknown[]): RowKey {
  return columns.length === 1 ? (values[0] as RowKey) : JSON.stringify(values);
}

/** The values of a key's columns, as the API has them. */
export function valuesOfKey({ columns }: TableKey, key: RowKey): readonly unknown[] {
  return columns.length === 1 ? [key] : (JSON.parse(key as string) as unknown[]);
}

/** The key that a client gives, such as `{ filmKey: 1, actorKey: 2 }`. */
export function keyFromApi(key: TableKey, given: unknown): RowKey {
  return toRowKey(
    key,
    key.columns.map(({ path }) =>
      path.reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>>)[name], given),
    ),
  );
}

/** The key as a client gets it. */
export function keyForApi(key: TableKey, row: RowKey): unknown {
  const values = valuesOfKey(key, row);
  if (key.columns[0]?.path.length === 0) return values[0];
  const result: Record<string, unknown> = {};
  key.columns.forEach(({ path }, at) => {
    let place = result;
    for (const name of path.slice(0, -1)) {
      place[name] ??= {};
      place = place[name] as Record<string, unknown>;
    }
    place[path.at(-1) as string] = values[at];
  });
  return result;
}

/** Reads the text of a `RowKey`; null for one that no row of the table can have. */
export function parseRowKey(key: TableKey, text: string): RowKey | null {
  const { columns } = key;
  if (columns.length === 1) {
    const value = [text, Number(text), text === 'true'].find(
      (each) => String(each) === text && isKeyValue(columns[0] as KeyColumn, each),
    );
    return value ?? null;
  }
  try {
    const values: unknown = JSON.parse(text);
    const isKey =
      Array.isArray(values) &&
      values.length === columns.length &&
      columns.every((column, at) => isKeyValue(column, values[at])) &&
      JSON.stringify(values) === text;
    return isKey ? text : null;
  } catch {
    return null;
  }
}

/** Whether a value is one that the API gives of a column of a key. */
function isKeyValue({ field }: KeyColumn, value: unknown): boolean {
  const type = fieldTypeOf(field);
  if (type === 'enum') return Object.values(field.type()).includes(value);
  if (type === undefined || typeof type === 'string') return false;
  if (typeof value === 'string' && !value.isWellFormed()) return false;
  try {
    return type.serialize(type.parseValue(value)) === value;
  } catch {
    return false;
  }
}

/** Whether a value is of the type that the API gives of a column of a key; a table can hold more than the API's type, such as a day of zeros. */
export function isOfKeyType({ field }: KeyColumn, value: unknown): boolean {
  const type = fieldTypeOf(field);
  const name = typeof type === 'object' ? type.name : '';
  if (name === 'Int' || name === 'SafeInt') return Number.isSafeInteger(value);
  if (name === 'Boolean') return typeof value === 'boolean' || Number.isSafeInteger(value);
  return typeof value === 'string' && value.isWellFormed();
}

const integers: ReadonlySet<string> = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint']);

/** A key of one integer is numbered, unless the entity says otherwise: the ORM takes it so, too. */
function isNumbered({ kind, autoincrement, ...property }: EntityProperty, members: number): boolean {
  if (kind === ReferenceKind.MANY_TO_ONE || kind === ReferenceKind.ONE_TO_ONE) return false;
  return autoincrement ?? (members === 1 && integers.has(declaredTypeOf(property)?.name ?? ''));
}

/** Text is compared by a collation, which takes different texts for equal. */
function isCollated(field: EntityField): boolean {
  const type = fieldTypeOf(field);
  return typeof type !== 'object' || type.name === 'String' || type.name === 'UUID';
}

/** A column that has no `@Field`: check-entity.ts refuses it as part of a key. */
function hidden(name: string): EntityField {
  return { name, description: '', nullable: false, type: () => String, kind: 'scalar' };
}

/** Those of the classes that it extends come first, as the ORM has them. */
function primaryPropertiesOf(entity: Class): [name: string, property: EntityProperty][] {
  const classes: Class[] = [];
  for (let type = entity; type?.prototype; type = Object.getPrototypeOf(type) as Class) classes.unshift(type);
  const properties = new Map<string, EntityProperty>();
  for (const type of classes) {
    const path = Object.getOwnPropertyDescriptor(type, MetadataStorage.PATH_SYMBOL)?.value;
    if (path === undefined) continue;
    const declared = MetadataStorage.getMetadata<Record<string, unknown>>(
      type.name,
      path,
      type as never,
    ).properties;
    for (const [name, property] of Object.entries(declared)) {
      if ((property as EntityProperty).primary === true) properties.set(name, property as EntityProperty);
    }
  }
  return [...properties];
}
