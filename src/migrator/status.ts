import { exitCodes } from '../errors/exit-codes.ts';
import { lateOnes, type MigrationState } from './migration-states.ts';
import { type Target, withTarget } from './open-target.ts';
import type { MigrationProblem } from './result.ts';

/** One line of `tandem migrate status`. */
export interface StatusLine {
  readonly name: string;
  readonly state: MigrationState['state'];
  /** Not applied, though one with a later name is. */
  readonly late: boolean;
  /** Null where another program applied it, or none did. */
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

export interface MigrationStatus {
  readonly source: Target['source'];
  readonly migrations: readonly StatusLine[];
  /** The connection that a runner which is gone has left at work on the server. */
  readonly left: number | null;
  readonly problem: MigrationProblem | null;
}

/** The state of each migration in a source. It changes nothing and takes no lock. */
export function migrationStatusOf(target: Target): Promise<MigrationStatus> {
  const { source } = target;
  return withTarget<MigrationStatus>(
    target,
    async (open) => {
      const { states, left } = await open.look();
      const late = lateOnes(states);
      const migrations = states.map((state) => lineOf(state, late.includes(state.name)));
      return { source, migrations, left, problem: null };
    },
    (problem) => ({ source, migrations: [], left: null, problem }),
  );
}

function lineOf({ name, state, row }: MigrationState, late: boolean): StatusLine {
  if (row === null) return { name, state, late, journal: null };
  const { action, account, host, startedAt, ms, statements, done, error, checksum } = row;
  const journal = { action, account, host, startedAt, ms, statements, done, error, checksum };
  return { name, state, late, journal };
}

const codes: Readonly<Record<MigrationState['state'], number>> = {
  MISSING: exitCodes.migrate.MISSING,
  UNKNOWN: exitCodes.migrate.UNKNOWN,
  EDITED: exitCodes.migrate.EDITED,
  RUNNING: exitCodes.migrate.LOCKED,
  FAILED: exitCodes.migrate.UNFINISHED,
  INTERRUPTED: exitCodes.migrate.UNFINISHED,
  PENDING: exitCodes.migrate.PENDING,
  APPLIED: 0,
};

/** The worst state, in the order of the table above. */
export function statusExitCode(sources: readonly MigrationStatus[]): number {
  const problem = sources.find((source) => source.problem !== null)?.problem;
  if (problem) return exitCodes.migrate[problem.kind];
  const all = sources.flatMap(({ migrations }) => migrations.map(({ state }) => state));
  const worst = (Object.keys(codes) as MigrationState['state'][]).find((state) => all.includes(state));
  return worst === undefined ? 0 : codes[worst];
}
