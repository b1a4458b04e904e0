import { codeTokens, isOneOf, isSymbol } from './tokens.ts';

/** A column's type as MySQL's catalogue would spell it, taken apart. */
export interface MysqlType {
  /** In lower case and without synonyms: `decimal`, never `numeric`. */
  readonly name: string;
  /** The numbers in parentheses: precision and scale, a length, digits of a second. */
  readonly numbers: readonly number[];
  readonly isUnsigned: boolean;
  /** Of ENUM and SET, in their order. */
  readonly items: readonly string[];
  /** Of a geometry: the system that its coordinates are of, where the column names one. */
  readonly srid?: number;
}

/** https://dev.mysql.com/doc/refman/8.4/en/other-vendor-data-types.html and the synonyms among MySQL's own. */
const synonyms: Readonly<Record<string, string>> = {
  bool: 'tinyint',
  boolean: 'tinyint',
  integer: 'int',
  int1: 'tinyint',
  int2: 'smallint',
  int3: 'mediumint',
  int4: 'int',
  int8: 'bigint',
  middleint: 'mediumint',
  dec: 'decimal',
  numeric: 'decimal',
  fixed: 'decimal',
  real: 'double',
  float4: 'float',
  float8: 'double',
  character: 'char',
  'double precision': 'double',
  'national char': 'char',
  'national character': 'char',
  nchar: 'char',
  'char varying': 'varchar',
  'character varying': 'varchar',
  'national varchar': 'varchar',
  'national char varying': 'varchar',
  'national character varying': 'varchar',
  'nchar varchar': 'varchar',
  'nchar varying': 'varchar',
  nvarchar: 'varchar',
  'char byte': 'binary',
  long: 'mediumtext',
  'long varchar': 'mediumtext',
  'long varbinary': 'mediumblob',
  geomcollection: 'geometrycollection',
};

/** Takes a type apart, as the catalogue, DDL or a decorator spells it. */
export function parseMysqlType(text: string): MysqlType {
  const tokens = codeTokens(text);
  const open = tokens.findIndex((token) => isSymbol(token, '('));
  const close = tokens.findLastIndex((token) => isSymbol(token, ')'));
  // Without parentheses, one word is the name, or two that are another: `int unsigned` is int, and `national char` char.
  const two = tokens
    .slice(0, 2)
    .map((token) => token.text.toLowerCase())
    .join(' ');
  const behind = open === -1 ? (two in synonyms && tokens.length > 1 ? 2 : 1) : open;
  const spelt = tokens
    .slice(0, behind)
    .map((token) => token.text.toLowerCase())
    .join(' ');
  const inside = tokens.slice(behind + 1, open === -1 ? behind : close);
  const attributes = tokens.slice(open === -1 ? behind : close + 1);
  const words = attributes.map((token) => token.text);
  const srid = words[words.findIndex((word) => word.toLowerCase() === 'srid') + 1];
  return {
    name: synonyms[spelt] ?? spelt,
    numbers: /^bool(?:ean)?$/.test(spelt)
      ? [1]
      : inside.filter(({ kind }) => kind === 'number').map((token) => Number(token.text)),
    ...(words.some((word) => word.toLowerCase() === 'srid') && { srid: Number(srid) }),
    isUnsigned: attributes.some((token) => isOneOf(token, ['UNSIGNED', 'ZEROFILL'])),
    items: inside.filter(({ kind }) => kind === 'string').map((token) => token.text),
  };
}
