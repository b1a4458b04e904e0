import { TandemError } from '../errors/tandem-error.ts';
import { within } from '../util/within.ts';
import { compareTable, nothingCompared } from './compare-table.ts';
import { goodbyeMs, type ParityLock, takeParityLock } from './lock.ts';
import type { ParityClients } from './on-both.ts';
import { isUnavailable, type OpenedPair, openPair, unreachableBy } from './open-pair.ts';
import { lastCompared, type RecordedTable, type RunOptions } from './read-run-record.ts';
import { type ParityReport, parityReport, verdictOf } from './report.ts';
import { every, RunStopped, unlessStopped } from './run-stopped.ts';
import { checkSince, sinceCondition } from './since.ts';
import type { TablePair, UnpairedTable } from './table-pair.ts';
import { type Pace, paceOf } from './throttle.ts';
import { beginRecord, type RunRecord, resumeRecord } from './write-run-record.ts';

export interface ParityRequest extends RunOptions {
  /** Go on with the last run that did not end; its own options hold. */
  readonly resume: boolean;
  /** Part of the time, 1 to 100, in which statements run. */
  readonly throttle: number;
  /** Milliseconds for which a row must stand still before a difference counts. */
  readonly settleMs: number;
}

/** Gets what happens during a run, for a person who watches. */
export interface RunObserver {
  /** It has begun; null: without a record. */
  begun?(id: string | null): void;
  table?(state: RecordedTable, place: { readonly at: number; readonly of: number }): void;
  ended?(state: RecordedTable): void;
}

/** Milliseconds between two writes of the record. */
const recordMs = 2000;

/**
 * Compares the rows of both clouds, table by table, and keeps a record of it where one of them lets it. Of one pair of databases
 * one run goes on at a time.
 *
 * @param signal ends it, with a `RunStopped` as its reason
 * @throws NothingToCompare, RunStopped, TandemError ALREADY_RUNNING
 */
export async function runParity(
  clients: ParityClients,
  request: ParityRequest,
  observer: RunObserver = {},
  signal?: AbortSignal,
): Promise<ParityReport> {
  const lock = await takeParityLock(clients);
  if (!('keep' in lock)) return parityReport(null, [], lock);
  try {
    return await runLocked(clients, request, { lock, observer, signal });
  } finally {
    await lock.release();
  }
}

async function runLocked(
  clients: ParityClients,
  request: ParityRequest,
  { lock, observer, signal }: { lock: ParityLock; observer: RunObserver; signal: AbortSignal | undefined },
): Promise<ParityReport> {
  let tables: RecordedTable[] = [];
  let record: RunRecord | null = null;
  const stopping = new AbortController();
  const stop = (why: unknown) => stopping.abort(why);
  const stopAsAsked = () => stop(signal?.reason);
  signal?.addEventListener('abort', stopAsAsked);
  try {
    // A source that is down is found out before anything is written.
    const opened = request.resume ? await resumed(clients) : await begun(clients, request);
    if (!('pair' in opened)) return parityReport(null, [], opened);
    ({ record } = opened);
    observer.begun?.(record?.id ?? null);
    const beating = every(recordMs, () => beat(lock, record).catch(stop));
    try {
      const pace = paceOf({
        percent: request.throttle,
        settleMs: request.settleMs,
        signal: stopping.signal,
      });
      const work = { ...opened, pace, observer, ended: (all: RecordedTable[]) => (tables = all) };
      tables = await unlessStopped(compareAll(clients, work), stopping.signal);
    } finally {
      beating[Symbol.dispose]();
    }
    const report = parityReport(record?.id ?? null, tables);
    if (report.verdict !== null) await record?.end(report.verdict);
    return report;
  } catch (error) {
    const state = error instanceof RunStopped ? error.state : 'ABORTED';
    await within(goodbyeMs, record?.stop(state) ?? Promise.resolve(), undefined).catch(() => {});
    if (!isUnavailable(error)) throw error;
    return parityReport(record?.id ?? null, tables, [unreachableBy(error)]);
  } finally {
    signal?.removeEventListener('abort', stopAsAsked);
  }
}

/**
 * @throws RunStopped where the record has been cancelled; TandemError ALREADY_RUNNING where another process has the lock, and
 * SOURCE_UNAVAILABLE where a source is away, which the comparison itself finds out no sooner than a statement may take
 */
async function beat(lock: ParityLock, record: RunRecord | null): Promise<void> {
  await lock.keep();
  if ((await record?.beat()) === false) throw new RunStopped('CANCELLED');
}

interface Opened {
  readonly pair: OpenedPair;
  readonly record: RunRecord | null;
  readonly options: RunOptions;
}

type OpenedOrNot = Opened | Exclude<Awaited<ReturnType<typeof openPair>>, OpenedPair>;

async function begun(clients: ParityClients, { tables, since }: RunOptions): Promise<OpenedOrNot> {
  const pair = await openPair(clients, tables);
  if (!('pairs' in pair)) return pair;
  checkSince(pair.pairs, since);
  const options = { tables, since };
  const count = pair.pairs.length + pair.lone.length;
  return { pair, options, record: await beginRecord(clients, options, count) };
}

async function resumed(clients: ParityClients): Promise<OpenedOrNot> {
  const record = await resumeRecord(clients);
  const pair = await openPair(clients, record.options.tables);
  return 'pairs' in pair ? { pair, record, options: record.options } : pair;
}

interface Work extends Opened {
  readonly pace: Pace;
  readonly observer: RunObserver;
  /** Gets all tables that have ended, each time that one more has. */
  readonly ended: (tables: RecordedTable[]) => void;
}

async function compareAll(clients: ParityClients, work: Work): Promise<RecordedTable[]> {
  const { pair, record, observer, ended } = work;
  const tables: RecordedTable[] = [];
  const all = [...pair.lone, ...pair.pairs].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const [at, table] of all.entries()) {
    const known = record?.tables.get(table.name);
    const place = { at: at + 1, of: all.length };
    const isEnded = known !== undefined && known.verdict !== null;
    const state = isEnded
      ? known
      : 'only' in table
        ? onlyOn(table)
        : await compareOne(clients, table, { ...work, known, place });
    if (!isEnded) await record?.save(state);
    tables.push(state);
    ended([...tables]);
    observer.ended?.(state);
  }
  return tables;
}

async function compareOne(
  clients: ParityClients,
  pair: TablePair,
  {
    record,
    options: { since },
    pace,
    observer,
    known,
    place,
  }: Work & { readonly known: RecordedTable | undefined; readonly place: { at: number; of: number } },
): Promise<RecordedTable> {
  const from = since === null ? null : (since.value ?? (await lastCompared(clients, pair.name)));
  const filter = since === null || from === null ? undefined : sinceCondition(pair, since.column, from);
  const notes = [
    ...pair.notes,
    ...(filter === undefined ? [] : [`Compared since ${from} alone: rows that were deleted do not show.`]),
  ];
  const begun = known ?? nothingCompared(pair.name, notes);
  let latest = begun;
  let savedAt = performance.now();
  try {
    return await compareTable(pair, clients, {
      pace,
      begun,
      filter,
      async progress(state, isSettled) {
        latest = state;
        observer.table?.(state, place);
        if (!isSettled || performance.now() - savedAt < recordMs) return;
        savedAt = performance.now();
        await record?.save(state);
      },
    });
  } catch (error) {
    if (isUnavailable(error)) throw error;
    // One table that a server refuses to read is no reason to compare none.
    const how = latest.rows.AZURE + latest.rows.GCP > 0 ? 'Not compared to its end' : 'Not compared';
    const state = { ...latest, notes: [...latest.notes, `${how}: ${refusalOf(error)}`], position: null };
    return { ...state, verdict: verdictOf(state, false) };
  }
}

function onlyOn({ name, only }: UnpairedTable): RecordedTable {
  return {
    ...nothingCompared(name, [`Only ${only} has this table.`]),
    verdict: 'DIFFERENT',
  };
}

/** No text of MySQL: it may hold values. */
function refusalOf(error: unknown): string {
  if (error instanceof TandemError) return error.message;
  const { code, errno } = error as { readonly code?: string; readonly errno?: number };
  if (errno === undefined) throw error;
  return `MySQL refused a statement (${code ?? 'error'}, ${errno}).`;
}
