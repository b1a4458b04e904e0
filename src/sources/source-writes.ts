import type { MikroORM } from '@mikro-orm/mysql';
import type { PoolConfig } from '../config/groups/pool.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';
import { autocommitted } from './autocommit.ts';
import type { Start, Turn } from './fair-share.ts';
import { type Caller, isLate, tooLate } from './pool/caller.ts';
import type { Pool } from './pool/pool.ts';
import type { Session } from './pool/session.ts';
import type { Lease } from './pool/wait-queue.ts';
import { mostAttempts, retryPolicy, waitToRepeat } from './retries.ts';
import type { SessionCallback } from './session-statements.ts';
import { type Begin, inTransaction, type TransactionCallback } from './transaction.ts';

interface WriteOptions {
  /** The source does not begin work whose caller is gone; it finishes what has begun. */
  readonly caller?: Caller | undefined;
  /**
   * Consistent reads see the rows as they were before the transaction's first statement, and what it has written itself:
   * https://dev.mysql.com/doc/refman/8.4/en/innodb-consistent-read.html
   */
  readonly snapshot?: boolean;
  /** Whether the work itself records what it writes in the audit trail. */
  readonly isRecorded?: boolean;
}

/** The changes that a source makes. */
export interface SourceWrites {
  /**
   * Runs a unit of work in one transaction, which is rolled back when `work` throws. `work` is run again where the
   * server undid the transaction for another's sake, or its connection broke before COMMIT: so all that it does must
   * be in the transaction, what it reads too.
   * @throws TandemError for every failure of the database. Nothing was changed, but where it is OUTCOME_UNKNOWN.
   */
  write<T>(work: TransactionCallback<T>, options?: WriteOptions): Promise<T>;
  /** The same, without an entity manager for work that asks for none: it costs more than a statement. */
  transaction<T>(work: SessionCallback<T>, options?: WriteOptions): Promise<T>;
  /**
   * The same without a transaction: each statement is committed by itself. For work with one change, which is not run again once that may
   * have been made, and from then on throws nothing that says otherwise.
   * @throws TandemError for every failure of the database; OUTCOME_UNKNOWN where the answer to the change was lost
   */
  autocommit<T>(work: SessionCallback<T>, caller?: Caller): Promise<T>;
}

interface SourceWritesOptions {
  readonly name: SourceName;
  readonly limits: PoolConfig;
  readonly orm: MikroORM;
  readonly pool: Pick<Pool, 'acquire'>;
  /** Whether a transaction that writes and does not record it in the audit trail is rolled back. */
  readonly onlyRecorded: boolean;
  /** An error of the database as one of ours. */
  readonly coded: (error: unknown) => unknown;
  /** Begins when it is the caller's turn. */
  readonly inTurn: (caller: Caller | undefined, isScan: boolean, start: Start) => void;
}

export function createSourceWrites({
  name,
  limits,
  orm,
  pool,
  onlyRecorded,
  coded,
  inTurn,
}: SourceWritesOptions): SourceWrites {
  function leased(caller: Caller | undefined, since: number | undefined): Promise<Session> {
    return new Promise((resolve, reject) => {
      if (caller?.destroyed === true) throw new TandemError('CLIENT_CLOSED_REQUEST', { source: name });
      if (caller !== undefined && isLate(caller)) throw tooLate(name);
      const lease: Lease = (error, session) => (session === undefined ? reject(error) : resolve(session));
      pool.acquire(lease, caller, since);
    });
  }

  function write<T>(work: TransactionCallback<T>, options?: WriteOptions): Promise<T> {
    return transaction((statements) => work(statements.em, statements.reads, statements), options);
  }

  function transaction<T>(
    work: SessionCallback<T>,
    { caller, snapshot = false, isRecorded = false }: WriteOptions = {},
  ): Promise<T> {
    const begin: Begin = snapshot ? 'start transaction with consistent snapshot' : 'begin';
    const recorded = onlyRecorded && !isRecorded ? refusingWrites(work) : work;
    return attemptWrite((session) => inTransaction(name, session, orm, begin, recorded), caller);
  }

  function autocommit<T>(work: SessionCallback<T>, caller?: Caller): Promise<T> {
    if (onlyRecorded) return Promise.reject(new Error(pastTheTrail));
    return attemptWrite((session) => autocommitted(name, session, orm, work), caller);
  }

  /** One function for all that a write waits for: what each of several keeps meanwhile is more than the work. */
  async function attemptWrite<T>(
    work: (session: Session) => Promise<T>,
    caller: Caller | undefined,
  ): Promise<T> {
    const turn = await new Promise<Turn | undefined>((resolve, reject) => {
      inTurn(caller, false, (error, given) => (error === null ? resolve(given) : reject(error)));
    });
    const mayRepeat = retryPolicy(limits, mostAttempts);
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          const session = await leased(caller, attempt === 1 ? turn?.since : undefined);
          // It would be ended in the middle when its client goes away.
          session.caller = undefined;
          try {
            return await work(session);
          } finally {
            session.release();
          }
        } catch (error) {
          await waitToRepeat(coded(error), attempt, mayRepeat);
        }
      }
    } finally {
      turn?.end();
    }
  }

  return { write, transaction, autocommit };
}

const pastTheTrail =
  'This server keeps an audit trail: write by `context.writers`, which record what they write.';

/** An audit trail without gaps needs that nothing goes past it. */
function refusingWrites<T>(work: SessionCallback<T>): SessionCallback<T> {
  return async (statements) => {
    const result = await work(statements);
    if (statements.writes === 0) return result;
    throw new Error(pastTheTrail);
  };
}
