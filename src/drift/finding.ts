import type { SourceName } from '../source-name.ts';

/** What may differ. */
export type Kind =
  | 'TABLE'
  | 'COLUMN'
  | 'INDEX'
  | 'FOREIGN_KEY'
  | 'CHECK'
  | 'VIEW'
  | 'TRIGGER'
  | 'ROUTINE'
  | 'EVENT'
  | 'MIGRATION';

/** Who is compared. */
export type Party = SourceName | 'ENTITIES';

/** One difference. What is on the left is taken for right: the statements change the right side. */
export interface Finding {
  readonly kind: Kind;
  /** Such as `patients`, `patients.first_name`, or the name of a view. */
  readonly object: string;
  /** What of the object differs; `existence` where it is on one side only. */
  readonly property: string;
  /** Null where this side has no such thing. */
  readonly left: string | null;
  readonly right: string | null;
  /** Whether a statement could be refused or answered otherwise; if not, only looks or speed differ. */
  readonly breaking: boolean;
  /** What would mend it, run on the right in this order; empty where no statement can. */
  readonly statements: readonly string[];
  /** Whether the statements drop something that holds rows or values. */
  readonly losesData: boolean;
}

/** Two that were compared, and how they differ. */
export interface Comparison {
  readonly left: Party;
  readonly right: SourceName;
  readonly findings: readonly Finding[];
  /** Kinds that were left out because an account may not see them. */
  readonly notVisible: readonly Kind[];
}
