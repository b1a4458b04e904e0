import type { SourceName } from '../source-name.ts';
import type { Failure } from './apply.ts';
import type { Direction } from './files.ts';
import type { Holder } from './lock.ts';
import type { Loss } from './losses.ts';

/** What `tandem migrate` ends with; docs/migrations.md has the same table. The first source that failed decides. */
export const exitCodes = {
  /** `status` alone: there is something that `up` would run. */
  PENDING: 20,
  UNREACHABLE: 30,
  LOCKED: 31,
  NOT_TRIED: 32,
  FAILED: 40,
  CONNECTION_LOST: 41,
  UNFINISHED: 42,
  CHANGED: 43,
  EDITED: 50,
  MISSING: 51,
  UNKNOWN: 52,
  NO_SUCH: 53,
  DESTRUCTIVE: 60,
  NOT_VERIFIED: 70,
  NOT_BASELINE: 71,
} as const;

export type ProblemKind = keyof typeof exitCodes;

/** Why a source is not where it was to be, and what to do. */
export interface MigrationProblem {
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly next: string;
  readonly failure?: Omit<Failure, 'cause'>;
  readonly holder?: Holder;
  readonly losses?: readonly Loss[];
}

/** One migration that was run, or with `--dry-run` would be. */
export interface Step {
  readonly name: string;
  readonly direction: Direction;
  readonly ms: number;
  readonly statements: number;
  /** How many of them an earlier run had done. */
  readonly resumedAfter: number;
}

/** What became of one source. */
export interface SourceResult {
  readonly source: SourceName;
  readonly ok: boolean;
  readonly steps: readonly Step[];
  readonly problem: MigrationProblem | null;
  readonly ms: number;
}

/** Thrown by whoever needs the tables and cannot go on without. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';

  constructor(
    readonly source: SourceName,
    readonly problem: MigrationProblem,
  ) {
    super(`${source} ${problem.kind}: ${problem.detail}\nNext: ${problem.next}`);
  }
}

const commands = (source: SourceName) => `--source ${source.toLowerCase()}`;

/** Why a plan is refused, in words. */
export function refusal(
  source: SourceName,
  kind: 'EDITED' | 'MISSING' | 'UNKNOWN' | 'UNFINISHED' | 'NO_SUCH',
  names: readonly string[],
): MigrationProblem {
  const list = names.join(', ');
  const on = commands(source);
  const [first = ''] = names;
  const says = {
    EDITED: [
      `Applied, and its file was edited since: ${list}.`,
      `Restore the file, and make the change in a migration of its own; where the edit is known to be harmless, \`tandem migrate repair ${on} --accept-checksum ${first}\`.`,
    ],
    MISSING: [
      `Applied or begun, and its file is gone: ${list}.`,
      `Bring the file back from version control; where it will never come back, \`tandem migrate repair ${on} --forget ${first}\` takes it out of the history, and leaves the tables as they are.`,
    ],
    UNKNOWN: [
      `A newer build applied it, as it seems: ${list}.`,
      `Use that build, or a later one; where it was none, \`tandem migrate repair ${on} --forget ${first}\`.`,
    ],
    UNFINISHED: [
      `Begun in the other direction, and not finished: ${list}.`,
      `Finish that first: \`tandem migrate up ${on}\` where it was on its way up, else \`down\`; \`tandem migrate status\` tells.`,
    ],
    NO_SUCH: [
      `There is no such migration, or none is applied there: ${list}.`,
      '`tandem migrate status` lists the names.',
    ],
  } as const;
  const [detail, next] = says[kind];
  return { kind, detail, next };
}

/** The exit code of several sources: that of the first that failed. */
export function exitCodeOf(results: readonly Pick<SourceResult, 'problem'>[]): number {
  const kind = results.find(({ problem }) => problem !== null && problem.kind !== 'NOT_TRIED')?.problem?.kind;
  return kind === undefined ? 0 : exitCodes[kind];
}
