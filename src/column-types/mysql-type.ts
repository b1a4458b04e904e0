import type { EntityProperty } from '@mikro-orm/core';
import { memoizeWeak } from '../util/memoize-weak.ts';

/** A column's type as MySQL's catalogue would spell it, taken apart. */
export interface MysqlType {
  /** In lower case and without synonyms: `decimal`, never `numeric`. */
  readonly name: string;
  /** The numbers in parentheses: precision and scale, a length, digits of a second. */
  readonly numbers: readonly number[];
  readonly isUnsigned: boolean;
  /** Of ENUM and SET, in their order. */
  readonly items: readonly string[];
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
  'national char': 'char',
  'national character': 'char',
  nchar: 'char',
  'character varying': 'varchar',
  'national varchar': 'varchar',
  nvarchar: 'varchar',
  geomcollection: 'geometrycollection',
};

/** The type of a property's first column; undefined for a property without one. The ORM may keep the sign apart. */
export const mysqlTypeOf = memoizeWeak((property: EntityProperty): MysqlType | undefined => {
  const text = property.columnTypes?.[0];
  if (text === undefined) return undefined;
  const type = parseMysqlType(text);
  const items =
    type.items.length > 0 ? type.items : ((property.items ?? []) as readonly unknown[]).map(String);
  const numbers = type.name.endsWith('char') && property.length != null ? [property.length] : type.numbers;
  return {
    ...type,
    numbers,
    isUnsigned: type.isUnsigned || (property.unsigned === true && isNumeric(type.name)),
    items,
  };
});

const isNumeric = (name: string) => /int$|^(?:decimal|float|double)$/.test(name);

function parseMysqlType(text: string): MysqlType {
  const [, words = '', inside = '', rest = ''] =
    /^\s*([a-z][a-z0-9 ]*?)\s*(?:\(((?:[^')]|'(?:[^']|'')*')*)\))?((?:\s+[^()]*)?)$/is.exec(text) ?? [];
  const spelt = words.toLowerCase().replace(/\s+/g, ' ');
  const name = synonyms[spelt] ?? spelt;
  const isList = name === 'enum' || name === 'set';
  const numbers = isList
    ? []
    : inside
        .split(',')
        .filter((each) => each.trim() !== '')
        .map(Number);
  return {
    name,
    numbers: /^bool(?:ean)?$/.test(spelt) ? [1] : numbers,
    isUnsigned: /\b(?:unsigned|zerofill)\b/.test(rest.toLowerCase()),
    items: isList
      ? [...inside.matchAll(/'((?:[^']|'')*)'/g)].map(([, item = '']) => item.replaceAll("''", "'"))
      : [],
  };
}
