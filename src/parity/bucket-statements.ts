import { perSource, type SourceName } from '../source-name.ts';
import { identityOf, shownOf, textOfKeyPart } from './shared-key.ts';
import type { TablePair } from './table-pair.ts';

/** A part of a table by the first digits of a hash: `bucket`, its rows and their checksum. */
export interface BucketSum {
  readonly bucket: string;
  readonly count: string;
  readonly hash: string;
}

/** Rows that are equal in all that is compared: their hash and their number. */
export interface EqualRows {
  readonly hash: string;
  readonly count: string;
}

/** Statements for a table whose rows have no order that both sides share. */
export interface BucketStatements {
  /** A row for each bucket that has any: `BucketSum`. */
  readonly sums: string;
  /** Of a table with a key, as `rowsIn`: `HashedRow`. Of one without: `EqualRows`. */
  rowsIn(buckets: readonly string[]): string;
}

/** Hexadecimal digits of a bucket's name: 4096 buckets. */
const digits = 3;

/**
 * A table that no key tells apart is read whole, by what is equal: rows are counted by their hash, since checksums by XOR
 * would cancel pairs. So is one whose key the two sides sort differently, by the key's hash.
 */
export function bucketStatementsOf(
  pair: TablePair,
  filter = 'true',
): Readonly<Record<SourceName, BucketStatements>> {
  const { table, rowHash, key } = pair;
  return perSource((source) => {
    const from = `from ${table[source]} where ${filter}`;
    const counted = `select ${rowHash[source]} as h, count(*) as n ${from} group by h`;
    const keyed = key === null ? '' : `sha2(${identityOf(key, source)}, 256)`;
    const sumsOf = (rows: string, bucket: string, text: string, count: string) =>
      `select ${bucket} as bucket, cast(${count} as char) as \`count\`, hex(bit_xor(unhex(sha2(${text}, 256)))) as \`hash\` from (${rows}) as r group by bucket`;
    const named = (buckets: readonly string[]) => `(${buckets.map((name) => `'${name}'`).join(', ')})`;
    if (key === null) {
      return {
        sums: sumsOf(counted, `left(h, ${digits})`, `concat(h, ':', n)`, 'sum(n)'),
        rowsIn: (buckets) =>
          `select h as \`hash\`, cast(n as char) as \`count\` from (${counted}) as r where left(h, ${digits}) in ${named(buckets)}`,
      };
    }
    const values = key.parts.flatMap((part, at) => [
      `${textOfKeyPart(part, source)} as k${at}`,
      `${shownOf(part, source)} as s${at}`,
    ]);
    return {
      sums: sumsOf(
        `select ${keyed} as k, ${rowHash[source]} as h ${from}`,
        `left(k, ${digits})`,
        'concat(k, h)',
        'count(*)',
      ),
      rowsIn: (buckets) =>
        `select ${[...values, `${identityOf(key, source)} as id`, `${rowHash[source]} as \`hash\``].join(', ')} ${from} and left(${keyed}, ${digits}) in ${named(buckets)}`,
    };
  });
}
