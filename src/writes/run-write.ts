import type { EntityMetadata } from '@mikro-orm/core';
import type { WrittenBy } from '../audit/trail-insert.ts';
import type { WriteTrail } from '../audit/write-trail.ts';
import { primaryKeyOf } from '../column-types/column-types.ts';
import { keyForApi, type RowKey } from '../column-types/table-key.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { reasonOf } from '../errors/reason-of.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';
import type { Caller } from '../sources/pool/caller.ts';
import type { SessionStatements } from '../sources/session-statements.ts';
import type { Source } from '../sources/source.ts';
import type { Reads } from '../sources/transaction.ts';
import type { ChangedRows, Transaction } from './transaction.ts';
import type { WriteGuard } from './write-guard.ts';

/** The answer that follows a write. */
export interface Answering<T> {
  /** The caller that waits for it: for one that is gone, nothing is begun. */
  readonly caller: Caller;
  /** The request that the audit trail names. */
  readonly by: WrittenBy;
  /** Whether the payload takes one statement at most, and can fail only where the database does: it may then follow the commit. */
  readonly isPlain: boolean;
  /**
   * Reads what is answered, by the keys of the rows in the order of the inputs; null where the source does not have all of them.
   * Where it throws in a transaction, nothing was written. It is run again where the transaction is.
   */
  payload(keys: readonly RowKey[], reads: Reads): Promise<T | null>;
}

export interface WriteRunOptions {
  readonly snapshot?: boolean;
  /** Whether the write is one statement. */
  readonly isOneStatement?: boolean;
  /** The keys of the rows, where they are known before. */
  readonly known?: readonly RowKey[];
  /** The error where another session has deleted the row between the commit and the payload. */
  readonly gone?: () => TandemError;
}

/**
 * Runs a write, and reads what is answered.
 *
 * @param write answers the keys of the rows
 */
export type RunWrite = <T>(
  meta: EntityMetadata,
  write: (transaction: Transaction) => Promise<readonly RowKey[]>,
  answering: Answering<T>,
  options?: WriteRunOptions,
) => Promise<T>;

/** By one statement that commits by itself where that is all, else in one transaction. */
export function writeRunner(source: Source, guard: WriteGuard | null, trail: WriteTrail | null): RunWrite {
  const transactionOn = (statements: SessionStatements): Transaction =>
    new SessionTransaction(statements, source.name, guard, trail);

  async function run<T>(
    meta: EntityMetadata,
    write: (transaction: Transaction) => Promise<readonly RowKey[]>,
    answering: Answering<T>,
    { snapshot = false, isOneStatement = false, known, gone }: WriteRunOptions = {},
  ): Promise<T> {
    const autocommit = isOneStatement && answering.isPlain && trail === null;
    let keys = known;
    try {
      if (autocommit) {
        return await source.autocommit(async (statements) => {
          keys = await write(transactionOn(statements));
          // The change is made: what goes wrong now must not look as if it were not.
          let payload: T | null;
          try {
            payload = await answering.payload(keys, statements.reads);
          } catch (error) {
            payload = await payloadElsewhere(meta, keys, answering, error);
          }
          if (payload === null) throw gone?.() ?? unavailable(meta, keys);
          return payload;
        }, answering.caller);
      }
      return await source.transaction(
        async (statements) => {
          const transaction = transactionOn(statements);
          keys = await write(transaction);
          const payload = await answering.payload(keys, statements.reads);
          if (payload === null) throw new Error('Written rows have other keys than MySQL reported.');
          const { written } = transaction;
          if (trail === null || written === null) return payload;
          const ofStatements = written.filter(({ isTaken }) => isTaken !== true);
          if (ofStatements.length !== statements.writes)
            throw new Error('A write is not in the audit trail.');
          await trail.append(statements.em, written.map(withApiKeys), answering.by);
          return payload;
        },
        { caller: answering.caller, snapshot, isRecorded: trail !== null },
      );
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
      if (guard?.hidesAnything && tellsOfRows.has(error.code)) {
        throw new TandemError('WRITE_REFUSED', { source: source.name, cause: error.cause });
      }
      if (error.code !== 'OUTCOME_UNKNOWN') throw error;
      throw new TandemError('OUTCOME_UNKNOWN', {
        source: source.name,
        keys: keys && inApi(meta, keys),
        cause: error.cause,
      });
    }
  }

  const unavailable = (meta: EntityMetadata, keys: readonly RowKey[], cause?: unknown) =>
    new TandemError('PAYLOAD_UNAVAILABLE', { source: source.name, keys: inApi(meta, keys), cause });

  /** Where the connection was lost: any connection of the source sees what was committed. */
  async function payloadElsewhere<T>(
    meta: EntityMetadata,
    keys: readonly RowKey[],
    { payload }: Answering<T>,
    error: unknown,
  ): Promise<T | null> {
    if (!isLost(error)) throw unavailable(meta, keys, error);
    try {
      return await payload(keys, source);
    } catch (again) {
      throw unavailable(meta, keys, again);
    }
  }

  return run;
}

function isLost(error: unknown): boolean {
  const reason = reasonOf(error);
  return reason === 'CONNECTION_LOST' || reason === 'SESSION_ENDED';
}

/** Keys as a client gets them. */
function inApi(meta: EntityMetadata, keys: readonly RowKey[]): unknown[] {
  return keys.map((key) => keyForApi(primaryKeyOf(meta), key));
}

/** The audit trail names keys as the API has them. */
function withApiKeys(rows: ChangedRows): ChangedRows {
  const { meta, keys } = rows;
  if (meta === null) return rows;
  return { ...rows, keys: inApi(meta, keys as readonly RowKey[]) };
}

/** Errors that name columns and constraints, and so tell of rows and columns that a caller may not know. */
const tellsOfRows: ReadonlySet<ErrorCode> = new Set(['DUPLICATE', 'REFERENCED', 'CHECK_FAILED']);

/** A class: V8 makes the getters of an object literal anew, among its old objects. */
class SessionTransaction implements Transaction {
  readonly change: SessionStatements['change'];
  readonly reads: SessionStatements['reads'];
  readonly source: SourceName;
  readonly guard: WriteGuard | null;
  readonly written: ChangedRows[] | null;
  readonly foreignKeys: Transaction['foreignKeys'];
  readonly #statements: SessionStatements;

  constructor(
    statements: SessionStatements,
    source: SourceName,
    guard: WriteGuard | null,
    trail: WriteTrail | null,
  ) {
    this.#statements = statements;
    this.change = statements.change;
    this.reads = statements.reads;
    this.source = source;
    this.guard = guard;
    this.written = trail !== null || guard !== null ? [] : null;
    this.foreignKeys = trail?.foreignKeys ?? null;
  }

  /** Made when a statement asks for it: most writes need none. */
  get em(): SessionStatements['em'] {
    return this.#statements.em;
  }
}
