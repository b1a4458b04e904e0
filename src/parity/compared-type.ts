import { type MysqlType, parseMysqlType } from '../sql/mysql-type.ts';

/** A column's type as far as it matters for comparing its values, read from MySQL's spelling of it. */
export interface ComparedType extends MysqlType {
  readonly family: Family;
  /** Bytes that the text of a value may take, as far as the type bounds it. */
  readonly bytes: number;
}

export type Family =
  | 'number'
  | 'float'
  | 'bit'
  | 'temporal'
  | 'text'
  | 'binary'
  | 'enum'
  | 'set'
  | 'document';

const families: Readonly<Record<string, Family>> = {
  tinyint: 'number',
  smallint: 'number',
  mediumint: 'number',
  int: 'number',
  bigint: 'number',
  year: 'number',
  decimal: 'number',
  float: 'float',
  double: 'float',
  bit: 'bit',
  date: 'temporal',
  datetime: 'temporal',
  timestamp: 'temporal',
  time: 'temporal',
  char: 'text',
  varchar: 'text',
  tinytext: 'text',
  text: 'text',
  mediumtext: 'text',
  longtext: 'text',
  binary: 'binary',
  varbinary: 'binary',
  tinyblob: 'binary',
  blob: 'binary',
  mediumblob: 'binary',
  longblob: 'binary',
  enum: 'enum',
  set: 'set',
};

/** Bytes of the types that have no length of their own: https://dev.mysql.com/doc/refman/8.4/en/storage-requirements.html */
const bytesOf: Readonly<Record<string, number>> = {
  tinytext: 255,
  tinyblob: 255,
  text: 65_535,
  blob: 65_535,
  mediumtext: 16_777_215,
  mediumblob: 16_777_215,
  longtext: 4_294_967_295,
  longblob: 4_294_967_295,
};

/** Bytes of a character, in the character sets that take most. */
const bytesOfCharacter = 4;
/** The most bytes of numbers, times and BIT, a DECIMAL(65) with sign and point included. */
const bytesOfShort = 68;

/** JSON, spatial types, VECTOR and what a later MySQL brings are `document`: any number of bytes. */
export function comparedType(text: string): ComparedType {
  const type = parseMysqlType(text);
  const family = families[type.name] ?? 'document';
  return { ...type, family, bytes: bytesIn(family, type) };
}

function bytesIn(family: Family, { name, numbers: [length = 1], items }: MysqlType): number {
  if (family === 'document') return Number.POSITIVE_INFINITY;
  if (family === 'enum' || family === 'set')
    return items.reduce((sum, item) => sum + item.length + 1, 0) * bytesOfCharacter;
  if (family !== 'text' && family !== 'binary') return bytesOfShort;
  const most = bytesOf[name];
  if (most !== undefined) return most;
  return family === 'text' ? length * bytesOfCharacter : length;
}

/** Digits after the point of a temporal type's seconds. */
export function fractionOf({ name, numbers: [digits = 0] }: ComparedType): number {
  return name === 'date' ? 0 : digits;
}
