import type { Difference, Kind } from '../finding.ts';
import { keyOf } from './step.ts';

/** The differences by the objects that they are about. */
export interface Differing {
  /** Those of one object; none where it does not differ. */
  of(kind: Kind, table: string | null, name: string): readonly Difference[];
  /** Whether it is missing on the right. */
  missing(kind: Kind, table: string | null, name: string): boolean;
  /** Whether the left side lacks it. */
  extra(kind: Kind, table: string | null, name: string): boolean;
  /** Whether both have it, and not alike. */
  changed(kind: Kind, table: string | null, name: string): boolean;
}

export function differing(differences: readonly Difference[]): Differing {
  const byKey = Map.groupBy(differences, ({ of }) => keyOf(of));
  const of: Differing['of'] = (kind, table, name) => byKey.get(keyOf({ kind, table, name })) ?? [];
  const exists = ({ property }: Difference) => property === 'existence';
  return {
    of,
    missing: (...object) => of(...object).some((found) => exists(found) && found.right === null),
    extra: (...object) => of(...object).some((found) => exists(found) && found.left === null),
    changed: (...object) => of(...object).some((found) => !exists(found)),
  };
}
