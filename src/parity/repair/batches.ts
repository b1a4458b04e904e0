import type { ParityClient } from '../client.ts';
import type { RowOperation } from './row-operation.ts';
import type { CarriedRow, RowStatements } from './row-statements.ts';

/** Rows of one transaction. */
const rowsAtOnce = 100;
/** Rows of one table and action that follow each other. */
export function* batchesOf(operations: readonly RowOperation[]): Generator<readonly RowOperation[]> {
  let batch: RowOperation[] = [];
  for (const operation of operations) {
    const [first] = batch;
    if (first !== undefined && (first.pair !== operation.pair || batch.length === rowsAtOnce)) {
      yield batch;
      batch = [];
    }
    batch.push(operation);
  }
  if (batch.length > 0) yield batch;
}

/** The rows of a batch as the side has them that is copied, by the ids of their operations. */
export async function readBatch(
  from: ParityClient,
  statements: RowStatements,
  batch: readonly RowOperation[],
): Promise<ReadonlyMap<string, CarriedRow>> {
  const rows = new Map<string, CarriedRow>();
  for (const row of await from.rows<CarriedRow>(statements.read(batch))) rows.set(row.id as string, row);
  return rows;
}

/** After these nothing of the transaction is left: ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK. */
export const undone: ReadonlySet<number> = new Set([1205, 1213]);
