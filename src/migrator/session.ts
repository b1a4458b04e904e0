import type { Pool } from '../sources/pool/pool.ts';

/** The one connection that migrates a database: it holds the lock, so what it runs is what the lock protects. */
export interface MigratorSession {
  /** The server's number of the connection. */
  readonly id: number;
  query<R = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<R[]>;
  /** Runs several statements in one transaction. */
  transaction(work: () => Promise<void>): Promise<void>;
  release(): void;
}

/** Takes a connection of the pool for good, until it is released. */
export function takeSession(pool: Pool): Promise<MigratorSession> {
  return new Promise((resolve, reject) => {
    pool.acquire((error, session) => {
      if (session === undefined) {
        reject(error);
        return;
      }
      const query = <R>(sql: string, values: readonly unknown[] = []) =>
        new Promise<R[]>((answer, fail) => {
          session.query(sql, values, (failure, rows) => (failure === null ? answer(rows) : fail(failure)));
        });
      resolve({
        id: session.threadId,
        query,
        async transaction(work) {
          await query('begin');
          try {
            await work();
            await query('commit');
          } catch (failure) {
            await query('rollback').catch(() => {});
            throw failure;
          }
        },
        release: () => session.release(),
      });
    });
  });
}
