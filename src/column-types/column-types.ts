import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import type { MysqlType } from '../sql/mysql-type.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { binary, binaryUuid, bits, blob, textUuid } from './binary.ts';
import { bit, boolean } from './boolean.ts';
import { type Capabilities, type Codec, type ColumnType, plain } from './column-type.ts';
import { date } from './date.ts';
import { decimal } from './decimal.ts';
import { type EntityField, fieldsOf, fieldTypeOf } from './entity-fields.ts';
import { enumeration } from './enum.ts';
import { double, float } from './floating-point.ts';
import { bigInteger, integer, safeInteger } from './integer.ts';
import { geometry, json } from './json.ts';
import { mysqlTypeOf } from './mysql-type.ts';
import { itemSet } from './set.ts';
import { foreignColumn, type KeyColumn, type TableKey, tableKeyOf } from './table-key.ts';
import { text } from './text.ts';
import { duration, localDateTime, time, utcTimestamp } from './time.ts';

/** Every type of column that the API serves. Of the types for one column, the first is what documentation calls its own. */
export const columnTypes: readonly ColumnType[] = [
  boolean,
  bit,
  integer,
  safeInteger,
  bigInteger,
  decimal,
  float,
  double,
  text,
  date,
  enumeration,
  itemSet,
  binary,
  blob,
  bits,
  binaryUuid,
  textUuid,
  time,
  duration,
  localDateTime,
  utcTimestamp,
  json,
  geometry,
];

/** The type that serves a column under a field; undefined where the API has none. */
export function columnTypeOf(type: MysqlType, field: EntityField): ColumnType | undefined {
  const of = fieldTypeOf(field);
  return columnTypes.find((each) => each.field === of && each.serves(type));
}

/** The API's functions for a column, by its field. */
export function capabilitiesOf(field: EntityField): Capabilities {
  const of = fieldTypeOf(field);
  const possible = columnTypes.filter((each) => each.field === of);
  // Some differ by the column, such as a long one from a short one.
  const { declared } = field;
  const found = possible.find(({ serves }) => declared !== undefined && serves(declared)) ?? possible[0];
  if (found === undefined) throw new TypeError(`No column has a field like ${field.name}.`);
  return found.capabilities;
}

/** One column of a table. */
export interface Column {
  /** Its name in SQL. */
  readonly column: string;
  readonly codec: Codec;
}

const columnsOf = memoizeWeak((_: EntityMetadata) => new Map<string, Column>());

/**
 * A column by its name among those of its table: a property's, or for one of a relation's foreign key the relation's with the
 * column's place in the key that it holds, as in `film#0`. The name of the relation alone is that of a foreign key's first column.
 */
export function columnNamed(meta: EntityMetadata, name: string): Column {
  const known = columnsOf(meta);
  let column = known.get(name);
  if (column === undefined) {
    column = find(meta, name);
    known.set(name, column);
  }
  return column;
}

function find(meta: EntityMetadata, name: string): Column {
  const [propertyName = '', at = '0'] = name.split('#');
  const property = meta.properties[propertyName as never] as unknown as EntityProperty;
  const { targetMeta, fieldNames } = property;
  if (targetMeta === undefined) return { column: fieldNames?.[0] as string, codec: make(meta, property) };
  const column = tableKeyOf(targetMeta.class as never).columns[Number(at)] as KeyColumn;
  const target = columnNamed(targetMeta, column.name);
  // The columns of a foreign key stand in the order of the property's own.
  const place = property.referencedColumnNames?.indexOf(target.column) ?? -1;
  return { column: fieldNames?.[place < 0 ? Number(at) : place] as string, codec: target.codec };
}

/** How the values of a column go through SQL; a foreign key's are those of the key that it holds. */
export function codecOf(meta: EntityMetadata, name: string): Codec {
  return columnNamed(meta, name).codec;
}

/** The names of the columns of a relation's foreign key, in the order of the key that it holds. */
export function foreignColumnsOf({ name, targetMeta }: EntityProperty): readonly string[] {
  const { columns } = tableKeyOf((targetMeta as EntityMetadata).class as never);
  return columns.length === 1 ? [name] : columns.map((_, at) => foreignColumn(name, at));
}

/** The key of a table. */
export function primaryKeyOf(meta: EntityMetadata): TableKey {
  return tableKeyOf(meta.class as never);
}

function make(meta: EntityMetadata, property: EntityProperty): Codec {
  const type = mysqlTypeOf(property);
  const field = fieldsOf(meta.class as never).find(({ name }) => name === property.name);
  // A hidden column: the API neither takes nor gives its values.
  if (type === undefined || field === undefined) return plain;
  return columnTypeOf(type, field)?.codecOf(type) ?? plain;
}
