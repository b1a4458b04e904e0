import type { ColumnModel } from '../information-schema/model.ts';
import { perSource, type SourceName } from '../source-name.ts';
import { hexText } from '../sql/literal.ts';
import { quoteName } from '../sql/quote.ts';
import { type ComparedType, comparedType, fractionOf } from './compared-type.ts';

/** One column of both clouds, and the SQL that makes the same bytes of the same value on each. */
export interface ComparedColumn {
  readonly name: string;
  /** Arguments of CONCAT: none is ever NULL, and no other value has the same text. */
  readonly tokens: Readonly<Record<SourceName, readonly string[]>>;
  /** Bytes that they make at most. */
  readonly bytes: number;
}

/** From this size on a value goes into the text of its row as its hash. */
const mostInline = 4096;
/** Bytes that the text of a row, or of a part of it, has at most: CONCAT answers NULL beyond max_allowed_packet. */
const mostText = 48 * 1024;
/** The bytes of a value's hash. */
const bytesOfHash = 64;
/** Of a binary string beside others MySQL makes a binary string, and takes their bytes as they are: that costs less than a CAST of each. */
const [empty, colon] = ["_binary''", "_binary':'"];
/** Stands for NULL: no number, time, length or hash begins with it. */
const nullToken = "'N'";

/**
 * Makes a text of a column's values that is equal where and only where the values are, whatever the versions, character sets and
 * settings of the two servers are. A text has its length before it, numbers and times a comma behind them, and FLOAT and DOUBLE are eight bytes
 * of a point; NULL is a token of its own. The bytes of texts count, not their collation.
 *
 * @param packet the smaller max_allowed_packet of both servers, in bytes
 * @param alias of the table, where the statement reads others besides
 */
export function comparedColumn(
  both: Readonly<Record<SourceName, ColumnModel>>,
  packet: number,
  alias?: string,
): ComparedColumn {
  const { AZURE, GCP } = both;
  const types = perSource((source) => comparedType(both[source].type));
  const bytes = Math.max(types.AZURE.bytes, types.GCP.bytes);
  const isHashed = bytes > Math.min(mostInline, packet / 4);
  const isNullable = AZURE.nullable || GCP.nullable;
  const asUnicode = AZURE.charset !== GCP.charset;
  const fraction = Math.max(fractionOf(types.AZURE), fractionOf(types.GCP));
  const isFloat = types.AZURE.family === 'float' && types.GCP.family === 'float';
  const isAlike = AZURE.type === GCP.type;
  const tokens = perSource((source): readonly string[] => {
    const type = types[source];
    const name = quoteName(both[source].name);
    const column = alias === undefined ? name : `${quoteName(alias)}.${name}`;
    const withNull = (parts: readonly string[]) => {
      if (!isNullable) return parts;
      const value = parts.length === 1 ? (parts[0] as string) : `concat(${parts.join(', ')})`;
      return [`ifnull(${value}, ${nullToken})`];
    };
    // All digits, without the text of them, which costs more than the rest of a row: its 25 bytes begin with a zero.
    if (isFloat) return withNull([`cast(point(${column}, 0) as binary)`]);
    const short = shortText(type, column, {
      fraction,
      scale: Math.max(scaleOf(types.AZURE), scaleOf(types.GCP)),
      isZerofill: /zerofill/.test(both[source].type),
    });
    if (short !== undefined) return [...withNull([short]), "','"];
    const value = type.family === 'set' && !isAlike ? setText(column, types) : column;
    const text =
      asUnicode && type.family !== 'binary' && type.family !== 'document'
        ? `convert(${value} using utf8mb4)`
        : value;
    if (isHashed) return withNull([`sha2(${text}, 256)`]);
    const prefixed = [`length(${text})`, colon, text];
    // A value that is none of the items looks as an empty one does.
    return withNull(type.family === 'enum' ? [`${column} + 0 = 0`, ...prefixed] : prefixed);
  });
  return { name: AZURE.name, tokens, bytes: isHashed ? bytesOfHash : bytes + 12 };
}

/** A text that needs no length before it: of numbers and times. */
function shortText(
  type: ComparedType,
  column: string,
  {
    fraction,
    scale,
    isZerofill,
  }: { readonly fraction: number; readonly scale: number; readonly isZerofill: boolean },
): string | undefined {
  switch (type.family) {
    case 'number':
      // Leading zeros are a way of showing it.
      return withDigits(isZerofill ? `${column} + 0` : column, scaleOf(type), scale);
    case 'bit':
      return `${column} + 0`;
    case 'float':
      if (type.name === 'double' && type.numbers.length === 0) return column;
      // All digits, which the text of a FLOAT does not have: https://dev.mysql.com/doc/refman/8.4/en/problems-with-float.html
      return `cast(${column} as double)`;
    case 'temporal':
      return withDigits(column, fractionOf(type), fraction);
    default:
      return undefined;
  }
}

/** Digits behind the point that a type of whole numbers or DECIMAL shows; the same for each of its values. */
function scaleOf({ name, numbers: [, scale = 0] }: ComparedType): number {
  return name === 'decimal' ? scale : 0;
}

/** SQL for a text with more digits behind its point than its column shows. */
function withDigits(sql: string, own: number, digits: number): string {
  if (own === digits) return sql;
  return `concat(${sql}, '${own === 0 ? '.' : ''}${'0'.repeat(digits - own)}')`;
}

/** The items that a SET has, in an order that both definitions share. */
function setText(column: string, types: Readonly<Record<SourceName, ComparedType>>): string {
  const items = [...new Set([...types.AZURE.items, ...types.GCP.items])].sort();
  const has = items.map((item) => `if(find_in_set(${hexText(item)}, ${column}), ${hexText(item)}, null)`);
  return `if(${column} is null, null, concat_ws(',', ${has.join(', ')}))`;
}

/** A row's SHA-256 in hexadecimal. Parts of its text are hashed by themselves where all of it could be too long. */
export function rowHash(columns: readonly ComparedColumn[], source: SourceName, packet: number): string {
  const most = Math.min(mostText, packet / 2);
  const parts: string[][] = [[]];
  let bytes = 0;
  for (const column of columns) {
    if (bytes > 0 && bytes + column.bytes > most) {
      parts.push([]);
      bytes = 0;
    }
    bytes += column.bytes;
    parts.at(-1)?.push(...column.tokens[source]);
  }
  const hashes = parts.map((tokens) => `sha2(concat(${[empty, ...tokens].join(', ')}), 256)`);
  return hashes.length === 1 ? (hashes[0] as string) : `sha2(concat(${hashes.join(', ')}), 256)`;
}

/** The hash that tells one column's values apart, in few characters. */
export function columnHash({ tokens }: ComparedColumn, source: SourceName): string {
  return `left(sha2(concat(${[empty, ...tokens[source]].join(', ')}), 256), 32)`;
}
