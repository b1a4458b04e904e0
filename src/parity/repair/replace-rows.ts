import { TandemError } from '../../errors/tandem-error.ts';
import type { SchemaModel } from '../../information-schema/model.ts';
import type { ParityClients } from '../on-both.ts';
import { isUnavailable } from '../open-pair.ts';
import { readBatch } from './batches.ts';
import type { RepairJournal } from './journal.ts';
import type { RepairDirection, RowOperation } from './row-operation.ts';
import { rowStatementsOf } from './row-statements.ts';
import { sideEffects } from './side-effects.ts';
import type { WaitingOperation } from './unblock-rows.ts';

/** ER_DUP_ENTRY */
const duplicate = 1062;
/** Rows of one transaction. */
const most = 1000;

/**
 * Deletes rows that exchange unique values, and inserts them as they are to be, all of one table in one transaction: the last way, where
 * no value is free, or a CHECK allows none. Tables are left alone where a trigger or another table's rows would see it.
 *
 * @returns the operations that are done
 */
export async function replaceRows(
  stuck: readonly WaitingOperation[],
  clients: ParityClients,
  direction: RepairDirection,
  {
    schema,
    journal,
  }: { readonly schema: Pick<SchemaModel, 'tables' | 'triggers'>; readonly journal: RepairJournal },
): Promise<ReadonlySet<RowOperation>> {
  const exchanged = stuck
    .filter(({ operation, errno }) => operation.action === 'UPDATE' && errno === duplicate)
    .map(({ operation }) => operation);
  const done = new Set<RowOperation>();
  for (const rows of Map.groupBy(exchanged, ({ pair }) => pair).values()) {
    if (rows.length > most || isSeenElsewhere(rows, schema, direction)) continue;
    if (await replaced(rows, clients, { direction, journal })) for (const row of rows) done.add(row);
  }
  return done;
}

function isSeenElsewhere(
  rows: readonly RowOperation[],
  schema: Pick<SchemaModel, 'tables' | 'triggers'>,
  { to }: RepairDirection,
): boolean {
  const steps = (['DELETE', 'INSERT'] as const).flatMap((action) => rows.map((row) => ({ ...row, action })));
  return sideEffects(steps, schema, to).length > 0;
}

/** @returns whether all of them were: none is written else */
async function replaced(
  operations: readonly RowOperation[],
  clients: ParityClients,
  { direction, journal }: { readonly direction: RepairDirection; readonly journal: RepairJournal },
): Promise<boolean> {
  const statements = rowStatementsOf(operations[0] as RowOperation, direction);
  const rows = await readBatch(clients[direction.from], statements, operations);
  const carried = operations.map((operation) => rows.get(operation.id));
  const inserts = carried.flatMap((row, at) =>
    row?.hash === operations[at]?.seen.from && row !== undefined ? [statements.insert(row)] : [],
  );
  if (inserts.length < operations.length) return false;
  try {
    await clients[direction.to].transaction(async (run) => {
      for (const operation of operations)
        if ((await run(statements.delete(operation))).affectedRows === 0) throw new Changed();
      for (const sql of inserts) await run(sql);
      await journal(run, operations);
    });
    return true;
  } catch (error) {
    if (error instanceof Changed) return false;
    // Rows of another table refer to one, or another row has the value.
    const { errno = 0 } = (error instanceof TandemError ? error.cause : error) as { readonly errno?: number };
    if (errno > 0 && !isUnavailable(error) && !isUnaudited(error)) return false;
    throw error;
  }
}

const isUnaudited = (error: unknown) => error instanceof TandemError && error.code === 'AUDIT_UNAVAILABLE';

/** A row is no longer as it was seen. */
class Changed extends Error {}
