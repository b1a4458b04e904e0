import type { EntityMetadata } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/mysql';
import type { WrittenRows } from '../audit/trail-insert.ts';
import type { WriteTrail } from '../audit/write-trail.ts';
import type { SourceName } from '../source-name.ts';
import type { Change, Changed, Reads } from '../sources/transaction.ts';
import type { WriteGuard } from './write-guard.ts';

/** The rows that one statement wrote, and their entity; null where the statement has seen to the role's rules. */
export interface ChangedRows extends WrittenRows {
  readonly meta: EntityMetadata | null;
  /** Whether MySQL itself changes them, along a foreign key from the rows of a statement. */
  readonly isTaken?: boolean;
}

/** One transaction on one source, or one statement that commits by itself. */
export interface Transaction {
  readonly em: SqlEntityManager;
  /** Runs a statement that writes. */
  change(change: Change): Promise<Changed>;
  readonly source: SourceName;
  /** Reads what has been written. */
  readonly reads: Reads;
  /** The rows that the caller may write; null: all of them. */
  readonly guard: WriteGuard | null;
  /** The rows that its statements have written, for the audit trail and for the role's rules; null: neither asks. Each statement that writes adds one. */
  readonly written: ChangedRows[] | null;
  /** The foreign keys along which MySQL changes further rows, for the audit trail; null: it does not ask. */
  readonly foreignKeys: WriteTrail['foreignKeys'] | null;
}
