import type { EntityMetadata } from '@mikro-orm/core';
import { childInputs, childrenOf, dataOf, type PlacedInput } from './input.ts';
import { namingMissingParents } from './parents.ts';
import type { Work } from './work.ts';

/** A row to be inserted. */
interface NewRow extends PlacedInput {
  /** The key of the row that its input stands in, by the property that points there. */
  readonly owner?: Readonly<Record<string, number>>;
}

/**
 * Inserts rows, then the children in their inputs: one statement a table, whatever the number of rows.
 *
 * @returns the keys of `rows`, in their order
 */
export async function insertRows(
  work: Work,
  meta: EntityMetadata,
  rows: readonly NewRow[],
): Promise<number[]> {
  if (rows.length === 0) return [];
  const keys = await namingMissingParents(work, meta, rows, () => insertInto(work, meta, rows));
  for (const { relation, of } of childrenOf(meta)) {
    const children = rows.flatMap((row, index) =>
      childInputs(row, relation).map((child) => ({
        ...child,
        owner: { [relation.mappedBy as string]: keys[index] as number },
      })),
    );
    await insertRows(work, of, children);
  }
  return keys;
}

/**
 * The driver's own insert, since the entity manager's tells the first key alone. MySQL numbers the rows of one
 * INSERT … VALUES consecutively, also beside others' inserts:
 * https://dev.mysql.com/doc/refman/8.4/en/innodb-auto-increment-handling.html
 */
async function insertInto({ em }: Work, meta: EntityMetadata, rows: readonly NewRow[]): Promise<number[]> {
  const data = rows.map(({ input, owner }) => ({ ...dataOf(meta, input), ...owner }));
  const ctx = em.getTransactionContext();
  const result = await em.getDriver().nativeInsertMany(meta.class, data, { ctx });
  const [keyColumn = ''] = meta.getPrimaryProp().fieldNames;
  return (result.rows ?? []).map((row) => row[keyColumn] as number);
}
