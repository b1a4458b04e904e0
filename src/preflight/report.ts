import { exitCodes, type PreflightProblemKind } from '../errors/exit-codes.ts';
import { type Explanation, withPublicNames } from '../errors/explanation.ts';
import type { SourceName } from '../source-name.ts';

/** The steps of a source, in their order. */
export const stepNames = [
  'dns',
  'tcp',
  'greeting',
  'tls',
  'login',
  'privileges',
  'migrator',
  'audit',
  'limits',
  'settings',
  'replicas',
  'clock',
  'schema',
] as const;

export type StepName = (typeof stepNames)[number];

/** One thing that is wrong, or will be: the cause has the facts, in one sentence, and no secret. */
export interface Problem extends Explanation {
  /** Stable: scripts may ask for it. */
  readonly kind: PreflightProblemKind;
  readonly severity: 'failure' | 'warning';
}

/** How one step ended. */
export interface StepReport {
  readonly step: StepName;
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  /** Milliseconds, to a tenth; 0 where the step was skipped. */
  readonly ms: number;
  /** The result of the step: an address, a version, a limit; of a skipped step, the reason. */
  readonly detail: string;
  readonly problems: readonly Problem[];
}

export interface SourceReport {
  readonly source: SourceName;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly steps: readonly StepReport[];
}

/** The result of preflight for all sources. */
export interface PreflightReport {
  readonly ok: boolean;
  /** The exit code of the process. */
  readonly exitCode: number;
  /** The first problem that made it fail, in the order of sources and steps; null where nothing did. */
  readonly kind: PreflightProblemKind | null;
  readonly sources: readonly SourceReport[];
}

/** Sums up: the first failure decides; with `strict`, where nothing failed, the first warning. */
export function summarize(
  sources: readonly SourceReport[],
  { strict }: { readonly strict: boolean },
): PreflightReport {
  const problems = sources.flatMap(({ steps }) => steps.flatMap((step) => step.problems));
  const first = problems.find(({ severity }) => severity === 'failure') ?? (strict ? problems[0] : undefined);
  return {
    ok: first === undefined,
    exitCode: first === undefined ? 0 : exitCodes.preflight[first.kind],
    kind: first?.kind ?? null,
    sources,
  };
}

/** The output of `tandem preflight --json`: fields are added, and never renamed or removed. */
export function preflightForPrograms({ sources, ...report }: PreflightReport) {
  const shown = sources.map(({ steps, ...source }) => ({
    ...source,
    steps: steps.map(({ problems, ...step }) => ({
      ...step,
      problems: problems.map((problem) => withPublicNames('preflight', problem)),
    })),
  }));
  return { ...report, sources: shown };
}

export function reportStatusOf(problems: readonly Problem[]): 'ok' | 'warning' | 'failed' {
  if (problems.length === 0) return 'ok';
  return problems.some(({ severity }) => severity === 'failure') ? 'failed' : 'warning';
}
