import { compareSources } from '../../drift/drift.ts';
import { exitCodes } from '../../errors/exit-codes.ts';
import type { UnreachableSource } from '../../errors/unreachable-source.ts';
import { fitting } from '../../information-schema/name-pattern.ts';
import { compareTable, nothingCompared } from '../compare-table.ts';
import { takeParityLock } from '../lock.ts';
import type { ParityClients } from '../on-both.ts';
import { isUnavailable, type OpenedPair, openPair, unreachableBy } from '../open-pair.ts';
import { type Pace, paceOf } from '../pace.ts';
import { type ParityReport, parityReport } from '../report.ts';
import { every, unlessStopped } from '../stopped.ts';
import type { TablePair } from '../table-pair.ts';
import { type AppliedRepair, applyRepair } from './apply.ts';
import { openRepairTrail } from './audit.ts';
import { sideEffects } from './obstacles.ts';
import { type DirectionName, directions, operationOf, type RowOperation } from './operation.ts';

export interface RepairRequest {
  readonly tables: readonly string[];
  readonly direction: DirectionName;
  /** Write the rows; without, the plan is all. */
  readonly apply: boolean;
  /** Names of tables whose triggers and cascades may run. */
  readonly over: readonly string[];
  readonly throttle: number;
  readonly settleMs: number;
  /** The database of the audit trail on each server; absent: there is none. */
  readonly trail?: string | undefined;
}

/** What a repair would do to one table, or does. */
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

export interface RepairReport {
  readonly direction: DirectionName;
  readonly tables: readonly TablePlan[];
  /** Why nothing may be written, each a sentence; empty where it may. */
  readonly refusals: readonly string[];
  /** Null where nothing was written. */
  readonly applied: AppliedRepair | null;
  /** The rows of these tables afterwards, compared again; null where nothing was written. */
  readonly after: ParityReport | null;
  readonly unreachable: readonly UnreachableSource[];
  readonly exitCode: ParityReport['exitCode'];
}

export interface RepairProgress {
  readonly compared?: (table: string) => void;
  readonly written?: (rows: number) => void;
}

/** Milliseconds between looks at the lock, whose session the server would end when it is idle. */
const keepMs = 5000;

/** Rows that a repair takes on: more are a case for a new copy. */
const mostOperations = 1_000_000;

/**
 * Compares both clouds, plans what makes the one as the other is, and writes it where that is asked for.
 *
 * @throws NothingToCompare, TandemError ALREADY_RUNNING
 */
export async function runRepair(
  clients: ParityClients,
  request: RepairRequest,
  progress: RepairProgress = {},
): Promise<RepairReport> {
  const lock = await takeParityLock(clients);
  if (!('keep' in lock))
    return {
      ...nothingOf(request),
      unreachable: lock,
      exitCode: exitCodes.parity.UNREACHABLE,
    };
  const lost = new AbortController();
  const keeping = every(keepMs, () => lock.keep().catch((error) => lost.abort(error)));
  try {
    return await unlessStopped(repairLocked(clients, request, progress), lost.signal);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    const unreachable = [unreachableBy(error)];
    return { ...nothingOf(request), unreachable, exitCode: exitCodes.parity.UNREACHABLE };
  } finally {
    keeping[Symbol.dispose]();
    await lock.release();
  }
}

const nothingOf = ({ direction }: RepairRequest) => ({
  direction,
  tables: [],
  refusals: [],
  applied: null,
  after: null,
});

async function repairLocked(
  clients: ParityClients,
  request: RepairRequest,
  progress: RepairProgress,
): Promise<RepairReport> {
  const { direction, tables: patterns, apply, throttle, settleMs } = request;
  const { from, to } = directions[direction];
  const nothing = nothingOf(request);
  const opened = await openPair(clients, patterns);
  if (!('pairs' in opened))
    return { ...nothing, unreachable: opened, exitCode: exitCodes.parity.UNREACHABLE };
  const unlike = schemaRefusals(opened, request);
  if (unlike.length > 0)
    return { ...nothing, refusals: unlike, unreachable: [], exitCode: exitCodes.parity.REFUSED };

  const pace = paceOf({ percent: throttle, settleMs });
  const plans: TablePlan[] = [];
  const operations: RowOperation[] = [];
  for (const pair of opened.pairs) {
    const { rows, ...others } = await differencesOf(pair, clients, { pace, direction });
    // A call has too few places for the arguments that a hundred thousand rows would be.
    for (const row of rows) operations.push(row);
    progress.compared?.(pair.name);
    if (rows.length + others.withoutKey + others.hot > 0) plans.push(planOf(pair.name, rows, others));
  }
  const trail =
    request.trail === undefined || operations.length === 0
      ? null
      : await openRepairTrail(clients[to], request.trail, direction);
  const refusals = [
    ...(typeof trail === 'string' ? [trail] : []),
    ...rowRefusals(operations, opened, request),
  ];
  const planned = { ...nothing, tables: plans, refusals, unreachable: [] };
  if (plans.length === 0) return { ...planned, exitCode: exitCodes.parity.SAME };
  if (plans.every(({ rows, withoutKey }) => rows.length + withoutKey === 0))
    return { ...planned, exitCode: exitCodes.parity.PARTIAL };
  if (refusals.length > 0) return { ...planned, exitCode: exitCodes.parity.REFUSED };
  if (!apply) return { ...planned, exitCode: exitCodes.parity.DIFFERENT };

  const applied = await applyRepair(operations, clients, { from, to }, opened.snapshots[to].schema, {
    isOver: fitting(request.over),
    progress: progress.written,
    trail: typeof trail === 'string' ? null : trail,
  });
  const touched = new Set(plans.map(({ table }) => table));
  const after = await compareAgain(
    opened.pairs.filter(({ name }) => touched.has(name)),
    clients,
    pace,
  );
  return { ...planned, applied, after, exitCode: after.exitCode };
}

function schemaRefusals({ snapshots, lone }: OpenedPair, { tables, direction }: RepairRequest): string[] {
  const { from, to } = directions[direction];
  const wanted = tables.length === 0 ? () => true : fitting(tables);
  const scope = { tables: wanted, programs: false, histories: false };
  const { findings } = compareSources(snapshots[from], snapshots[to], scope);
  const breaking = findings.filter((one) => one.breaking && one.kind !== 'VIEW' && one.kind !== 'TRIGGER');
  return [
    ...lone.map(({ name, only }) => `Only ${only} has the table ${name}.`),
    ...breaking.map(({ object, property }) => `The schemas differ: ${object}, ${property}.`),
  ];
}

function rowRefusals(
  operations: readonly RowOperation[],
  { snapshots }: OpenedPair,
  { direction, over }: RepairRequest,
): string[] {
  if (operations.length > mostOperations)
    return [`More than ${mostOperations} rows differ. Copy the tables anew instead.`];
  const { to } = directions[direction];
  const { schema, notVisible } = snapshots[to];
  const isNamed = fitting(over);
  const effects = sideEffects(operations, schema, to).filter(({ table }) => !isNamed(table));
  const tables = new Set(operations.map(({ pair }) => pair.name).filter((name) => !isNamed(name)));
  const unseen =
    notVisible.includes('TRIGGER') && tables.size > 0
      ? [`The account on ${to} may not see triggers: grant it TRIGGER, or name the tables with --over.`]
      : [];
  return [
    ...unseen,
    ...effects.map(
      ({ table, what }) =>
        `Changes of ${table} set off ${what}: name it with --over ${table} where that is meant.`,
    ),
  ];
}

async function differencesOf(
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

function planOf(table: string, rows: readonly RowOperation[], others: NotRepaired): TablePlan {
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

async function compareAgain(
  pairs: readonly TablePair[],
  clients: ParityClients,
  pace: Pace,
): Promise<ParityReport> {
  const tables = [];
  for (const pair of pairs) {
    const begun = nothingCompared(pair.name, pair.notes);
    tables.push(await compareTable(pair, clients, { pace, begun, progress: () => {} }));
  }
  return parityReport(null, tables);
}
