import type { MikroORM, SqlEntityManager } from '@mikro-orm/mysql';
import type { DatabaseConfig } from '../config/groups/database.ts';
import type { PoolConfig } from '../config/groups/pool.ts';
import { fromMysql } from '../errors/from-mysql.ts';
import type { SourceName } from '../source-name.ts';
import { namesIn } from './api-names.ts';
import { openDatabase } from './database.ts';
import { createFairShare, type Start, type Turn } from './fair-share.ts';
import type { PoolStats, ReplicaStats, SourceObserver } from './observer.ts';
import type { Caller } from './pool/caller.ts';
import type { Lease } from './pool/wait-queue.ts';
import { openReplicas } from './replicas/replicas.ts';
import { mostAttempts, retryPolicy } from './retries.ts';
import { createSourceWrites, type SourceWrites } from './source-writes.ts';
import type { ReadStatement, Reads } from './transaction.ts';

/** One cloud: an ORM with a connection pool of its own. It shares no state with the other. */
export interface Source extends Reads, SourceWrites, AsyncDisposable {
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
   * Asks the server on the connection that the pool keeps for itself, which is there when all others are taken.
   * @throws TandemError for every failure of the database
   */
  ask<R extends object>(sql: string): Promise<R[]>;
  /** The state of the pool's connections at this moment. */
  stats(): PoolStats;
  /** The replicas that answer reads beside the primary. */
  replicas(): ReplicaStats[];
  /** Refuses who waits, lets transactions finish for so many milliseconds, and closes all connections. */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

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

  async function read<T>(work: (em: SqlEntityManager) => Promise<T>): Promise<T> {
    const mayRepeat = retryPolicy(limits, mostAttempts);
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(rows);
      } catch (thrown) {
        const error = coded(thrown);
        if (!mayRepeat(error, attempt)) throw error;
      }
    }
  }

  /** Work for which no caller waits, such as a command's, needs no turn. */
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
      let mayRepeat: ReturnType<typeof retryPolicy> | undefined;
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
          mayRepeat ??= retryPolicy(limits, limits.max);
          if (reused && mayRepeat(error, count)) attempt();
          else fail(error);
        });
      };
      inTurn(caller, isScan, (error, given) => {
        turn = given;
        if (error !== null) reject(error);
        else if (replicas === undefined || !mayLag || caller === undefined) attempt();
        else {
          const ended = (failed: unknown, rows: R[]) => {
            if (failed === null) resolve(rows);
            else reject(coded(failed));
            turn?.end();
          };
          replicas.read(statement, caller, ended, attempt);
        }
      });
    });
  }

  const writes = createSourceWrites({ name, limits, orm, pool, onlyRecorded, coded, inTurn });

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
    ...writes,
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
