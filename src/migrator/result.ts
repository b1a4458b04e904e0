import type { DriftFinding } from '../drift/finding.ts';
import { exitCodes, type MigrationProblemKind } from '../errors/exit-codes.ts';
import { type Explanation, explanationLines, withPublicNames } from '../errors/explanation.ts';
import type { SourceName } from '../source-name.ts';
import type { StatementFailure } from './apply-migration.ts';
import type { Blocker } from './blockers.ts';
import type { Loss } from './data-loss.ts';
import type { LintFinding } from './lint/finding.ts';
import type { Holder } from './lock.ts';
import type { Direction } from './migration-file.ts';

/** A finding of the lint in a migration, which stops it. */
export interface LintError extends LintFinding {
  readonly migration: string;
}

/** Why a source is not where it was to be, and what to do. */
export interface MigrationProblem extends Explanation {
  readonly kind: MigrationProblemKind;
  readonly failure?: Omit<StatementFailure, 'cause' | 'blockers'>;
  /** Sessions that held what a statement waited for. */
  readonly blockers?: readonly Blocker[];
  readonly holder?: Holder;
  readonly losses?: readonly Loss[];
  readonly lint?: readonly LintError[];
  readonly drift?: readonly DriftFinding[];
}

/** One migration that ran, or with `--dry-run` would run. */
export interface MigrationStep {
  readonly name: string;
  readonly direction: Direction;
  readonly ms: number;
  readonly statements: number;
  /** How many of them an earlier run had done. */
  readonly resumedAfter: number;
}

/** The outcome of one source. */
export interface SourceResult {
  readonly source: SourceName;
  readonly ok: boolean;
  readonly steps: readonly MigrationStep[];
  readonly problem: MigrationProblem | null;
  readonly ms: number;
}

/** Thrown by callers that need the tables and cannot go on without. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';

  constructor(
    readonly source: SourceName,
    readonly problem: MigrationProblem,
  ) {
    super(explanationLines(problem, { label: `${source} ${problem.kind}` }).join('\n'));
  }
}

/** A result as JSON has it: fields are added, and never renamed or removed. */
export function resultForPrograms<R extends { readonly problem: MigrationProblem | null }>(result: R) {
  if (result.problem === null) return result;
  const { lint, ...problem } = result.problem;
  const findings = lint && { lint: lint.map((finding) => withPublicNames('lint', finding)) };
  return { ...result, problem: withPublicNames('migration', { ...problem, ...findings }) };
}

/** The exit code of several sources: that of the first that failed. */
export function exitCodeOf(results: readonly Pick<SourceResult, 'problem'>[]): number {
  const kind = results.find(({ problem }) => problem !== null && problem.kind !== 'NOT_TRIED')?.problem?.kind;
  return kind === undefined ? 0 : exitCodes.migrate[kind];
}
