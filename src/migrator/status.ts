import { exitCodes, type MigrationProblem } from './outcome.ts';
import type { MigrationState } from './plan.ts';
import { type Target, withTarget } from './target.ts';

/** One line of `tandem migrate status`. */
export interface StatusLine {
  readonly name: string;
  readonly state: MigrationState['state'];
  /** Null where another program applied it, or nobody did. */
  readonly journal: {
    readonly action: string;
    readonly account: string;
    readonly host: string;
    readonly startedAt: string;
    readonly ms: number | null;
    readonly statements: number;
    readonly done: number;
    readonly error: string | null;
    readonly checksum: string;
  } | null;
}

export interface SourceStatus {
  readonly source: Target['source'];
  readonly migrations: readonly StatusLine[];
  readonly problem: MigrationProblem | null;
}

/** How each migration stands in a source. Nothing is changed, and no lock is taken. */
export function statusOf(target: Target): Promise<SourceStatus> {
  const { source } = target;
  return withTarget<SourceStatus>(
    target,
    async (open) => ({ source, migrations: (await open.look()).states.map(lineOf), problem: null }),
    (problem) => ({ source, migrations: [], problem }),
  );
}

function lineOf({ name, state, row }: MigrationState): StatusLine {
  if (row === null) return { name, state, journal: null };
  const { action, account, host, startedAt, ms, statements, done, error, checksum } = row;
  const journal = { action, account, host, startedAt, ms, statements, done, error, checksum };
  return { name, state, journal };
}

const codes: Readonly<Record<MigrationState['state'], number>> = {
  MISSING: exitCodes.MISSING,
  UNKNOWN: exitCodes.UNKNOWN,
  EDITED: exitCodes.EDITED,
  FAILED: exitCodes.UNFINISHED,
  INTERRUPTED: exitCodes.UNFINISHED,
  PENDING: exitCodes.PENDING,
  APPLIED: 0,
};

/** The worst of what was found, in the order of the table above. */
export function statusExitCode(sources: readonly SourceStatus[]): number {
  const problem = sources.find((source) => source.problem !== null)?.problem;
  if (problem) return exitCodes[problem.kind];
  const all = sources.flatMap(({ migrations }) => migrations.map(({ state }) => state));
  const worst = (Object.keys(codes) as MigrationState['state'][]).find((state) => all.includes(state));
  return worst === undefined ? 0 : codes[worst];
}
