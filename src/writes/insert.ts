import type { EntityMetadata } from '@mikro-orm/core';
import { raw } from '@mikro-orm/mysql';
import { linkOf } from '../reads/link.ts';
import { propertyOf } from '../reads/properties.ts';
import { insertSql } from './change-sql.ts';
import { automaticData, childInputs, childrenOf, dataOf, type PlacedInput } from './input.ts';
import { insertLinks } from './link-table.ts';
import { namingMissingParents } from './parents.ts';
import type { Transaction } from './transaction.ts';

/** A row to be inserted. */
interface NewRow extends PlacedInput {
  /** The key of the row that its input stands in, by the property that points there. */
  readonly owner?: Readonly<Record<string, number>>;
}

/**
 * Inserts rows, then the children in their inputs: one INSERT a table, whatever the number of rows, and one SELECT where the
 * keys of several rows have to be known. For those, the transaction must have begun with a snapshot.
 *
 * @returns the keys of `rows`, in their order
 */
export async function insertRows(
  transaction: Transaction,
  meta: EntityMetadata,
  rows: readonly NewRow[],
): Promise<number[]> {
  const keys = await insertAll(transaction, meta, rows);
  await insertChildren(transaction, meta, rows, keys);
  return keys;
}

/**
 * Inserts the children in inputs.
 *
 * @param keys of the rows that they come to belong to
 */
export async function insertChildren(
  transaction: Transaction,
  meta: EntityMetadata,
  rows: readonly PlacedInput[],
  keys: readonly number[],
): Promise<void> {
  for (const { relation, of } of childrenOf(meta)) {
    const children = rows.flatMap((row, index) =>
      childInputs(row, relation).map((child) => ({ ...child, to: keys[index] as number })),
    );
    if (children.length === 0) continue;
    const link = linkOf(relation);
    if (link.rows !== null) {
      const below = await insertRows(transaction, of, children);
      const links = children.map(({ to, path }, at) => ({ owner: to, key: below[at] as number, path }));
      await insertLinks(transaction, link, links);
      continue;
    }
    const owned = children.map(({ to, ...child }) => ({ ...child, owner: { [link.owner]: to } }));
    if (needKeys(of, owned, transaction.written !== null)) await insertRows(transaction, of, owned);
    else await insertInto(transaction, of, owned);
  }
}

/** One statement, which the audit trail has with the keys of its rows. */
async function insertAll(
  transaction: Transaction,
  meta: EntityMetadata,
  rows: readonly NewRow[],
): Promise<number[]> {
  const { first, columns } = await insertInto(transaction, meta, rows);
  const keys = await keysFrom(transaction, meta, first, rows.length);
  transaction.written?.push({ operation: 'create', table: meta.tableName, keys, columns, meta });
  return keys;
}

/**
 * Whether the keys of several rows of one table have to be known.
 *
 * @param recorded whether the audit trail names them
 */
export function needsSnapshot(
  meta: EntityMetadata,
  rows: readonly PlacedInput[],
  recorded: boolean,
): boolean {
  return rows.length > 1 || needsSnapshotBelow(meta, rows, recorded);
}

/** The same of the children in inputs. */
export function needsSnapshotBelow(
  meta: EntityMetadata,
  rows: readonly PlacedInput[],
  recorded: boolean,
): boolean {
  return childrenOf(meta).some(({ relation, of }) => {
    const children = rows.flatMap((row) => childInputs(row, relation));
    const isLinked = linkOf(relation).rows !== null;
    return needKeys(of, children, recorded || isLinked) && needsSnapshot(of, children, recorded);
  });
}

/** Whether the keys of new rows have to be known: for the rows below them, or for the audit trail. */
function needKeys(meta: EntityMetadata, rows: readonly PlacedInput[], recorded: boolean): boolean {
  if (recorded) return rows.length > 0;
  return childrenOf(meta).some(({ relation }) => rows.some((row) => childInputs(row, relation).length > 0));
}

/** @returns the key of the first row, and the names of the columns that the statement gave */
async function insertInto(
  transaction: Transaction,
  meta: EntityMetadata,
  rows: readonly NewRow[],
): Promise<{ readonly first: number; readonly columns: readonly string[] }> {
  const data = rows.map(({ input, owner }) => {
    const given = { ...dataOf(meta, input), ...owner };
    return { ...automaticData(meta, 'onCreate', given), ...given };
  });
  const { insertId } = await namingMissingParents(transaction, meta, rows, () =>
    transaction.change(insertSql(meta, data)),
  );
  const names = new Set(data.flatMap((row) => Object.keys(row)));
  const columns = [...names].flatMap((name) => propertyOf(meta, name).fieldNames);
  return { first: insertId, columns };
}

/**
 * The keys that rows of one INSERT were given, the first of which MySQL returns. The others need not be the next ones: their
 * distance is a setting (auto_increment_increment, which may change at any time), and others' rows may come between where the table
 * has a trigger, or the rows come from a SELECT
 * (https://dev.mysql.com/doc/refman/8.4/en/innodb-auto-increment-handling.html#innodb-auto-increment-lock-modes).
 * So they are looked up. What others have inserted since the transaction's snapshot it does not see, and before it
 * there was no row with so high a key: MySQL gives ascending ones.
 *
 * @throws where it sees other rows, or fewer, as where a trigger chooses the keys: they are then not known
 */
async function keysFrom(
  { em }: Transaction,
  meta: EntityMetadata,
  first: number,
  count: number,
): Promise<number[]> {
  if (count === 1) return [first];
  const rows = await em
    .createQueryBuilder(meta.class as new () => { key: number })
    // The answer to INSERT has a key that a trigger chose; this function does not.
    .select(['key', raw('last_insert_id() as ??', ['generated'])])
    .where({ key: { $gte: first } })
    .orderBy({ key: 'asc' })
    .limit(count + 1)
    .execute<{ key: number; generated: number }[]>('all');
  if (rows.length !== count || rows[0]?.generated !== first) {
    throw new Error('MySQL did not report the keys of new rows.');
  }
  return rows.map(({ key }) => key);
}
