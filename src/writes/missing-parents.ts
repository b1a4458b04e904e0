import type { EntityMetadata } from '@mikro-orm/core';
import { primaryKeyOf } from '../column-types/column-types.ts';
import { keyFromApi, type RowKey } from '../column-types/table-key.ts';
import { type FieldProblem, TandemError } from '../errors/tandem-error.ts';
import { fieldOf } from '../sources/api-names.ts';
import { quoteName } from '../sql/quote.ts';
import { columnsOfKey, haveValues } from './column-values.ts';
import { type PlacedInput, writableColumnsOf } from './input-fields.ts';
import type { Transaction } from './transaction.ts';

// https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html#error_er_no_referenced_row_2
export const noReferencedRow = 1452;

/**
 * The error of rows that were refused. Where a foreign key refuses them, MySQL does not say which: the parents are then looked up, at the
 * cost of a statement that a write without fault never pays.
 *
 * @param error of the statement that writes them
 * @returns TandemError NOT_FOUND that names each input whose parent is not there, else `error` itself
 */
export async function namingMissingParents(
  transaction: Transaction,
  meta: EntityMetadata,
  rows: readonly PlacedInput[],
  error: unknown,
): Promise<unknown> {
  if ((error as { errno?: number }).errno !== noReferencedRow) return error;
  const fields = await missingParents(transaction, meta, rows);
  // None: another transaction brought the parent meanwhile, or MySQL means another constraint.
  if (fields.length === 0) return error;
  return new TandemError('NOT_FOUND', { source: transaction.source, fields, cause: error });
}

/** Keys that one statement looks up. */
const mostKeys = 500;

/** Which of some keys a foreign key finds; the row's own may be another text. */
export async function keysThere(
  { em }: Transaction,
  meta: EntityMetadata,
  keys: readonly RowKey[],
): Promise<ReadonlySet<RowKey>> {
  const asked = [...new Set(keys)];
  const there = new Set<RowKey>();
  for (let from = 0; from < asked.length; from += mostKeys) {
    const some = asked.slice(from, from + mostKeys);
    const found = some.map((key, at) => {
      const { sql, params } = haveValues(columnsOfKey(meta, key));
      // The rows that are there now, as the foreign key sees them, and not those of the transaction's snapshot.
      return { sql: `(select ${at} as at from ${quoteName(meta.tableName)} where ${sql} for share)`, params };
    });
    const rows = await em.execute<{ at: number }[]>(
      found.map(({ sql }) => sql).join(' union all '),
      found.flatMap(({ params }) => params),
    );
    for (const { at } of rows) there.add(some[at] as RowKey);
  }
  return there;
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
    const keyOfInput = ({ input }: PlacedInput) => keyFromApi(primaryKeyOf(parent), input[field]);
    const keys = await keysThere(transaction, parent, named.map(keyOfInput));
    for (const row of named) {
      if (keys.has(keyOfInput(row))) continue;
      problems.push({ path: `${row.path}.${field}`, message: `is the key of no ${parent.className}` });
    }
  }
  return problems;
}
