import { parseMysqlType } from './mysql-type.ts';
import { quoteText } from './quote.ts';
import { codeTokens, isOneOf, isSymbol, type SqlToken } from './tokens.ts';

/** A column's type as MySQL's catalogue shows it, and what the same words say besides. */
export interface CatalogueType {
  readonly type: string;
  /** Null where the words name none. */
  readonly charset: string | null;
  readonly collation: string | null;
  readonly srid: number | null;
}

/** The sizes that go without saying: https://dev.mysql.com/doc/refman/8.4/en/numeric-type-syntax.html and string-type-syntax.html there. */
const sizes: Readonly<Record<string, string>> = { bit: '(1)', char: '(1)', binary: '(1)', decimal: '(10,0)' };

/** Digits with which ZEROFILL shows an integer that names none. */
const widths: Readonly<Record<string, number>> = {
  tinyint: 3,
  smallint: 5,
  mediumint: 8,
  int: 10,
  bigint: 20,
};

/** The bytes that a TEXT or BLOB of each kind holds; one that is declared with a length is of the first that holds it. */
const kinds = [
  ['tiny', 255],
  ['', 65_535],
  ['medium', 16_777_215],
  ['long', 4_294_967_295],
] as const;

/** Bytes of one character at most; those of other character sets take one. */
const charWidths: Readonly<Record<string, number>> = {
  utf8mb4: 4,
  utf8mb3: 3,
  utf8: 3,
  utf16: 4,
  utf32: 4,
  ucs2: 2,
};

/**
 * Spells a type that an entity or a statement writes in MySQL's own words: `numeric(10,2)` is `decimal(10,2)`, `integer` is `int`.
 *
 * @param tableCharset the character set of a column whose words name none
 */
export function catalogueType(written: string, tableCharset: string): CatalogueType {
  const { name, numbers, isUnsigned, srid = null } = parseMysqlType(written);
  const tokens = codeTokens(written);
  const close = tokens.findLastIndex((token) => isSymbol(token, ')'));
  const behind = tokens.slice(close + 1);
  const charset = wordBehind(behind, written, ['SET', 'CHARSET']);
  const attributes = [
    ...(isUnsigned ? ['unsigned'] : []),
    ...(behind.some((token) => isOneOf(token, ['ZEROFILL'])) ? ['zerofill'] : []),
  ];
  const type =
    name === 'enum' || name === 'set'
      ? `${name}(${tokens.filter(({ kind }) => kind === 'string').map((token) => itemOf(token, written))})`
      : sized(name, numbers, attributes, charset ?? tableCharset);
  return {
    type: [type, ...attributes].join(' '),
    charset,
    collation: wordBehind(behind, written, ['COLLATE']),
    srid,
  };
}

/** A name and its numbers, in parentheses. */
function sized(
  name: string,
  numbers: readonly number[],
  attributes: readonly string[],
  charset: string,
): string {
  const [first, second] = numbers;
  const width = widths[name];
  if (width !== undefined) {
    if (attributes.includes('zerofill')) return `${name}(${first ?? width})`;
    return name === 'tinyint' && first === 1 && attributes.length === 0 ? 'tinyint(1)' : name;
  }
  if (name === 'decimal' && second === undefined && first !== undefined) return `decimal(${first},0)`;
  // https://dev.mysql.com/doc/refman/8.4/en/floating-point-types.html
  if (name === 'float' && second === undefined && first !== undefined) return first > 24 ? 'double' : 'float';
  if (name === 'year' || (/^(?:datetime|timestamp|time)$/.test(name) && first === 0)) return name;
  if ((name === 'text' || name === 'blob') && first !== undefined) {
    const bytes = first * (name === 'blob' ? 1 : (charWidths[charset] ?? 1));
    return `${kinds.find(([, most]) => bytes <= most)?.[0] ?? 'long'}${name}`;
  }
  return `${name}${numbers.length === 0 ? (sizes[name] ?? '') : `(${numbers.join(',')})`}`;
}

/** As it is written, unless MySQL has other quotes for it. */
function itemOf({ start, end, text }: SqlToken, written: string): string {
  const item = written.slice(start, end);
  return item.startsWith("'") ? item : quoteText(text);
}

/** In lower case. */
function wordBehind(tokens: readonly SqlToken[], written: string, words: readonly string[]): string | null {
  const found = tokens[tokens.findIndex((token) => isOneOf(token, words)) + 1];
  if (found === undefined || !tokens.some((token) => isOneOf(token, words))) return null;
  return found.kind === 'word'
    ? written.slice(found.start, found.end).toLowerCase()
    : found.text.toLowerCase();
}
