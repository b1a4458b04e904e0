import { type EntityMetadata, LockMode } from '@mikro-orm/core';
import { type FieldProblem, TandemError } from '../errors/tandem-error.ts';
import { fieldOf } from '../sources/api-names.ts';
import { type PlacedInput, writableColumnsOf } from './input.ts';
import type { Transaction } from './transaction.ts';

// https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html#error_er_no_referenced_row_2
export const noReferencedRow = 1452;

/**
 * Writes rows. Where a foreign key refuses them, MySQL does not say which: the parents are then looked up, at the
 * cost of a statement that a write without fault never pays.
 *
 * @throws TandemError NOT_FOUND that names each input whose parent is not there
 */
export async function namingMissingParents<T>(
  transaction: Transaction,
  meta: EntityMetadata,
  rows: readonly PlacedInput[],
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if ((error as { errno?: number }).errno !== noReferencedRow) throw error;
    const fields = await missingParents(transaction, meta, rows);
    // None: another transaction brought the parent meanwhile, or MySQL means another constraint.
    if (fields.length === 0) throw error;
    throw new TandemError('NOT_FOUND', { source: transaction.source, fields, cause: error });
  }
}

/** Which of some keys are those of rows. */
export async function keysThere(
  { em }: Transaction,
  { class: of }: EntityMetadata,
  keys: readonly number[],
): Promise<ReadonlySet<unknown>> {
  const there = await em
    .createQueryBuilder(of as new () => { key: number })
    .select('key')
    .where({ key: { $in: [...new Set(keys)] } })
    // What is there now, as the foreign key sees it, and not what the transaction's snapshot has.
    .setLockMode(LockMode.PESSIMISTIC_READ)
    .execute('all');
  return new Set<unknown>(there.map(({ key }) => key));
}

async function missingParents(
  transaction: Transaction,
  meta: EntityMetadata,
  rows: readonly PlacedInput[],
): Promise<FieldProblem[]> {
  const problems: FieldProblem[] = [];
  for (const relation of writableColumnsOf(meta)) {
    const parent = relation.targetMeta;
    if (parent === undefined) continue;
    const field = fieldOf(relation);
    const named = rows.filter(({ input }) => input[field] != null);
    if (named.length === 0) continue;
    const keys = await keysThere(
      transaction,
      parent,
      named.map(({ input }) => input[field] as number),
    );
    for (const { input, path } of named) {
      if (keys.has(input[field])) continue;
      problems.push({ path: `${path}.${field}`, message: `is the key of no ${parent.className}` });
    }
  }
  return problems;
}
