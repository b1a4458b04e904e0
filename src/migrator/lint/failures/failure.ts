import type { AlterClause } from '../alter-clause.ts';
import type { KnownTable, KnownTables } from '../schema-state.ts';

/** Why MySQL refuses a statement whatever the rows are. */
export interface PredictedFailure {
  /** https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html */
  readonly errno: number;
  /** The column, index or constraint. */
  readonly part: string;
  /** The cause, and what to do. */
  readonly message: string;
}

/** A table before and after the clauses of one statement. */
export interface SchemaChange {
  readonly before: KnownTable;
  readonly after: KnownTable;
  readonly clauses: readonly AlterClause[];
  readonly known: KnownTables;
  readonly foreignKeyChecks: boolean;
}

export const failure = (errno: number, part: string, message: string): PredictedFailure => ({
  errno,
  part,
  message,
});

/** The names that clauses of one kind drop. */
export function dropped(clauses: readonly AlterClause[], ...kinds: readonly AlterClause['does'][]): string[] {
  return clauses.flatMap((clause) =>
    kinds.includes(clause.does) && 'name' in clause ? (clause.name ?? []) : [],
  );
}
