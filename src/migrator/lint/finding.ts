import type { Explanation } from '../../errors/explanation.ts';
import type { Algorithm, Lock } from './impact.ts';
import type { RuleId, Severity } from './rules.ts';

/** A finding of the lint in one statement. */
export interface LintFinding extends Explanation {
  readonly rule: RuleId;
  readonly severity: Severity;
  /** Whether what goes cannot be had back. */
  readonly destructive: boolean;
  /** The statement's number, from 1 on; 0 for the migration as a whole. */
  readonly statement: number;
  /** Such as `patients` or `patients.last_name`. */
  readonly object: string;
  /** The rows concerned; null where live sizes are not known. */
  readonly rows: number | null;
  /** The algorithm that MySQL will use, where the statement changes a table. */
  readonly algorithm: Algorithm | null;
  readonly lock: Lock | null;
  /** The reason that the migration's author gives for it; null: none. */
  readonly exempt: string | null;
}

/** Those that need `--allow-destructive`, exempted or not: an exemption answers the lint, not the operator who migrates. */
export function destructiveFindings(findings: readonly LintFinding[]): LintFinding[] {
  return findings.filter((finding) => finding.destructive);
}
