import { compareBuckets } from './compare-buckets.ts';
import { compareRanges } from './compare-ranges.ts';
import type { ConfirmedDifference, TableObserver } from './difference.ts';
import type { ParityClients } from './on-both.ts';
import type { RecordedTable } from './read-run-record.ts';
import { verdictOf } from './report.ts';
import type { TablePair } from './table-pair.ts';
import type { Pace } from './throttle.ts';
import { differencesKept } from './write-run-record.ts';

export interface TableWork {
  readonly pace: Pace;
  /** The result of an earlier run, where this one goes on with it. */
  readonly begun: RecordedTable;
  readonly filter?: string | undefined;
  /** Gets the state of the table as it goes on; `isSettled`: it may be recorded, and gone on with from its position. */
  readonly progress: (state: RecordedTable, isSettled: boolean) => Promise<void> | void;
  /** Gets each difference. */
  readonly found?: ((differences: readonly ConfirmedDifference[]) => Promise<void>) | undefined;
}

/** A table of which nothing is known yet. */
export function nothingCompared(table: string, notes: readonly string[] = []): RecordedTable {
  const counts = { different: 0, onlyAzure: 0, onlyGcp: 0, hot: 0 };
  return {
    table,
    verdict: null,
    rows: { AZURE: 0, GCP: 0 },
    ...counts,
    differences: [],
    notes,
    position: null,
  };
}

/** Compares one table to its end. */
export async function compareTable(
  pair: TablePair,
  clients: ParityClients,
  { pace, begun, filter, progress, found }: TableWork,
): Promise<RecordedTable> {
  let state = begun;
  const observer: TableObserver = {
    read({ AZURE, GCP }) {
      state = { ...state, rows: { AZURE: state.rows.AZURE + AZURE, GCP: state.rows.GCP + GCP } };
      void progress(state, false);
    },
    async differences(rows) {
      state = withDifferences(state, rows);
      void progress(state, false);
      await found?.(rows);
    },
    hot(rows) {
      state = { ...state, hot: state.hot + rows };
    },
    async reached(position) {
      state = { ...state, position };
      await progress(state, true);
    },
  };
  const options = { pace, observer, after: begun.position, filter };
  if (pair.key?.isOrdered === true) await compareRanges({ ...pair, key: pair.key }, clients, options);
  else await compareBuckets(pair, clients, options);
  const isWhole = pair.notes.length === 0 && filter === undefined;
  return { ...state, verdict: verdictOf(state, isWhole), position: null };
}

function withDifferences(state: RecordedTable, rows: readonly ConfirmedDifference[]): RecordedTable {
  const count = (kind: ConfirmedDifference['kind']) =>
    rows
      .filter((row) => row.kind === kind)
      .reduce((total, { rows: { AZURE, GCP } }) => total + Math.max(1, Math.abs(AZURE - GCP)), 0);
  const shown = rows.map(({ kind, key, columns, rows: counts }) => ({ kind, key, columns, rows: counts }));
  return {
    ...state,
    different: state.different + count('DIFFERENT'),
    onlyAzure: state.onlyAzure + count('ONLY_AZURE'),
    onlyGcp: state.onlyGcp + count('ONLY_GCP'),
    differences: [...state.differences, ...shown].slice(0, differencesKept),
  };
}
