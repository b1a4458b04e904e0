import { exitCodes } from '../errors/exit-codes.ts';
import type { UnreachableSource } from '../errors/unreachable-source.ts';
import type { SourceName } from '../source-name.ts';
import type { RowDifference } from './difference.ts';

/**
 * The verdict on a table, or on all: DIFFERENT where a row or a table differs; PARTIAL where none was found to, and not all was
 * compared.
 */
export type ParityVerdict = 'SAME' | 'DIFFERENT' | 'PARTIAL';

/** The result for one table. */
export interface TableParity {
  readonly table: string;
  /** Null where its comparison has not ended. */
  readonly verdict: ParityVerdict | null;
  /** Rows read so far. */
  readonly rows: Readonly<Record<SourceName, number>>;
  /** Rows that both sides have, with different values. */
  readonly different: number;
  readonly onlyAzure: number;
  readonly onlyGcp: number;
  /** Rows that changed too often to be compared. */
  readonly hot: number;
  /** The first ones. */
  readonly differences: readonly RowDifference[];
  /** Parts that were not compared, and obstacles, each a sentence. */
  readonly notes: readonly string[];
}

export interface ParityReport {
  /** Of the run, as its record has it; null where there is no record. */
  readonly id: string | null;
  /** Null where a source did not answer. */
  readonly verdict: ParityVerdict | null;
  readonly tables: readonly TableParity[];
  readonly unreachable: readonly UnreachableSource[];
  readonly exitCode: (typeof exitCodes.parity)[keyof typeof exitCodes.parity];
}

/** The verdict of a table that was compared to its end. */
export function verdictOf(
  { different, onlyAzure, onlyGcp, hot }: Omit<TableParity, 'verdict'>,
  isWhole: boolean,
): ParityVerdict {
  if (different + onlyAzure + onlyGcp > 0) return 'DIFFERENT';
  return hot > 0 || !isWhole ? 'PARTIAL' : 'SAME';
}

function overall(tables: readonly TableParity[]): ParityVerdict {
  if (tables.some(({ verdict }) => verdict === 'DIFFERENT')) return 'DIFFERENT';
  return tables.every(({ verdict }) => verdict === 'SAME') ? 'SAME' : 'PARTIAL';
}

export function parityReport(
  id: string | null,
  tables: readonly TableParity[],
  unreachable: readonly UnreachableSource[] = [],
): ParityReport {
  if (unreachable.length > 0)
    return { id, verdict: null, tables, unreachable, exitCode: exitCodes.parity.UNREACHABLE };
  const verdict = overall(tables);
  return { id, verdict, tables, unreachable, exitCode: exitCodes.parity[verdict] };
}
