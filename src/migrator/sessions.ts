import { type Blockers, blockersOf } from './blockers.ts';
import type { MigratorSession } from './migrator-session.ts';

/** The two sessions of a runner. */
export interface Sessions {
  readonly database: string;
  /** Runs the statements, and whatever else is in a transaction with them. */
  readonly session: MigratorSession;
  /** Holds the lock and writes the journal: what a migration tells its session is nothing to it. */
  readonly keeper: MigratorSession;
  /** The connections that this process has beside these. */
  others(): Promise<number[]>;
}

/** The sessions that hold the locks for which a statement waits. */
export async function findBlockers(
  { session, keeper, database, others }: Sessions,
  sql: string,
): Promise<Blockers> {
  return blockersOf(keeper, database, { sql, besides: [session.id, ...(await others())] });
}
