import { TandemError } from '../../errors/tandem-error.ts';
import type { SchemaModel } from '../../information-schema/model.ts';
import { parentsFirst } from '../../information-schema/parents-first.ts';
import type { RunStatement } from '../client.ts';
import type { ParityClients } from '../on-both.ts';
import { batchesOf, readBatch, undone } from './batches.ts';
import { openRepairJournal, type RepairJournal } from './journal.ts';
import { replaceRows } from './replace-rows.ts';
import type { RepairDirection, RowOperation } from './row-operation.ts';
import { type CarriedRow, type RowStatements, rowStatementsOf } from './row-statements.ts';
import { sideEffects } from './side-effects.ts';
import { createMover, type WaitingOperation } from './unblock-rows.ts';

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

/** Errors of a row that waits for another one: ER_DUP_ENTRY, ER_ROW_IS_REFERENCED_2, ER_NO_REFERENCED_ROW_2. */
const waits: ReadonlySet<number> = new Set([1062, 1451, 1452]);
const mostAttempts = 5;
const changed = 'The row has changed since it was compared.';

/**
 * Writes rows, in transactions of a hundred: rows that are missing and rows that differ with parents first, then rows that are too many
 * with children first. A row that waits for another one is tried again when that one is written. Each row is
 * written only where both sides hold it as it was seen.
 *
 * @param schema of the side that is changed
 * @param isOver whether what a table sets off may run
 */
export async function applyRepair(
  operations: readonly RowOperation[],
  clients: ParityClients,
  direction: RepairDirection,
  schema: Pick<SchemaModel, 'tables' | 'triggers'>,
  {
    isOver = () => false,
    progress = () => {},
    trail = null,
  }: {
    readonly isOver?: (table: string) => boolean;
    readonly progress?: ((done: number) => void) | undefined;
    /** The audit trail of the side that is changed; null where there is none. */
    readonly trail?: RepairJournal | null;
  } = {},
): Promise<AppliedRepair> {
  const target = clients[direction.to];
  const journal = await openRepairJournal(target, direction, trail);
  const done: RowOperation[] = [];
  const left: LeftRow[] = [];
  const mover = createMover(clients, direction, journal, (operation) =>
    sideEffects([operation], schema, direction.to).every(({ table }) => isOver(table)),
  );
  const order = parentsFirst(schema.tables);
  const rank = new Map(order.map((name, at) => [name, at]));
  const placeOf = ({ pair, action }: RowOperation) => {
    const at = rank.get(pair.models[direction.to].name) ?? 0;
    return action === 'DELETE' ? 2 * order.length - at : at;
  };
  let waiting = operations.toSorted((a, b) => placeOf(a) - placeOf(b));
  while (waiting.length > 0) {
    const next: WaitingOperation[] = [];
    for (const batch of batchesOf(waiting)) {
      const outcome = await applyBatch(batch);
      next.push(...outcome);
      progress(done.length);
    }
    if (next.length < waiting.length) {
      // Rows that need each other stand in either order.
      waiting = next.map(({ operation }) => operation).reverse();
      continue;
    }
    // None went on by itself: rows exchange unique values, or need each other.
    const room = await mover.makeRoom(next);
    if (room !== next) {
      waiting = room.map(({ operation }) => operation);
      continue;
    }
    const replaced = await replaceRows(next, clients, direction, { schema, journal });
    done.push(...replaced);
    const others = next.filter(({ operation }) => !replaced.has(operation));
    waiting = others.map(({ operation }) => operation);
    if (replaced.size > 0) continue;
    for (const { operation, errno } of others) left.push({ operation, why: whyOf(errno) });
    break;
  }
  return { done, left };

  /** @returns what waits for others */
  async function applyBatch(batch: readonly RowOperation[]): Promise<WaitingOperation[]> {
    const [first] = batch;
    if (first === undefined) return [];
    const statements = rowStatementsOf(first, direction);
    const rows = await readBatch(clients[direction.from], statements, batch);
    for (let attempt = 1; ; attempt++) {
      const waits: WaitingOperation[] = [];
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
          await journal(run, written);
        });
        done.push(...written);
        left.push(...refused);
        return waits;
      } catch (error) {
        if (!isUndone(error) || attempt === mostAttempts) throw error;
      }
    }
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
}

/** `changedRows`: of those that a condition met, the ones that did not have these values. */
interface Written {
  readonly affectedRows: number;
  readonly changedRows: number;
}

function sqlOf(statements: RowStatements, operation: RowOperation, row: CarriedRow | undefined): string {
  if (operation.action === 'DELETE' || row === undefined) return statements.delete(operation);
  return operation.action === 'INSERT' ? statements.insert(row) : statements.update(operation, row);
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
