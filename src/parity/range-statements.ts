import { perSource, type SourceName } from '../source-name.ts';
import { quoteName } from '../sql/quote.ts';
import { type KeyPlace, type KeyRange, keyOrder, keysCondition, rangeCondition } from './key-range.ts';
import { columnHash } from './row-hash.ts';
import { identityOf, type SharedKey, shownOf, textOfKeyPart } from './shared-key.ts';
import type { TablePair } from './table-pair.ts';

/** A pair with a key by which rows can be asked for. */
export type KeyedPair = TablePair & { readonly key: SharedKey };

/** Rows of a range in one figure: equal on both sides where, as far as SHA-256 tells, the rows are. */
export interface Checksum {
  readonly count: string;
  readonly hash: string;
}

/**
 * The statements of one table on one side. Their texts have no values but those of keys. `filter` is a condition that all rows
 * of ranges and buckets meet, besides.
 */
export interface TableStatements {
  /** One row: `Checksum`. */
  checksum(range: KeyRange): string;
  /** The key that stands so many rows behind the beginning of a range, from 0: `KeyRow`, or no row. */
  keyAt(range: KeyRange, offset: number): string;
  /** How many rows the server takes a range for, without a scan: `RowEstimate`. */
  estimate(range: KeyRange): string;
  /** A row for each of the range: `HashedRow`. */
  rowsIn(range: KeyRange): string;
  /** The same of single rows. */
  rowsOf(places: readonly KeyPlace[]): string;
  /** A hash for each column of single rows: `id`, then `c0`, `c1`, …. */
  columnsOf(places: readonly KeyPlace[]): string;
}

/** Of EXPLAIN: null where no row can be there. https://dev.mysql.com/doc/refman/8.4/en/explain-output.html */
export interface RowEstimate {
  readonly rows: string | number | null;
}

/** Values of a key are in `k0`, `k1`, …. */
export type KeyRow = Readonly<Record<string, string>>;

/** Besides the values of its key, what a person reads of them (`s0`, …), what is equal for one key on both sides (`id`), and the row's hash. */
export type HashedRow = KeyRow & { readonly id: string; readonly hash: string };

export function tableStatementsOf(
  pair: KeyedPair,
  filter = 'true',
): Readonly<Record<SourceName, TableStatements>> {
  const { key, table, rowHash } = pair;
  return perSource((source) => {
    const from = `from ${table[source]} force index (${quoteName(key.index[source])})`;
    const where = (range: KeyRange) =>
      filter === 'true'
        ? `where ${rangeCondition(key, range, source)}`
        : `where ${rangeCondition(key, range, source)} and ${filter}`;
    const values = key.parts.map((part, at) => `${textOfKeyPart(part, source)} as k${at}`);
    const shown = key.parts.map((part, at) => `${shownOf(part, source)} as s${at}`);
    const identity = `${identityOf(key, source)} as id`;
    const hashed = [...values, ...shown, identity, `${rowHash[source]} as \`hash\``].join(', ');
    return {
      checksum: (range) =>
        `select cast(count(*) as char) as \`count\`, hex(bit_xor(unhex(${rowHash[source]}))) as \`hash\` ${from} ${where(range)}`,
      keyAt: (range, offset) =>
        `select ${values.join(', ')} ${from} where ${rangeCondition(key, range, source)} order by ${keyOrder(key, source)} limit 1 offset ${offset}`,
      estimate: (range) =>
        `explain format=traditional select 1 ${from} where ${rangeCondition(key, range, source)}`,
      rowsIn: (range) => `select ${hashed} ${from} ${where(range)}`,
      rowsOf: (places) => `select ${hashed} ${from} where ${keysCondition(key, places, source)}`,
      columnsOf: (places) => {
        const columns = pair.columns.map((column, at) => `${columnHash(column, source)} as c${at}`);
        return `select ${[identity, ...columns].join(', ')} ${from} where ${keysCondition(key, places, source)}`;
      },
    };
  });
}

export function placeOf({ key }: KeyedPair, row: KeyRow, from: SourceName): KeyPlace {
  return { values: key.parts.map((_, at) => row[`k${at}`] as string), from };
}

/** The text of a row's key for a person, by the names of its columns. */
export function shownKey({ key }: KeyedPair, row: HashedRow): Readonly<Record<string, string>> {
  return Object.fromEntries(key.parts.map(({ name }, at) => [name, row[`s${at}`] as string]));
}
