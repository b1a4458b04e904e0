import type { MikroORM, SqlEntityManager } from '@mikro-orm/mysql';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';
import type { Allowance, Session } from './pool/session.ts';
import { onOneSession, type SessionCallback } from './session-statements.ts';

/** SQL with a question mark for each parameter. */
export interface ReadStatement {
  readonly sql: string;
  readonly params: readonly (string | number)[];
  /** Absent: no bound. */
  readonly allowance?: Allowance;
  /** Whether it may read a whole table, so that it waits for its turn among those. */
  readonly isScan?: boolean;
  /** Whether a replica may answer it, which is a little behind. */
  readonly mayLag?: boolean;
}

/** Runs SELECTs as prepared statements. */
export interface Reads {
  /** Rows as objects, under the names that the statement gives. */
  rows<R extends object>(statement: ReadStatement): Promise<R[]>;
  /** Rows as arrays, in the order of the columns. */
  arrays(statement: ReadStatement): Promise<unknown[][]>;
}

/** The work of a transaction; `reads` sees what `em` has written. */
export type TransactionCallback<T> = (
  em: SqlEntityManager,
  reads: Reads,
  statements: TransactionStatements,
) => Promise<T>;

/** A change, in the ORM's placeholders: `?` is a value, or a fragment of SQL with values of its own. */
export interface Change {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** MySQL's answer to a change. */
export interface Changed {
  /** Rows found, also where nothing in them changed: mysql2 sets CLIENT_FOUND_ROWS. */
  readonly affectedRows: number;
  /** The key that the first new row was given. */
  readonly insertId: number;
}

/** The statements of a transaction. */
export interface TransactionStatements {
  /** Runs a change as a prepared statement, past the ORM's own way, which costs more than the statement. */
  change(change: Change): Promise<Changed>;
  /** Statements that write rows. */
  readonly writes: number;
}

export type Begin = 'begin' | 'start transaction with consistent snapshot';

/**
 * Runs a unit of work in one transaction on a session, and nowhere else: the statements of `work` take turns on it.
 * Where `work` throws, or the server has undone the transaction, it is rolled back, and nothing was changed.
 *
 * @throws TandemError OUTCOME_UNKNOWN where COMMIT was sent and its answer does not tell what became of it
 */
export async function inTransaction<T>(
  source: SourceName,
  session: Session,
  orm: MikroORM,
  begin: Begin,
  work: SessionCallback<T>,
): Promise<T> {
  await run(session, begin);
  const statements = onOneSession(session, { orm, undoing: undoes.statement });
  let result: T;
  try {
    result = await work(statements);
    // `work` may have gone on after that.
    if (statements.undone !== null) throw statements.undone;
  } catch (error) {
    await statements.finished();
    await rollBack(session);
    throw error;
  }
  await commit(source, session);
  return result;
}

/** A change that the server rolls back when its session ends needs no answer: a session that cannot roll back is ended. */
async function rollBack(session: Session): Promise<void> {
  await run(session, 'rollback').catch(() => session.destroy());
}

async function commit(source: SourceName, session: Session): Promise<void> {
  try {
    await run(session, 'commit');
  } catch (error) {
    if (undoes.commit.has(numberOf(error))) {
      await rollBack(session);
      throw error;
    }
    session.destroy();
    throw error instanceof TandemError ? error : new TandemError('OUTCOME_UNKNOWN', { source, cause: error });
  }
}

/**
 * Errors after which nothing of the transaction is left: a deadlock, and a lock wait that timed out where
 * innodb_rollback_on_timeout is on (https://dev.mysql.com/doc/refman/8.4/en/innodb-error-handling.html). A statement
 * after one of them would run outside of any transaction. COMMIT is refused, besides, by a server that has become
 * read-only (1290, 1792, 1836), and by group replication (3101). Of any other answer to COMMIT, such as that it was
 * interrupted, it is not certain that nothing was changed.
 */
const undoes = {
  statement: new Set<unknown>([1205, 1213]),
  commit: new Set<unknown>([1213, 1290, 1792, 1836, 3101]),
};

function numberOf(error: unknown): unknown {
  return (error as { readonly errno?: unknown }).errno;
}

function run(session: Session, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    session.query(sql, [], (error) => (error === null ? resolve() : reject(error)));
  });
}
