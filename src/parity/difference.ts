import type { SourceName } from '../source-name.ts';
import type { KeyPlace } from './key-range.ts';

/** How a row differs; SHA-256 of what each side holds shows it, and no value leaves its database. */
export type DifferenceKind = 'DIFFERENT' | 'ONLY_AZURE' | 'ONLY_GCP';

/** One row that differs while both sides stood still. */
export interface RowDifference {
  readonly kind: DifferenceKind;
  /** The row's key by the names of its columns; null for a table without one. */
  readonly key: Readonly<Record<string, string>> | null;
  /** Names of the columns that differ; empty where one side lacks the row. */
  readonly columns: readonly string[];
  /** How many such rows each side has: more than one only where the table has no key. */
  readonly rows: Readonly<Record<SourceName, number>>;
}

/** The same with what a repair needs. */
export interface ConfirmedDifference extends RowDifference {
  /** Equal for one key on both sides; null for a table without a key, as `place`. */
  readonly id: string | null;
  readonly place: KeyPlace | null;
  /** The row's hash as it was seen; null where the side lacks the row. */
  readonly hashes: Readonly<Record<SourceName, string | null>>;
}

/** Gets what the comparison of a table finds, as it goes on. */
export interface TableObserver {
  /** Rows that both sides have read since the last call. */
  read(rows: Readonly<Record<SourceName, number>>): void;
  differences(found: readonly ConfirmedDifference[]): Promise<void>;
  /** Rows that changed on either side as often as they were looked at. */
  hot(rows: number): void;
  /** All rows up to a key are settled. */
  reached(place: KeyPlace): Promise<void>;
}

export function kindOfRow(hashes: Readonly<Record<SourceName, string | null>>): DifferenceKind {
  if (hashes.GCP === null) return 'ONLY_AZURE';
  return hashes.AZURE === null ? 'ONLY_GCP' : 'DIFFERENT';
}
