import type { RunStatement } from '../client.ts';
import type { ParityClients } from '../on-both.ts';
import { batchesOf, readBatch, undone } from './batches.ts';
import { journalOperations } from './journal.ts';
import { foreignColumns, freeValues } from './make-room.ts';
import type { RepairDirection, RowOperation } from './operation.ts';
import { type CarriedRow, type RowStatements, rowStatementsOf } from './row-statements.ts';

/** An operation that another row stands in the way of, and MySQL's number. */
export interface WaitingOperation {
  readonly operation: RowOperation;
  readonly errno: number;
}

/** ER_NO_REFERENCED_ROW_2 */
const noParent = 1452;

/** Takes rows out of the way that wait for each other, since they exchange unique values or need each other. */
export function createMover(clients: ParityClients, direction: RepairDirection) {
  const target = clients[direction.to];
  /** A row is taken out of the way once: where that did not help, a second time does not. */
  const moved = new Set<string>();
  return { makeRoom };

  /**
   * @returns the same where there is no way for any
   */
  async function makeRoom(stuck: readonly WaitingOperation[]): Promise<readonly WaitingOperation[]> {
    const left = new Map<RowOperation, RowOperation>();
    const numbers = new Map(stuck.map(({ operation, errno }) => [operation, errno]));
    for (const batch of batchesOf(stuck.map(({ operation }) => operation))) {
      const rows = await moveAway(batch, numbers);
      for (const [operation, rest] of rows) left.set(operation, rest);
    }
    if (left.size === 0) return stuck;
    return stuck.map(({ operation, errno }) => ({ operation: left.get(operation) ?? operation, errno }));
  }

  /** @returns the operations whose rows were moved, each with the one that is left */
  async function moveAway(
    batch: readonly RowOperation[],
    numbers: ReadonlyMap<RowOperation, number>,
  ): Promise<ReadonlyMap<RowOperation, RowOperation>> {
    const [first] = batch;
    if (first === undefined) return new Map();
    const statements = rowStatementsOf(first, direction);
    const rows = await readBatch(clients[direction.from], statements, batch);
    return await target.transaction(async (run) => {
      const rest = new Map<RowOperation, RowOperation>();
      const entries: RowOperation[] = [];
      const names: string[] = [];
      for (const operation of batch) {
        const name = `${operation.pair.name} ${operation.id}`;
        const sql = moved.has(name)
          ? null
          : roomFor(statements, operation, numbers.get(operation) ?? 0, rows);
        const hash = sql === null ? null : await movedHash(run, statements, operation, sql);
        if (hash === null) continue;
        names.push(name);
        const moving = operation.action === 'DELETE' ? 'UPDATE' : operation.action;
        entries.push({ ...operation, action: moving, seen: { from: hash, to: operation.seen.to } });
        const action = operation.action === 'INSERT' ? 'UPDATE' : operation.action;
        rest.set(operation, { ...operation, action, seen: { ...operation.seen, to: hash } });
      }
      await journalOperations(run, entries, direction);
      for (const name of names) moved.add(name);
      return rest;
    });
  }

  async function movedHash(
    run: RunStatement,
    statements: RowStatements,
    operation: RowOperation,
    sql: string,
  ): Promise<string | null> {
    try {
      const { affectedRows } = await run(sql);
      if (affectedRows === 0) return null;
    } catch (error) {
      const { errno } = error as { readonly errno?: number };
      if (errno === undefined || undone.has(errno)) throw error;
      return null;
    }
    const [row] = await run<{ hash: string }[]>(statements.hashNow(operation));
    return row?.hash ?? null;
  }

  function roomFor(
    statements: RowStatements,
    operation: RowOperation,
    errno: number,
    rows: ReadonlyMap<string, CarriedRow>,
  ): string | null {
    const without = foreignColumns(operation, direction.to);
    if (operation.action !== 'INSERT') {
      // Of a row that is deleted, the values of foreign keys hold others, too.
      const nulls = operation.action === 'DELETE' ? [...without].map((name) => [name, 'null'] as const) : [];
      const values = new Map([...freeValues(operation, direction.to), ...nulls]);
      return values.size === 0 ? null : statements.set(operation, values);
    }
    if (errno !== noParent) return null;
    const row = rows.get(operation.id);
    return without.size === 0 || row === undefined ? null : statements.insert(row, without);
  }
}
