import { type MysqlType, parseMysqlType } from '../../sql/mysql-type.ts';
import { readerOf } from '../../sql/reader.ts';

/**
 * How a column's new type compares with its old one. `longer`: the same type with more room at the end, which MySQL
 * may grant without touching rows. `narrower`: some value of the old type has no place in the new one.
 */
export type TypeChange = 'same' | 'longer' | 'wider' | 'narrower';

const integers: Record<string, number> = { tinyint: 1, smallint: 2, mediumint: 3, int: 4, bigint: 8 };
const texts: Record<string, number> = {
  tinytext: 255,
  text: 65_535,
  mediumtext: 2 ** 24 - 1,
  longtext: 2 ** 32 - 1,
};
const blobs: Record<string, number> = {
  tinyblob: 255,
  blob: 65_535,
  mediumblob: 2 ** 24 - 1,
  longblob: 2 ** 32 - 1,
};
const times = ['time', 'timestamp', 'datetime'];

/** Compares two types. `bytes` is what a character takes at most. */
export function compareTypes(from: string, to: string, bytes = 4): TypeChange {
  const [a, b] = [parseMysqlType(from), parseMysqlType(to)];
  if (a.name === b.name) return compareSame(a, b);
  if (integers[a.name] !== undefined) return within(integerRange(a), rangeOf(b));
  if (a.name === 'decimal') return within(decimalRange(a), b.name === 'double' ? undefined : rangeOf(b));
  if (a.name === 'float' && b.name === 'double') return 'wider';
  if (a.name === 'year' && integers[b.name] !== undefined) return b.name === 'tinyint' ? 'narrower' : 'wider';
  if (['date', 'timestamp'].includes(a.name) && b.name === 'datetime') return 'wider';
  return fits(lengthOf(a, bytes), roomOf(b, bytes), a, b);
}

function compareSame(a: MysqlType, b: MysqlType): TypeChange {
  if (integers[a.name] !== undefined) return a.isUnsigned === b.isUnsigned ? 'same' : 'narrower';
  if (a.name === 'enum' || a.name === 'set') return compareItems(a, b);
  if (a.name === 'decimal') {
    const [[p, s], [q, t]] = [precisionOf(a), precisionOf(b)];
    if (a.isUnsigned !== b.isUnsigned) return b.isUnsigned || q - t < p - s || t < s ? 'narrower' : 'wider';
    if (p === q && s === t) return 'same';
    return t >= s && q - t >= p - s ? 'wider' : 'narrower';
  }
  if (a.name === 'float' || a.name === 'double') {
    if (a.isUnsigned !== b.isUnsigned) return b.isUnsigned ? 'narrower' : 'wider';
    const [p = 0, q = 0] = [a.numbers[0], b.numbers[0]];
    // DOUBLE(10,2) rounds what comes in and leaves what is there; FLOAT(25) and more is DOUBLE.
    return a.name === 'float' && p <= 24 !== q <= 24 ? (q <= 24 ? 'narrower' : 'wider') : 'same';
  }
  const fallback = ['varchar', 'varbinary'].includes(a.name) || times.includes(a.name) ? 0 : 1;
  const [from = fallback, to = fallback] = [a.numbers[0], b.numbers[0]];
  if (from === to || a.name === 'year') return 'same';
  if (to < from) return 'narrower';
  return ['varchar', 'varbinary'].includes(a.name) ? 'longer' : 'wider';
}

function compareItems(a: MysqlType, b: MysqlType): TypeChange {
  if (a.items.some((item) => !b.items.includes(item))) return 'narrower';
  if (a.items.some((item, index) => b.items[index] !== item)) return 'wider';
  if (a.items.length === b.items.length) return 'same';
  return storedBytes(a) === storedBytes(b) ? 'longer' : 'wider';
}

/** https://dev.mysql.com/doc/refman/8.4/en/storage-requirements.html */
function storedBytes({ name, items }: MysqlType): number {
  if (name === 'enum') return items.length < 256 ? 1 : 2;
  const bytes = Math.ceil(items.length / 8);
  return bytes > 4 ? 8 : bytes;
}

type Range = readonly [low: number, high: number];

function integerRange({ name, isUnsigned }: MysqlType): Range {
  const bits = 8 * (integers[name] ?? 8);
  return isUnsigned ? [0, 2 ** bits] : [-(2 ** (bits - 1)), 2 ** (bits - 1)];
}

function decimalRange(type: MysqlType): Range | undefined {
  const [precision, scale] = precisionOf(type);
  return scale === 0 ? [type.isUnsigned ? 0 : -(10 ** precision), 10 ** precision] : undefined;
}

function rangeOf(type: MysqlType): Range | undefined {
  if (integers[type.name] !== undefined) return integerRange(type);
  if (type.name === 'decimal') {
    const [precision, scale] = precisionOf(type);
    return [type.isUnsigned ? 0 : -(10 ** (precision - scale)), 10 ** (precision - scale)];
  }
  // The integers that a mantissa holds exactly.
  if (type.name === 'double') return [-(2 ** 53), 2 ** 53];
  if (type.name === 'float') return [-(2 ** 24), 2 ** 24];
  return type.name === 'varchar' || type.name === 'char' ? textRange(type) : undefined;
}

/** The integers whose digits and sign fit. */
function textRange({ numbers }: MysqlType): Range {
  const room = numbers[0] ?? 1;
  return [-(10 ** (room - 1)), 10 ** room];
}

function within(inner: Range | undefined, outer: Range | undefined): TypeChange {
  return inner !== undefined && outer !== undefined && outer[0] <= inner[0] && inner[1] <= outer[1]
    ? 'wider'
    : 'narrower';
}

function precisionOf({ numbers }: MysqlType): readonly [number, number] {
  return [numbers[0] ?? 10, numbers[1] ?? 0];
}

interface Length {
  readonly kind: 'text' | 'bytes';
  readonly bytes: number;
}

/** The bytes of a type's longest value. */
function lengthOf(type: MysqlType, bytes: number): Length | undefined {
  if (type.name === 'enum')
    return { kind: 'text', bytes: bytes * Math.max(...type.items.map(({ length }) => length)) };
  if (type.name === 'date') return { kind: 'text', bytes: 10 * bytes };
  if (times.includes(type.name)) return { kind: 'text', bytes: 26 * bytes };
  if (type.name === 'json') return { kind: 'text', bytes: 2 ** 32 - 1 };
  return roomOf(type, bytes);
}

function roomOf({ name, numbers }: MysqlType, bytes: number): Length | undefined {
  const length = numbers[0] ?? 1;
  if (name === 'char' || name === 'varchar') return { kind: 'text', bytes: length * bytes };
  if (name === 'binary' || name === 'varbinary') return { kind: 'bytes', bytes: length };
  if (texts[name] !== undefined) return { kind: 'text', bytes: texts[name] };
  if (blobs[name] !== undefined) return { kind: 'bytes', bytes: blobs[name] };
  return undefined;
}

function fits(length: Length | undefined, room: Length | undefined, a: MysqlType, b: MysqlType): TypeChange {
  if (length === undefined || room === undefined || length.kind !== room.kind) return 'narrower';
  // CHAR cuts trailing blanks off, and BINARY pads with zeros.
  if (['char', 'binary'].includes(b.name) && a.name.startsWith('var')) return 'narrower';
  return room.bytes >= length.bytes ? 'wider' : 'narrower';
}

/** The most bytes of a character, https://dev.mysql.com/doc/refman/8.4/en/charset-charsets.html */
export function bytesPerCharacter(charset: string | null): number {
  if (charset === null) return 4;
  if (['utf8', 'utf8mb3', 'ucs2'].includes(charset)) return charset === 'ucs2' ? 2 : 3;
  return ['utf8mb4', 'utf16', 'utf16le', 'utf32', 'gb18030'].includes(charset) ? 4 : 1;
}

/** Whether each character of one set is in the other. */
export function charsetKeeps(from: string, to: string): boolean {
  const plain = (charset: string) => (charset === 'utf8' ? 'utf8mb3' : charset);
  const [a, b] = [plain(from), plain(to)];
  return a === b || b === 'utf8mb4' || a === 'ascii' || (b === 'utf8mb3' && a === 'latin1');
}

/** The members that a new ENUM or SET lacks. */
export function itemsLost(from: string, to: string): string[] {
  const items = parseMysqlType(to).items;
  return parseMysqlType(from).items.filter((item) => !items.includes(item));
}

/** The type alone, as MySQL spells it in lower case and without display widths. */
export function plainType(text: string): string {
  const reader = readerOf(text);
  const { name, numbers, items, isUnsigned } = parseMysqlType(text);
  if (reader.done) return '';
  const list =
    items.length > 0 ? items.map((item) => `'${item}'`) : integers[name] === undefined ? numbers : [];
  return `${name}${list.length > 0 ? `(${list.join(',')})` : ''}${isUnsigned ? ' unsigned' : ''}`;
}
