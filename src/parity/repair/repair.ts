import { exitCodes } from '../../errors/exit-codes.ts';
import type { UnreachableSource } from '../../errors/unreachable-source.ts';
import { fitting } from '../../information-schema/name-pattern.ts';
import { compareTable, nothingCompared } from '../compare-table.ts';
import { takeParityLock } from '../lock.ts';
import type { ParityClients } from '../on-both.ts';
import { isUnavailable, openPair, unreachableBy } from '../open-pair.ts';
import { type ParityReport, parityReport } from '../report.ts';
import { every, unlessStopped } from '../run-stopped.ts';
import type { TablePair } from '../table-pair.ts';
import { type Pace, paceOf } from '../throttle.ts';
import { type AppliedRepair, applyRepair } from './apply-repair.ts';
import { openRepairTrail } from './audit-trail.ts';
import { rowRefusals, schemaRefusals } from './refusals.ts';
import { type DirectionName, directions, type RowOperation } from './row-operation.ts';
import { differencesOf, planOf, type TablePlan } from './table-plan.ts';

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
