import { unreachableForPrograms } from '../../errors/unreachable-source.ts';
import type { DriftReport } from '../report.ts';

/** For programs: fields are added, and never renamed or removed. */
export function asJson({ comparisons, unreachable, failOn, exitCode }: DriftReport): string {
  return `${JSON.stringify({ ok: exitCode === 0, exitCode, failOn, comparisons, unreachable: unreachableForPrograms(unreachable) })}\n`;
}
