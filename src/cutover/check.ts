import { exitCodes } from '../errors/exit-codes.ts';
import type { Explanation } from '../errors/explanation.ts';
import type { UnreachableSource } from '../errors/unreachable-source.ts';
import type { SourceName } from '../source-name.ts';

/** The subjects of the checks, in the order of the report. */
export type CutoverSubject =
  | 'versions'
  | 'settings'
  | 'drift'
  | 'parity'
  | 'auto-increment'
  | 'triggers and events'
  | 'accounts'
  | 'replication'
  | 'writes';

/** OK; what a person must look at or do at the switch; what makes the switch fail or lose rows; what the accounts do not show. */
export type CutoverVerdict = 'OK' | 'ATTENTION' | 'BLOCKED' | 'UNKNOWN';

export interface CutoverCheck {
  readonly subject: CutoverSubject;
  readonly verdict: CutoverVerdict;
  /** Each a sentence. */
  readonly findings: readonly string[];
  /** Commands, or statements with the source that they are for. */
  readonly next: readonly string[];
}

export interface CutoverReport {
  readonly from: SourceName;
  readonly to: SourceName;
  /** The worst of all checks: OK only where each is. Null where a source did not answer. */
  readonly verdict: CutoverVerdict | null;
  readonly checks: readonly CutoverCheck[];
  readonly unreachable: readonly UnreachableSource[];
  readonly exitCode: (typeof exitCodes.cutover)[keyof typeof exitCodes.cutover];
}

/** One fact about a subject, in a sentence; the remedy is a command, or a statement with the source that it is for. */
export interface CutoverFinding extends Partial<Explanation> {
  readonly verdict: CutoverVerdict;
  readonly cause: string;
}

/** Of several findings about one subject, the worst one counts. */
export function checkOf(subject: CutoverSubject, found: readonly CutoverFinding[]): CutoverCheck {
  return {
    subject,
    verdict: worst(found.map(({ verdict }) => verdict)),
    findings: found.map(({ cause }) => cause),
    next: [...new Set(found.flatMap(({ remedy }) => remedy ?? []))],
  };
}

/** An unknown state may block: it counts more than a finding that a person can look at. */
const order: readonly CutoverVerdict[] = ['OK', 'ATTENTION', 'UNKNOWN', 'BLOCKED'];

function worst(verdicts: readonly CutoverVerdict[]): CutoverVerdict {
  return order[Math.max(0, ...verdicts.map((verdict) => order.indexOf(verdict)))] as CutoverVerdict;
}

export function cutoverReport(
  { from, to }: { readonly from: SourceName; readonly to: SourceName },
  checks: readonly CutoverCheck[],
  unreachable: readonly UnreachableSource[] = [],
): CutoverReport {
  if (unreachable.length > 0)
    return { from, to, verdict: null, checks, unreachable, exitCode: exitCodes.cutover.UNREACHABLE };
  const verdict = worst(checks.map((check) => check.verdict));
  return { from, to, verdict, checks, unreachable, exitCode: exitCodes.cutover[verdict] };
}
