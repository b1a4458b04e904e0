import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import type { MysqlType } from '../sql/mysql-type.ts';
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

/** What serves a column under a field; undefined where the API cannot. */
export function columnTypeOf(type: MysqlType, field: EntityField): ColumnType | undefined {
  const of = fieldTypeOf(field);
  return columnTypes.find((each) => each.field === of && each.serves(type));
}

/** What the API offers of a column, by its field. */
export function capabilitiesOf(field: EntityField): Capabilities {
  const of = fieldTypeOf(field);
  const possible = columnTypes.filter((each) => each.field === of);
  // Some differ by the column, such as a long one from a short one.
  const { declared } = field;
  const found = possible.find(({ serves }) => declared !== undefined && serves(declared)) ?? possible[0];
  if (found === undefined) throw new TypeError(`No column has a field like ${field.name}.`);
  return found.capabilities;
}

const codecs = new WeakMap<EntityProperty, Codec>();

/** How the values of a property's column go through SQL; a foreign key's are those of the key that it holds. */
export function codecOf(meta: EntityMetadata, name: string): Codec {
  return codecOfProperty(meta, meta.properties[name] as EntityProperty);
}

export function codecOfProperty(meta: EntityMetadata, property: EntityProperty): Codec {
  let codec = codecs.get(property);
  if (codec === undefined) {
    codec = property.targetMeta === undefined ? make(meta, property) : codecOf(property.targetMeta, 'key');
    codecs.set(property, codec);
  }
  return codec;
}

function make(meta: EntityMetadata, property: EntityProperty): Codec {
  const type = mysqlTypeOf(property);
  const field = fieldsOf(meta.class as never).find(({ name }) => name === property.name);
  // A hidden column: the API neither takes nor gives its values.
  if (type === undefined || field === undefined) return plain;
  return columnTypeOf(type, field)?.codecOf(type) ?? plain;
}
