import type { ColumnModel } from '../../src/information-schema/model.ts';

/** Types that are near to others, and none of them. */
const others: readonly (readonly [type: RegExp, other: string])[] = [
  [/^tinyint(\(1\))?( unsigned)?$/, 'smallint$2'],
  [/^bit\(1\)$/, 'bit(2)'],
  [/^bit\((\d+)\)$/, 'bit(3)'],
  [/^(smallint|mediumint|int|bigint) unsigned$/, '$1'],
  [/^(smallint|mediumint|int|bigint)$/, '$1 unsigned'],
  [/^year$/, 'smallint'],
  [/^decimal\((\d+),0\)(.*)$/, 'decimal($1,1)$2'],
  [/^decimal\((\d+),(\d+)\)(.*)$/, 'decimal($1,1)$3'],
  [/^float$/, 'double'],
  [/^double$/, 'float'],
  [/^(char|varchar|binary|varbinary)\(\d+\)$/, '$1(7)'],
  [/^tinytext$/, 'text'],
  [/^text$/, 'mediumtext'],
  [/^mediumtext$/, 'longtext'],
  [/^longtext$/, 'text'],
  [/^blob$/, 'tinyblob'],
  [/^date$/, 'datetime'],
  [/^(time|datetime|timestamp)$/, '$1(3)'],
  [/^(time|datetime|timestamp)\(\d\)$/, '$1'],
  [/^(enum|set)\('([^']*)',(.*)\)$/, "$1($3,'$2')"],
  [/^json$/, 'longblob'],
  [/^point$/, 'geometry'],
  [/^(geometry|polygon)$/, 'point'],
];

/** Another type for a column, with all else of it as it is. */
export function withOtherType(column: ColumnModel): ColumnModel {
  const known = others.find(([pattern]) => pattern.test(column.type));
  if (known === undefined) throw new Error(`No other type is known for ${column.type}.`);
  return { ...column, type: column.type.replace(...known) };
}
