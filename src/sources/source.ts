import { setTimeout as delay } from 'node:timers/promises';
import type { MikroORM, SqlEntityManager } from '@mikro-orm/mysql';
import type { DatabaseConfig } from '../config/groups/database.ts';
import type { PoolConfig } from '../config/groups/pool.ts';
import { fromMysql } from '../errors/from-mysql.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';
import { namesIn } from './api-names.ts';
import { autocommitted } from './autocommit.ts';
import { openDatabase } from './database.ts';
import { createFairShare, type Start, type Turn } from './fair-share.ts';
import type { PoolStats, ReplicaStats, SourceObserver } from './observer.ts';
import { type Caller, isLate, tooLate } from './pool/caller.ts';
import type { Session } from './pool/session.ts';
import type { Lease } from './pool/waiting-callers.ts';
import { openReplicas } from './replicas/replicas.ts';
import type { SessionStatements } from './session-statements.ts';
import {
  type Begin,
  inTransaction,
  type ReadStatement,
  type Reads,
  type TransactionCallback,
} from './transaction.ts';

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

/** One cloud: an ORM with a connection pool of its own. It shares no state with the other. */
export interface Source extends Reads, AsyncDisposable {
  readonly name: SourceName;
  readonly limits: PoolConfig;
  readonly orm: MikroORM;
  /** Names of tables that drift compares with nothing; `*` stands for any characters. */
  readonly ignoredTables: readonly string[];
  /**
   * Runs a read. The entity manager is for plain rows (`createQueryBuilder(…).execute()`), not for entities. It is run
   * again where its connection broke, so it must not write.
   * @throws TandemError for every failure of the database
   */
  read<T>(work: (em: SqlEntityManager) => Promise<T>): Promise<T>;
  /**
   * Runs a SELECT as a prepared statement, past the ORM's own execution, whose mapping of results costs as much
   * as the statement. Rows are plain objects under the names that the SQL gives; dates are text. When `caller` goes
   * away, the statement ends.
   * @throws TandemError for every failure of the database
   */
  rows<R extends object>(statement: ReadStatement, caller?: Caller): Promise<R[]>;
  /** The same, rows as arrays in the order of the columns. */
  arrays(statement: ReadStatement, caller?: Caller): Promise<unknown[][]>;
  /**
   * Runs a unit of work in one transaction, which is rolled back when `work` throws. `work` is run again where the
   * server undid the transaction for another's sake, or its connection broke before COMMIT: so all that it does must
   * be in the transaction, what it reads too.
   * @throws TandemError for every failure of the database. Nothing was changed, but where it is OUTCOME_UNKNOWN.
   */
  write<T>(work: TransactionCallback<T>, options?: WriteOptions): Promise<T>;
  /**
   * The same without a transaction: each statement is committed by itself. For work with one change, which is not run again once that may
   * have been made, and from then on throws nothing that says otherwise.
   * @throws TandemError for every failure of the database; OUTCOME_UNKNOWN where the answer to the change was lost
   */
  autocommit<T>(work: (statements: SessionStatements) => Promise<T>, caller?: Caller): Promise<T>;
  /**
   * Asks the server on the connection that the pool keeps for itself, which is there when all others are taken.
   * @throws TandemError for every failure of the database
   */
  ask<R extends object>(sql: string): Promise<R[]>;
  /** What the pool's connections do at this moment. */
  stats(): PoolStats;
  /** The replicas that answer reads beside the primary. */
  replicas(): ReplicaStats[];
  /** Refuses who waits, lets transactions finish for so many milliseconds, and closes all connections. */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/** How often work is tried that the server undoes because of a deadlock, or whose connection breaks. */
const mostAttempts = 3;

interface SourceOptions {
  /** Gets its events. */
  readonly observer?: SourceObserver | undefined;
  /** Whether a transaction that writes and does not record it in the audit trail is rolled back. */
  readonly onlyRecorded?: boolean;
}

/**
 * Opens a source without connecting: the process starts with any database down, and the first statement
 * connects. The caller closes it.
 */
export async function openSource(
  name: SourceName,
  database: DatabaseConfig,
  limits: PoolConfig,
  { observer, onlyRecorded = false }: SourceOptions = {},
): Promise<Source> {
  const { orm, pool, close } = await openDatabase(name, database, database.runtime, limits, {
    ...(observer && { observer }),
  });
  const replicas = openReplicas(name, database, limits, pool, observer);
  const turns = createFairShare(name, limits, observer, () => pool.size + (replicas?.size ?? 0));
  const rows = orm.em.fork();
  const names = namesIn(orm.getMetadata());
  const coded = (error: unknown) => fromMysql(error, name, names) ?? error;

  /** Says of what failed whether it may be run again: only what was lost, so often, and not past a statement's time. */
  const patience = (most: number) => {
    const giveUpAt = performance.now() + (limits.statementTimeoutMs || Number.POSITIVE_INFINITY);
    return (error: unknown, attempt: number) =>
      isLost(error) && attempt < most && performance.now() < giveUpAt;
  };

  async function read<T>(work: (em: SqlEntityManager) => Promise<T>): Promise<T> {
    const mayRepeat = patience(mostAttempts);
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(rows);
      } catch (thrown) {
        const error = coded(thrown);
        if (!mayRepeat(error, attempt)) throw error;
      }
    }
  }

  /** What no caller waits for, such as a command's work, needs no turn. */
  function inTurn(caller: Caller | undefined, isScan: boolean, start: Start): void {
    if (caller === undefined) start(null);
    else turns.take(caller, isScan, start);
  }

  function select<R>(
    { sql, params, allowance, isScan = false, mayLag = false }: ReadStatement,
    rowsAsArray: boolean,
    caller: Caller | undefined,
  ): Promise<R[]> {
    return new Promise((resolve, reject) => {
      const statement = { sql, values: params, rowsAsArray, allowance };
      let mayRepeat: ReturnType<typeof patience> | undefined;
      let count = 0;
      let turn: Turn | undefined;
      const fail = (error: unknown) => {
        turn?.end();
        reject(error);
      };
      const attempt = () => {
        count += 1;
        pool.acquire(lease, caller, count === 1 ? turn?.since : undefined);
      };
      const lease: Lease = (error, session) => {
        if (session === undefined) {
          fail(coded(error));
          return;
        }
        const { reused } = session;
        session.execute(statement, (failed, rows) => {
          session.release();
          if (failed === null) {
            resolve(rows);
            turn?.end();
            return;
          }
          const error = coded(failed);
          // Of connections that died idle, each may be met once; one that was made for this has no such excuse.
          mayRepeat ??= patience(limits.max);
          if (reused && mayRepeat(error, count)) attempt();
          else fail(error);
        });
      };
      const ended = (error: unknown, rows: R[]) => {
        if (error === null) resolve(rows);
        else reject(coded(error));
        turn?.end();
      };
      inTurn(caller, isScan, (error, given) => {
        turn = given;
        if (error !== null) reject(error);
        else if (replicas === undefined || !mayLag || caller === undefined) attempt();
        else replicas.read(statement, caller, ended, attempt);
      });
    });
  }

  function leased(caller: Caller | undefined, since: number | undefined): Promise<Session> {
    return new Promise((resolve, reject) => {
      if (caller?.destroyed === true) throw new TandemError('CLIENT_CLOSED_REQUEST', { source: name });
      if (caller !== undefined && isLate(caller)) throw tooLate(name);
      const lease: Lease = (error, session) => (session === undefined ? reject(error) : resolve(session));
      pool.acquire(lease, caller, since);
    });
  }

  async function onSession<T>(
    work: (session: Session) => Promise<T>,
    caller: Caller | undefined,
    since: number | undefined,
  ): Promise<T> {
    const session = await leased(caller, since);
    // It would be ended in the middle when its client goes away.
    session.caller = undefined;
    try {
      return await work(session);
    } finally {
      session.release();
    }
  }

  async function write<T>(
    work: TransactionCallback<T>,
    { caller, snapshot = false, isRecorded = false }: WriteOptions = {},
  ): Promise<T> {
    const begin: Begin = snapshot ? 'start transaction with consistent snapshot' : 'begin';
    const recorded = onlyRecorded && !isRecorded ? refusingWrites(work) : work;
    return attemptWrite((session) => inTransaction(name, session, orm, begin, recorded), caller);
  }

  async function autocommit<T>(
    work: (statements: SessionStatements) => Promise<T>,
    caller?: Caller,
  ): Promise<T> {
    if (onlyRecorded) throw new Error(pastTheTrail);
    return attemptWrite((session) => autocommitted(name, session, orm, work), caller);
  }

  async function attemptWrite<T>(
    work: (session: Session) => Promise<T>,
    caller: Caller | undefined,
  ): Promise<T> {
    const turn = await new Promise<Turn | undefined>((resolve, reject) => {
      inTurn(caller, false, (error, given) => (error === null ? resolve(given) : reject(error)));
    });
    try {
      return await attempts(work, caller, turn?.since);
    } finally {
      turn?.end();
    }
  }

  async function attempts<T>(
    work: (session: Session) => Promise<T>,
    caller: Caller | undefined,
    since: number | undefined,
  ): Promise<T> {
    const mayRepeat = patience(mostAttempts);
    for (let attempt = 1; ; attempt++) {
      try {
        return await onSession(work, caller, attempt === 1 ? since : undefined);
      } catch (thrown) {
        const error = coded(thrown);
        if (!(isDeadlock(error) ? attempt < mostAttempts : mayRepeat(error, attempt))) throw error;
        // Two that met may meet again if they wait equally long.
        await delay(10 * Math.min(attempt, mostAttempts) * (1 + Math.random()));
      }
    }
  }

  const closeAll = async (options?: { readonly timeoutMs?: number }) => {
    await Promise.all([close(options), replicas?.close(options)]);
  };

  return {
    name,
    limits,
    orm,
    ignoredTables: database.ignoredTables ?? [],
    read,
    rows: (statement, caller) => select(statement, false, caller),
    arrays: (statement, caller) => select(statement, true, caller),
    write,
    autocommit,
    ask: (sql) =>
      pool.ask<never>(sql).catch((error) => {
        throw coded(error);
      }),
    stats() {
      const stats = pool.stats();
      return { ...stats, waiting: stats.waiting + turns.waiting };
    },
    replicas: () => replicas?.stats() ?? [],
    close: closeAll,
    [Symbol.asyncDispose]: closeAll,
  };
}

const pastTheTrail =
  'This server keeps an audit trail: write by `context.writers`, which record what they write.';

/** An audit trail without gaps needs that nothing goes past it. */
function refusingWrites<T>(work: TransactionCallback<T>): TransactionCallback<T> {
  return async (em, reads, statements) => {
    const result = await work(em, reads, statements);
    if (statements.writes === 0) return result;
    throw new Error(pastTheTrail);
  };
}

/** The connection broke, and not at COMMIT: nothing was changed. */
function isLost(error: unknown): boolean {
  if (!(error instanceof TandemError) || error.code !== 'SOURCE_UNAVAILABLE') return false;
  return error.reason === 'CONNECTION_LOST' || error.reason === 'SESSION_ENDED';
}

function isDeadlock(error: unknown): boolean {
  return error instanceof TandemError && error.reason === 'DEADLOCK';
}
