import type { JournalRow } from './journal.ts';
import type { Direction, MigrationFile } from './migration-file.ts';

/** How one migration stands in one database. */
export interface MigrationState {
  readonly name: string;
  /**
   * RUNNING: a runner is at it. INTERRUPTED: begun, and its runner died. FAILED: begun, and a statement failed. EDITED: its file is not the one that
   * was applied. MISSING: applied, and its file is gone. UNKNOWN: applied by a newer build, as it seems.
   */
  readonly state:
    | 'APPLIED'
    | 'PENDING'
    | 'RUNNING'
    | 'INTERRUPTED'
    | 'FAILED'
    | 'EDITED'
    | 'MISSING'
    | 'UNKNOWN';
  /** The journal's last word; null where another program applied it. */
  readonly row: JournalRow | null;
  readonly file: MigrationFile | null;
}

/**
 * Compares what ran with the files of this build. In the order of the files, then what has none.
 *
 * @param running the connection of a runner that is at it
 */
export function statesOf(
  files: readonly MigrationFile[],
  history: readonly string[],
  journal: readonly JournalRow[],
  running: number | null = null,
): MigrationState[] {
  const applied = new Set(history);
  const rows = journal.filter(({ state }) => state !== 'FORGOTTEN');
  const last = new Map(rows.map((row) => [row.name, row]));
  const names = new Set([...files.map(({ name }) => name), ...history]);
  for (const [name, row] of last) if (row.state !== 'DONE') names.add(name);
  const newest = files.at(-1)?.name ?? '';

  return [...names].map((name): MigrationState => {
    const file = files.find((candidate) => candidate.name === name) ?? null;
    const row = last.get(name) ?? null;
    const open = row !== null && row.state !== 'DONE' && (row.action === 'DOWN') === applied.has(name);
    if (file === null) {
      return { name, file, row, state: row === null && name > newest ? 'UNKNOWN' : 'MISSING' };
    }
    if (open) {
      if (row.state === 'FAILED') return { name, file, row, state: 'FAILED' };
      return { name, file, row, state: row.connection === running ? 'RUNNING' : 'INTERRUPTED' };
    }
    // Its row names the run that took it back, if one did.
    if (!applied.has(name)) return { name, file, row: row?.action === 'DOWN' ? row : null, state: 'PENDING' };
    // One that another program took back and applied again has no word of the journal on it.
    const known = row?.action === 'DOWN' ? null : row;
    const edited = known !== null && known.checksum !== file.checksum;
    return { name, file, row: known, state: edited ? 'EDITED' : 'APPLIED' };
  });
}

/** A migration to run: its file is there. */
export type Planned = MigrationState & { readonly file: MigrationFile };

/** The migrations to run, in their order, or the reason why none may run. */
export type MigrationPlan =
  | { readonly run: readonly Planned[] }
  | {
      readonly refused: 'EDITED' | 'MISSING' | 'UNKNOWN' | 'UNFINISHED' | 'NO_SUCH';
      readonly names: readonly string[];
    };

export interface MigrationRange {
  readonly direction: Direction;
  /** Up: this one is the last. Down: this one stays. */
  readonly to?: string | undefined;
  /** Down: so many; 1 without it. */
  readonly count?: number | undefined;
}

/** Whether some of its statements have run, and some have not. */
export function isUnfinished({ state }: MigrationState): boolean {
  return isBegun(state);
}

/** Names of those that are pending though one behind them is applied: they came from another branch, as a rule. */
export function lateOnes(states: readonly MigrationState[]): string[] {
  const last = states.findLastIndex(
    ({ state, file }) => file !== null && state !== 'PENDING' && !isBegun(state),
  );
  return states.filter(({ state }, at) => state === 'PENDING' && at < last).map(({ name }) => name);
}

const isBegun = (state: MigrationState['state']) =>
  state === 'INTERRUPTED' || state === 'FAILED' || state === 'RUNNING';

const isPlanned = (state: MigrationState): state is Planned => state.file !== null;

export function migrationPlanOf(
  states: readonly MigrationState[],
  history: readonly string[],
  { direction, to, count }: MigrationRange,
): MigrationPlan {
  for (const refused of ['MISSING', 'EDITED', 'UNKNOWN'] as const) {
    const names = states.filter(({ state }) => state === refused).map(({ name }) => name);
    if (names.length > 0) return { refused, names };
  }
  const begun = states.filter(isUnfinished);
  const against = begun.filter(({ row }) => (row?.action === 'DOWN') !== (direction === 'down'));
  if (against.length > 0) return { refused: 'UNFINISHED', names: against.map(({ name }) => name) };
  if (to !== undefined && !states.some(({ name }) => name === to)) return { refused: 'NO_SUCH', names: [to] };

  if (direction === 'up') {
    const open = states.filter((state) => state.state === 'PENDING' || isUnfinished(state));
    const last = states.findIndex(({ name }) => name === to);
    const wanted = to === undefined ? open : open.filter((state) => states.indexOf(state) <= last);
    return { run: wanted.filter(isPlanned) };
  }
  const back = history.toReversed();
  const stop = to === undefined ? (count ?? 1) : back.indexOf(to);
  if (stop === -1) return { refused: 'NO_SUCH', names: [to as string] };
  const chosen = back.slice(0, stop).flatMap((name) => states.filter((state) => state.name === name));
  return { run: chosen.filter(isPlanned) };
}
