import type { SourceName } from '../source-name.ts';
import type { BoundValues } from './bound-values.ts';
import type { ExplicitCollations } from './explicit-collations.ts';
import type { Filter } from './filter-to-condition.ts';
import type { Budget } from './operation-budget.ts';
import type { Order } from './order.ts';
import type { RowGuard } from './row-guard.ts';
import type { SelectSpec } from './select-spec.ts';
import type { BoundStatement } from './statement-cache.ts';

/** Where rows come from: one source, and how its statements are made and run. */
export interface QueryRunner {
  readonly source: SourceName;
  /** The operation's budget. */
  readonly budget: Budget;
  statement(spec: SelectSpec, values: readonly unknown[]): BoundStatement;
  /** The rows that the caller may read; null: all of them. */
  readonly guard: RowGuard | null;
  readonly collations: ExplicitCollations;
  /** Rows as objects, under the names that the statement gives. */
  rows<R extends object>(statement: RunnerStatement): Promise<R[]>;
  /** Rows as arrays, in the order of the statement. */
  arrays(statement: RunnerStatement): Promise<unknown[][]>;
}

/** The same runner, whose statements are run in another way. */
export function runningBy(runner: QueryRunner, run: Pick<QueryRunner, 'rows' | 'arrays'>): QueryRunner {
  const { source, budget, guard, collations } = runner;
  return {
    source,
    budget,
    guard,
    collations,
    statement: (spec, values) => runner.statement(spec, values),
    ...run,
  };
}

/** `mayLag`: false where the primary is to answer; absent: a replica may. */
export type RunnerStatement = BoundStatement & { readonly mayLag?: boolean };

/** Which rows of a table, in which order. */
export interface Range {
  readonly filter: Filter;
  readonly order: Order;
  readonly values: BoundValues;
  /** How many rows are read at most. */
  readonly limit?: number;
  /** How many rows are of use: one more may be read, which tells that there are more. */
  readonly size?: number;
  /** Whether it may read a whole table; absent: an index leads to the rows. */
  readonly isScan?: boolean;
}
