import { unreachableForPrograms } from '../../errors/unreachable-source.ts';
import type { ParityReport } from '../report.ts';

/** For programs: fields are added, and never renamed or removed. */
export function parityAsJson({ id, verdict, tables, unreachable, exitCode }: ParityReport): string {
  const shown = tables.map(
    ({ table, verdict, rows, different, onlyAzure, onlyGcp, hot, differences, notes }) =>
      ({ table, verdict, rows, different, onlyAzure, onlyGcp, hot, differences, notes }) as const,
  );
  return `${JSON.stringify({ ok: exitCode === 0, exitCode, id, verdict, tables: shown, unreachable: unreachableForPrograms(unreachable) })}\n`;
}
