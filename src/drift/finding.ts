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

/** One difference, by itself. What is on the left is taken for right. */
export interface Difference {
  /** Which object it is about. Names may have dots in them, so they stand apart; `table` is null where there is none. */
  readonly of: SchemaObject;
  /** What of the object differs; `existence` where it is on one side only. */
  readonly property: string;
  /** Null where this side has no such thing. */
  readonly left: string | null;
  readonly right: string | null;
  /** Whether a statement could be refused or answered otherwise; if not, only looks or speed differ. */
  readonly breaking: boolean;
  /** Whether to mend it drops something that holds rows or values. */
  readonly losesData: boolean;
}

export interface SchemaObject {
  readonly kind: Kind;
  readonly table: string | null;
  readonly name: string;
}

/** One difference with what would mend it: statements that change the right side. */
export interface DriftFinding extends Omit<Difference, 'of'> {
  readonly kind: Kind;
  /** Such as `patients`, `patients.first_name`, or the name of a view. */
  readonly object: string;
  /** Those of the plan that mend it, in its order; empty where no statement can. */
  readonly statements: readonly string[];
}

/** What makes the right side of a comparison as the left one is. */
export interface RepairPlan {
  /** To be run on the right, all of them, in this order. */
  readonly statements: readonly string[];
  /** What the statements cannot do, or need, on that server: each a sentence. */
  readonly notes: readonly string[];
  readonly verification: Verification;
}

/**
 * Whether the plan was run on a copy of the right side's schema: VERIFIED where that left no drift, FAILED where a
 * statement was refused or drift was left. `detail` says why, in a sentence.
 */
export interface Verification {
  readonly state: 'NOT_VERIFIED' | 'VERIFIED' | 'FAILED';
  readonly detail: string | null;
}

/** Two that were compared, and how they differ. */
export interface Comparison {
  readonly left: Party;
  readonly right: SourceName;
  readonly findings: readonly DriftFinding[];
  readonly plan: RepairPlan;
  /** Kinds that were left out because an account may not see them. */
  readonly notVisible: readonly Kind[];
  /** Tables of the right side that no entity names; empty beside another source. */
  readonly notManaged: readonly string[];
}
