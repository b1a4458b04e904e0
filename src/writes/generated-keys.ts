import type { EntityMetadata } from '@mikro-orm/core';
import { type Column, columnNamed, primaryKeyOf } from '../column-types/column-types.ts';
import { isOfKeyType, type KeyColumn, type RowKey, toRowKey } from '../column-types/table-key.ts';
import type { ReadStatement } from '../sources/transaction.ts';
import { quoteName } from '../sql/quote.ts';
import type { Insert } from './insert-text.ts';
import type { Transaction } from './transaction.ts';

/** The values that one statement gives its rows. */
export interface Inserted {
  readonly insert: Insert;
  /** A row's value of a column of its key, as the API has it. */
  readonly keyValue: (row: number, column: Column) => unknown;
}

/**
 * The keys of new rows, of which the database may have given a part.
 *
 * @param numbers that it gave, where the table's key is numbered
 */
export function keysFrom(
  meta: EntityMetadata,
  numbers: readonly (number | string)[],
  count: number,
  { keyValue }: Inserted,
): RowKey[] {
  const key = primaryKeyOf(meta);
  const { numbered } = key;
  const ofType = (column: KeyColumn, number: number | string) =>
    isOfKeyType(column, Number(number)) ? Number(number) : String(number);
  const [only, ...others] = key.columns as [KeyColumn, ...KeyColumn[]];
  if (others.length === 0 && only.name === numbered) return numbers.map((number) => ofType(only, number));
  const parts = key.columns.map((column) => [column, columnNamed(meta, column.name)] as const);
  return Array.from({ length: count }, (_, at) =>
    toRowKey(
      key,
      parts.map(([column, named]) => {
        if (column.name === numbered) return ofType(column, numbers[at] as number | string);
        const value = keyValue(at, named);
        return named.codec.stored?.(value as never) ?? value;
      }),
    ),
  );
}

/** The numbers of rows that one INSERT has made. */
interface Numbered {
  /** The first number, by MySQL's answer. */
  readonly first: number | string;
  readonly count: number;
}

/**
 * The numbers that rows of one INSERT were given, the first of which MySQL returns. The others need not be the next ones: their
 * distance is a setting (auto_increment_increment, which may change at any time), and others' rows may come between where the table
 * has a trigger, or the rows come from a SELECT
 * (https://dev.mysql.com/doc/refman/8.4/en/innodb-auto-increment-handling.html#innodb-auto-increment-lock-modes).
 * So they are looked up. The transaction does not see rows that others have inserted since its snapshot, and before it
 * there was no row with so high a key: MySQL gives ascending ones. Where the highest is so far from the first as there are rows, the
 * numbers between are all of them, and need not be read.
 *
 * @returns none where the key is not numbered
 * @throws where it sees other rows, or fewer, as where a trigger chooses the keys: they are then not known
 */
export async function numbersFrom(
  { reads }: Transaction,
  meta: EntityMetadata,
  numbered: Numbered,
): Promise<readonly (number | string)[]> {
  const { first, count } = numbered;
  const name = primaryKeyOf(meta).numbered;
  if (name === null) return [];
  const made = madeFrom(meta, name, numbered);
  // The answer to INSERT has a key that a trigger chose; this function does not.
  const sql = `select count(*), min(number), max(number), last_insert_id() from (${made.sql}) as made`;
  const [[there, least, most, given] = []] = await reads.arrays({ ...made, sql });
  if (Number(there) !== count || String(least) !== String(first) || String(given) !== String(first)) {
    throw new Error('MySQL did not report the keys of new rows.');
  }
  const from = Number(first);
  if (Number.isSafeInteger(Number(most)) && Number(most) - from === count - 1) {
    return Array.from({ length: count }, (_, at) => from + at);
  }
  const rows = (await reads.arrays(made)) as [number | string][];
  return rows.map(([number]) => number);
}

/** Selects the numbers from the first on, and one more if there is one. */
function madeFrom(meta: EntityMetadata, name: string, { first, count }: Numbered): ReadStatement {
  const column = quoteName(columnNamed(meta, name).column);
  const sql = `select ${column} as number from ${quoteName(meta.tableName)} where ${column} >= cast(? as unsigned) order by ${column} limit ?`;
  return { sql, params: [String(first), count + 1] };
}
