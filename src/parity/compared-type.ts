import { codeTokens } from '../sql/tokens.ts';

/** What a column's type means for comparing its values, read from MySQL's spelling of it. */
export interface ComparedType {
  readonly family: Family;
  /** Such as `varchar`. */
  readonly base: string;
  /** What the parentheses hold, such as `10,2` or `'a','b'`; empty without them. */
  readonly detail: string;
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
/** What numbers, times and BIT take at most, a DECIMAL(65) with sign and point included. */
const bytesOfShort = 68;

/** JSON, spatial types, VECTOR and what a later MySQL brings are `document`: any number of bytes. */
export function comparedType(type: string): ComparedType {
  const [, base = '', detail = ''] = /^(\w+)(?:\((.*)\))?/s.exec(type) ?? [];
  const family = families[base] ?? 'document';
  return { family, base, detail, bytes: bytesIn(family, base, detail) };
}

function bytesIn(family: Family, base: string, detail: string): number {
  if (family === 'document') return Number.POSITIVE_INFINITY;
  if (family === 'enum' || family === 'set') return detail.length * bytesOfCharacter;
  if (family !== 'text' && family !== 'binary') return bytesOfShort;
  const length = bytesOf[base] ?? Number(detail || 1);
  return family === 'text' && bytesOf[base] === undefined ? length * bytesOfCharacter : length;
}

/** Digits after the point of a temporal type's seconds. */
export function fractionOf({ base, detail }: ComparedType): number {
  return base === 'date' ? 0 : Number(detail || 0);
}

/** The items of an ENUM or SET, in the order of their definition. */
export function itemsOf({ detail }: ComparedType): string[] {
  return codeTokens(detail).flatMap(({ kind, text }) => (kind === 'string' ? [text] : []));
}
