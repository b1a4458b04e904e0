import { TandemError } from '../../errors/tandem-error.ts';
import type { RunStatement } from '../client.ts';
import type { ParityClients } from '../on-both.ts';
import { journalOperations, makeRepairJournal } from './journal.ts';
import { foreignColumns, freeValues } from './make-room.ts';
import type { RepairDirection, RowOperation } from './operation.ts';
import { type CarriedRow, type RowStatements, rowStatementsOf } from './row-statements.ts';

/** Why a row was not written. */
export interface LeftRow {
  readonly operation: RowOperation;
  readonly why: string;
}

export interface AppliedRepair {
  readonly done: readonly RowOperation[];
  /** Rows that changed since they were seen, on either side, and rows that the server refused. */
  readonly left: readonly LeftRow[];
}

/** Rows of one transaction. */
const rowsAtOnce = 100;
/** What another row stands in the way of: ER_DUP_ENTRY, ER_ROW_IS_REFERENCED_2, ER_NO_REFERENCED_ROW_2. */
const waits: ReadonlySet<number> = new Set([1062, 1451, 1452]);
/** After these nothing of the transaction is left: ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK. */
const undone: ReadonlySet<number> = new Set([1205, 1213]);
const mostAttempts = 5;
const changed = 'The row has changed since it was compared.';

/**
 * Writes rows, in transactions of a hundred: rows that are missing and rows that differ with parents first, then rows that are too many
 * with children first. What another row stands in the way of is tried again when that one is written. Each row is
 * written only where both sides hold it as it was seen.
 *
 * @param order names of tables, parents first
 */
export async function applyRepair(
  operations: readonly RowOperation[],
  clients: ParityClients,
  direction: RepairDirection,
  order: readonly string[],
  progress: (done: number) => void = () => {},
): Promise<AppliedRepair> {
  const target = clients[direction.to];
  await makeRepairJournal(target);
  const done: RowOperation[] = [];
  const left: LeftRow[] = [];
  /** A row is taken out of the way once: where that did not help, a second time does not. */
  const moved = new Set<string>();
  const rank = new Map(order.map((name, at) => [name, at]));
  const placeOf = ({ pair, action }: RowOperation) => {
    const at = rank.get(pair.models[direction.to].name) ?? 0;
    return action === 'DELETE' ? 2 * order.length - at : at;
  };
  let waiting = operations.toSorted((a, b) => placeOf(a) - placeOf(b));
  while (waiting.length > 0) {
    const next: Waiting[] = [];
    for (const batch of batchesOf(waiting)) {
      const outcome = await applyBatch(batch);
      next.push(...outcome);
      progress(done.length);
    }
    if (next.length === waiting.length) {
      // None went on by itself: rows exchange unique values, or need each other.
      const room = await makeRoom(next);
      if (room === next) {
        for (const { operation, errno } of next) left.push({ operation, why: whyOf(errno) });
        break;
      }
      waiting = room.map(({ operation }) => operation);
    } else waiting = next.map(({ operation }) => operation);
  }
  return { done, left };

  /** @returns what waits for others */
  async function applyBatch(batch: readonly RowOperation[]): Promise<Waiting[]> {
    const [first] = batch;
    if (first === undefined) return [];
    const statements = rowStatementsOf(first, direction);
    const rows = await sourceRows(statements, batch);
    for (let attempt = 1; ; attempt++) {
      const waits: Waiting[] = [];
      const written: RowOperation[] = [];
      const refused: LeftRow[] = [];
      try {
        await target.transaction(async (run) => {
          for (const operation of batch) {
            const result = await write(run, statements, operation, rows);
            if (result === 'done') written.push(operation);
            else if (result === 'changed') refused.push({ operation, why: changed });
            else if (!('waits' in result)) refused.push({ operation, why: whyOf(result.errno) });
            else waits.push({ operation, errno: result.errno });
          }
          await journalOperations(run, written, direction);
        });
        done.push(...written);
        left.push(...refused);
        return waits;
      } catch (error) {
        if (!isUndone(error) || attempt === mostAttempts) throw error;
      }
    }
  }

  async function sourceRows(
    statements: RowStatements,
    batch: readonly RowOperation[],
  ): Promise<ReadonlyMap<string, CarriedRow>> {
    const rows = new Map<string, CarriedRow>();
    const found = await clients[direction.from].rows<CarriedRow>(statements.read(batch));
    for (const row of found) rows.set(row.id as string, row);
    return rows;
  }

  async function write(
    run: RunStatement,
    statements: RowStatements,
    operation: RowOperation,
    rows: ReadonlyMap<string, CarriedRow>,
  ): Promise<'done' | 'changed' | { readonly errno: number; readonly waits?: true }> {
    const row = rows.get(operation.id);
    if ((row?.hash ?? null) !== operation.seen.from) return 'changed';
    try {
      const { affectedRows, changedRows } = await run<Written>(sqlOf(statements, operation, row));
      if (affectedRows === 0) return 'changed';
      if (operation.action === 'UPDATE' && changedRows === 0 && row !== undefined)
        for (const sql of statements.updateAnyway(operation, row)) await run(sql);
      return 'done';
    } catch (error) {
      const { errno } = error as { readonly errno?: number };
      if (errno === undefined || undone.has(errno) || error instanceof TandemError) throw error;
      return waits.has(errno) ? { errno, waits: true } : { errno };
    }
  }

  /**
   * Takes rows out of the way that wait for each other.
   *
   * @returns the same where there is no way for any
   */
  async function makeRoom(stuck: readonly Waiting[]): Promise<readonly Waiting[]> {
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
    const rows = await sourceRows(statements, batch);
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

/** `changedRows`: of those that a condition met, the ones that did not have these values. */
interface Written {
  readonly affectedRows: number;
  readonly changedRows: number;
}

interface Waiting {
  readonly operation: RowOperation;
  readonly errno: number;
}

const noParent = 1452;

function sqlOf(statements: RowStatements, operation: RowOperation, row: CarriedRow | undefined): string {
  if (operation.action === 'DELETE' || row === undefined) return statements.delete(operation);
  return operation.action === 'INSERT' ? statements.insert(row) : statements.update(operation, row);
}

/** Rows of one table and action that follow each other. */
function* batchesOf(operations: readonly RowOperation[]): Generator<readonly RowOperation[]> {
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

function isUndone(error: unknown): boolean {
  const { errno } = (error instanceof TandemError ? error.cause : error) as { readonly errno?: number };
  return errno !== undefined && undone.has(errno);
}

/** No text of MySQL: it holds values. */
function whyOf(errno: number): string {
  const known: Readonly<Record<number, string>> = {
    1062: 'Another row has a unique value of it.',
    1451: 'Rows of another table refer to it.',
    1452: 'A row that it refers to is missing.',
  };
  return known[errno] ?? `MySQL refused it (${errno}).`;
}
