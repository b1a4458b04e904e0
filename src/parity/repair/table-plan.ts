import { compareTable, nothingCompared } from '../compare-table.ts';
import type { ParityClients } from '../on-both.ts';
import type { TablePair } from '../table-pair.ts';
import type { Pace } from '../throttle.ts';
import { type DirectionName, directions, operationOf, type RowOperation } from './row-operation.ts';

/** The plan of a repair for one table, and its counts. */
export interface TablePlan {
  readonly table: string;
  readonly inserts: number;
  /** Rows whose values are overwritten. */
  readonly updates: number;
  /** Rows that are lost. */
  readonly deletes: number;
  /** Rows that differ, of a table without a key: they are not repaired. */
  readonly withoutKey: number;
  /** Rows that changed too often to be compared: they are not repaired. */
  readonly hot: number;
  /** The first ones. */
  readonly rows: readonly PlannedRow[];
}

export type PlannedRow = Pick<RowOperation, 'action' | 'key' | 'columns'>;

/** Rows of a table that a plan lists. */
const mostListed = 100;

/** Compares the rows of one table: what is to be written, and how many rows cannot be repaired. */
export async function differencesOf(
  pair: TablePair,
  clients: ParityClients,
  { pace, direction }: { readonly pace: Pace; readonly direction: DirectionName },
): Promise<{ readonly rows: readonly RowOperation[] } & NotRepaired> {
  const rows: RowOperation[] = [];
  let withoutKey = 0;
  const { hot } = await compareTable(pair, clients, {
    pace,
    begun: nothingCompared(pair.name),
    progress: () => {},
    async found(differences) {
      for (const difference of differences) {
        const { key } = pair;
        const operation = key && operationOf({ ...pair, key }, difference, directions[direction]);
        if (operation === null) withoutKey += 1;
        else rows.push(operation);
      }
    },
  });
  // Batches are of one pair: the same object for all rows of a table.
  const [first] = rows;
  const planned = first === undefined ? rows : rows.map((row) => ({ ...row, pair: first.pair }));
  return { rows: planned, withoutKey, hot };
}

type NotRepaired = Pick<TablePlan, 'withoutKey' | 'hot'>;

/** The part of a report about one table. */
export function planOf(table: string, rows: readonly RowOperation[], others: NotRepaired): TablePlan {
  const count = (action: RowOperation['action']) => rows.filter((row) => row.action === action).length;
  return {
    table,
    inserts: count('INSERT'),
    updates: count('UPDATE'),
    deletes: count('DELETE'),
    ...others,
    rows: rows.slice(0, mostListed).map(({ action, key, columns }) => ({ action, key, columns })),
  };
}
