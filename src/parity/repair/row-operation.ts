import type { SourceName } from '../../source-name.ts';
import type { ConfirmedDifference } from '../difference.ts';
import type { KeyPlace } from '../key-range.ts';
import type { KeyedPair } from '../range-statements.ts';

/** The side that counts as right, and the side that is changed. */
export interface RepairDirection {
  readonly from: SourceName;
  readonly to: SourceName;
}

export const directions = {
  'azure-to-gcp': { from: 'AZURE', to: 'GCP' },
  'gcp-to-azure': { from: 'GCP', to: 'AZURE' },
} as const satisfies Record<string, RepairDirection>;

export type DirectionName = keyof typeof directions;

/** One row to be written. */
export interface RowOperation {
  readonly pair: KeyedPair;
  readonly action: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly place: KeyPlace;
  /** Equal for one key on both sides. */
  readonly id: string;
  readonly key: Readonly<Record<string, string>>;
  /** Columns that differ. */
  readonly columns: readonly string[];
  /** The row's hash on each side as it was seen: it is written only where both still hold that. */
  readonly seen: { readonly from: string | null; readonly to: string | null };
}

/** The operation that makes the row equal; null for a row without a key. */
export function operationOf(
  pair: KeyedPair,
  { id, place, key, columns, hashes }: ConfirmedDifference,
  { from, to }: RepairDirection,
): RowOperation | null {
  if (id === null || place === null || key === null) return null;
  const seen = { from: hashes[from], to: hashes[to] };
  const action = seen.from === null ? 'DELETE' : seen.to === null ? 'INSERT' : 'UPDATE';
  return { pair, action, id, place, key, columns, seen };
}
