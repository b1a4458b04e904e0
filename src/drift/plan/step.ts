import type { SchemaObject } from '../finding.ts';

/** One statement, and the objects whose differences it helps to mend, by their keys. */
export interface PlanStep {
  readonly sql: string;
  readonly mends: readonly string[];
}

/** An object as one text, as which it can be looked up. */
export function keyOf({ kind, table, name }: SchemaObject): string {
  return JSON.stringify([kind, table, name]);
}

/** A step for each statement, which all mend the same. */
export function steps(statements: readonly string[], mends: readonly string[]): PlanStep[] {
  return statements.map((sql) => ({ sql, mends: [...new Set(mends)] }));
}

/** A part of an ALTER TABLE, which may hold several. */
export interface PlanClause {
  readonly sql: string;
  readonly mends: readonly string[];
}

/** One ALTER TABLE with these clauses; none without any. `last` is what MySQL wants behind them, without a comma. */
export function alterTable(
  table: string,
  clauses: readonly PlanClause[],
  last: readonly PlanClause[] = [],
): PlanStep[] {
  if (clauses.length + last.length === 0) return [];
  const sql = [
    `alter table ${table}`,
    clauses.map((clause) => clause.sql).join(', '),
    ...last.map((clause) => clause.sql),
  ];
  return steps(
    [sql.filter(Boolean).join(' ')],
    [...clauses, ...last].flatMap(({ mends }) => mends),
  );
}
