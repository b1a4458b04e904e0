import { quoteName } from '../../sql/quote.ts';
import type { RunStatement } from '../client.ts';
import type { ParityClients } from '../on-both.ts';
import { batchesOf, readBatch, undone } from './batches.ts';
import { foreignColumns, freeValues } from './free-unique-values.ts';
import type { RepairJournal } from './journal.ts';
import type { RepairDirection, RowOperation } from './row-operation.ts';
import { type CarriedRow, type RowStatements, rowStatementsOf } from './row-statements.ts';

/** An operation that another row stands in the way of, and MySQL's number. */
export interface WaitingOperation {
  readonly operation: RowOperation;
  readonly errno: number;
}

const mostMoves = 3;

/** ER_NO_REFERENCED_ROW_2 */
const noParent = 1452;

/**
 * Takes rows out of the way that wait for each other, since they exchange unique values or need each other.
 *
 * @param mayRun whether a step that the plan does not name may run: what it sets off is meant, or there is nothing
 */
export function createMover(
  clients: ParityClients,
  direction: RepairDirection,
  journal: RepairJournal,
  mayRun: (step: RowOperation) => boolean,
) {
  const target = clients[direction.to];
  /** How often each row was taken out of the way: the free value may be one that a row of the other side is to have. */
  const moved = new Map<string, number>();
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
        const isDone = (moved.get(name) ?? 0) >= mostMoves;
        const ways = isDone ? [] : roomFor(statements, operation, numbers.get(operation) ?? 0, rows);
        const hash = await movedHash(run, statements, operation, ways);
        if (hash === null) continue;
        names.push(name);
        const moving = operation.action === 'DELETE' ? 'UPDATE' : operation.action;
        entries.push({ ...operation, action: moving, seen: { from: hash, to: operation.seen.to } });
        const action = operation.action === 'INSERT' ? 'UPDATE' : operation.action;
        rest.set(operation, { ...operation, action, seen: { ...operation.seen, to: hash } });
      }
      await journal(run, entries);
      for (const name of names) moved.set(name, (moved.get(name) ?? 0) + 1);
      return rest;
    });
  }

  async function movedHash(
    run: RunStatement,
    statements: RowStatements,
    operation: RowOperation,
    ways: readonly string[],
  ): Promise<string | null> {
    for (const sql of ways) {
      try {
        const { affectedRows } = await run(sql);
        if (affectedRows === 0) return null;
        const [row] = await run<{ hash: string }[]>(statements.hashNow(operation));
        return row?.hash ?? null;
      } catch (error) {
        const { errno } = error as { readonly errno?: number };
        if (errno === undefined || undone.has(errno)) throw error;
      }
    }
    return null;
  }

  /** Statements of which one is enough. */
  function roomFor(
    statements: RowStatements,
    operation: RowOperation,
    errno: number,
    rows: ReadonlyMap<string, CarriedRow>,
  ): readonly string[] {
    const without = foreignColumns(operation, direction.to);
    if (operation.action !== 'INSERT') {
      // Of a row that is deleted, the values of foreign keys hold others, too.
      const nulls = operation.action === 'DELETE' ? [...without].map((name) => [name, 'null'] as const) : [];
      return freeValues(operation, direction.to)
        .map((values) => new Map([...values, ...nulls]))
        .filter((values) => values.size > 0 && mayUpdate(operation, [...values.keys()]))
        .map((values) => statements.set(operation, values));
    }
    const row = rows.get(operation.id);
    if (errno !== noParent || without.size === 0 || row === undefined) return [];
    return mayUpdate(operation, [...without]) ? [statements.insert(row, without)] : [];
  }

  /** Also of a row that is to be inserted, or deleted, and is updated on the way. */
  function mayUpdate(operation: RowOperation, names: readonly string[]): boolean {
    const columns = operation.pair.models[direction.to].columns
      .map(({ name }) => name)
      .filter((name) => names.includes(quoteName(name)));
    return mayRun({ ...operation, action: 'UPDATE', columns });
  }
}
