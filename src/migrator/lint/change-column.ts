import { parseMysqlType } from '../../sql/mysql-type.ts';
import { codeTokens } from '../../sql/tokens.ts';
import type { ColumnDefinition } from './column.ts';
import { bytesPerCharacter, compareTypes } from './column-type.ts';
import {
  type Algorithm,
  copy,
  type Impact,
  inPlace,
  inPlaceLocked,
  instant,
  rebuild,
  unsure,
} from './impact.ts';
import {
  charsetFor,
  collationFor,
  columnIn,
  indexesWith,
  isReferenced,
  isText,
  type KnownColumn,
  type KnownTable,
  type KnownTables,
  mentions,
  nameKey,
} from './schema-state.ts';

/** The impact of CHANGE or MODIFY: https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html */
export function impactOfChange(
  from: string,
  column: ColumnDefinition,
  known: KnownTables,
  table: KnownTable | undefined,
): Impact {
  const old = columnIn(table, from);
  // The catalogue model holds no SRID, and a column that gets another one is copied.
  if (table === undefined || old === undefined || isSpatial(old.type)) return unsure;
  if (old.generated !== column.generated || column.check !== null || column.references) return copy;
  if (old.generated !== null && !sameExpression(old.expression, column.expression)) return copy;
  const stored = storageOf(old, column, table);
  if (stored === 'COPY' || column.autoIncrement !== old.autoIncrement) return copy;
  if (old.generated === 'VIRTUAL') return column.nullable === old.nullable ? instant : inPlace;
  if (column.key === 'PRIMARY' || column.nullable !== old.nullable || moves(table, old, column))
    return rebuild;
  const renamed = from !== column.name && isReferenced(known, table.name, from);
  return stored === 'INPLACE' || renamed || column.key === 'UNIQUE' ? inPlace : instant;
}

/** The impact of CONVERT TO CHARACTER SET: as much as a change of each text column. */
export function impactOfConversion(
  { charset, collation }: { readonly charset: string; readonly collation: string | null },
  table: KnownTable | undefined,
): Impact {
  if (table === undefined) return unsure;
  const texts = [...table.columns.values()].filter(({ type }) => isText(type));
  const needed = texts.map((column): Algorithm => {
    // MySQL gives TEXT a larger type, so that as many characters fit as before.
    if (column.charset !== charset && /text/i.test(column.type)) return 'COPY';
    return storage(column, { type: column.type, charset, collation: collationOf(charset, collation) }, table);
  });
  if (needed.includes('COPY')) return copy;
  return needed.includes('INPLACE') ? inPlaceLocked : inPlace;
}

function storageOf(old: KnownColumn, column: ColumnDefinition, table: KnownTable): Algorithm {
  const charset = isText(column.type) ? charsetFor(table, column) : null;
  const collation = charset === null ? null : collationOf(charset, collationFor(table, column));
  return storage(old, { type: column.type, charset, collation }, table);
}

/** The impact of a new type, character set and collation. */
function storage(
  old: KnownColumn,
  to: { readonly type: string; readonly charset: string | null; readonly collation: string | null },
  table: KnownTable,
): Algorithm {
  const recoded = old.charset !== null && to.charset !== null && old.charset !== to.charset;
  if (recoded && !(old.charset === 'utf8mb3' && to.charset === 'utf8mb4')) return 'COPY';
  const [oldBytes, bytes] = [bytesPerCharacter(old.charset), bytesPerCharacter(to.charset ?? old.charset)];
  const change = compareTypes(old.type, to.type, bytes);
  if (change !== 'same' && change !== 'longer') return 'COPY';
  const { name } = parseMysqlType(to.type);
  // A VARCHAR keeps its length in one byte or in two.
  const room = (type: string, width: number) =>
    (parseMysqlType(type).numbers[0] ?? 0) * (name === 'varchar' ? width : 1);
  const wider = room(old.type, oldBytes) > 255 !== room(to.type, bytes) > 255;
  if (['varchar', 'varbinary'].includes(name) && wider) return 'COPY';
  const resorted =
    old.charset !== null && to.charset !== null && collationOf(old.charset, old.collation) !== to.collation;
  // An index, and what is computed from the column, depends on how it compares.
  if (resorted && isDependedOn(table, old.name)) return 'COPY';
  const isList = name === 'enum' || name === 'set';
  if (isList) return 'INSTANT';
  return change === 'longer' || resorted ? 'INPLACE' : 'INSTANT';
}

/** https://dev.mysql.com/doc/refman/8.4/en/charset-mysql.html; of a set that is not here, two unnamed ones are equal. */
const defaultCollations: Readonly<Record<string, string>> = {
  utf8mb4: 'utf8mb4_0900_ai_ci',
  utf8mb3: 'utf8mb3_general_ci',
  latin1: 'latin1_swedish_ci',
  ascii: 'ascii_general_ci',
  binary: 'binary',
};

function collationOf(charset: string, collation: string | null): string {
  return (collation ?? defaultCollations[charset] ?? charset).replace(/^utf8_/, 'utf8mb3_');
}

function isDependedOn(table: KnownTable, column: string): boolean {
  const expressions = [
    ...[...table.columns.values()].flatMap(({ expression }) => expression ?? []),
    ...[...table.indexes.values()].flatMap(({ columns }) => columns.filter((part) => part.startsWith('('))),
    ...[...table.checks.values()].map(({ expression }) => expression),
  ];
  return indexesWith(table, column).length > 0 || expressions.some((text) => mentions(text, column));
}

/** Whether FIRST or AFTER puts a column elsewhere than where it is. */
function moves({ columns }: KnownTable, old: KnownColumn, { position }: ColumnDefinition): boolean {
  if (position === null) return false;
  const names = [...columns.keys()];
  const before = names[names.indexOf(nameKey(old.name)) - 1];
  return 'first' in position ? before !== undefined : before !== nameKey(position.after);
}

/** Sign by sign, but for quotes, blanks and parentheses around the whole: MySQL adds those. */
function sameExpression(one: string | null, other: string | null): boolean {
  const signs = (text: string | null) => {
    let tokens = codeTokens(text ?? '');
    while (closesAtEnd(tokens)) tokens = tokens.slice(1, -1);
    return tokens.map(({ kind, text: sign }) => (kind === 'string' ? `'${sign}` : nameKey(sign))).join(' ');
  };
  return signs(one) === signs(other);
}

function closesAtEnd(tokens: readonly { readonly kind: string; readonly text: string }[]): boolean {
  if (tokens[0]?.text !== '(' || tokens[0].kind !== 'symbol') return false;
  let depth = 0;
  for (const [index, { kind, text }] of tokens.entries()) {
    if (kind === 'symbol' && text === '(') depth += 1;
    if (kind === 'symbol' && text === ')') depth -= 1;
    if (depth === 0) return index === tokens.length - 1;
  }
  return false;
}

export const isSpatial = (type: string) =>
  /^\s*(geometry|geometrycollection|geomcollection|(multi)?(point|linestring|polygon))\b/i.test(type);
