import type { SourceName } from '../source-name.ts';

/** The kinds of objects that are compared. */
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

/** The sides of a comparison. */
export type Party = SourceName | 'ENTITIES';

/** One difference, by itself. The left side counts as right. */
export interface Difference {
  /** Which object it is about. Names may have dots in them, so they stand apart; `table` is null where there is none. */
  readonly of: SchemaObject;
  /** The property that differs; `existence` where it is on one side only. */
  readonly property: string;
  /** Null where this side has no such thing. */
  readonly left: string | null;
  readonly right: string | null;
  /** Whether the database could refuse a statement or answer it otherwise; if not, only looks or speed differ. */
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

/** The statements that make the right side of a comparison as the left one is. */
export interface RepairPlan {
  /** Run all of them on the right side, in this order. */
  readonly statements: readonly string[];
  /** Limits and needs of the statements on that server: each a sentence. */
  readonly notes: readonly string[];
  readonly verification: Verification;
}

/**
 * Whether the plan ran on a copy of the right side's schema: VERIFIED if that left no drift, FAILED if the server refused a
 * statement or drift remained. `detail` states the reason, in a sentence.
 */
export interface Verification {
  readonly state: 'NOT_VERIFIED' | 'VERIFIED' | 'FAILED';
  readonly detail: string | null;
}

/** One comparison: its two sides, and how they differ. */
export interface Comparison {
  readonly left: Party;
  readonly right: SourceName;
  readonly findings: readonly DriftFinding[];
  readonly plan: RepairPlan;
  /** Kinds that the comparison leaves out, because an account may not see them. */
  readonly notVisible: readonly Kind[];
  /** Tables of the right side that no entity names; empty beside another source. */
  readonly notManaged: readonly string[];
}
