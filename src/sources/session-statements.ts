import type { MikroORM, SqlEntityManager } from '@mikro-orm/mysql';
import { Kysely, MysqlDialect } from 'kysely';
import type { Value } from '../sql/literal.ts';
import { bind } from './binding-driver.ts';
import type { Answer, Session } from './pool/session.ts';
import { statementKind } from './pool/statement-kind.ts';
import type { ReadStatement, Reads, TransactionStatements } from './transaction.ts';

/** The ways to a session that its holder has. */
export interface SessionStatements extends TransactionStatements {
  /** Its statements run on the session; made when it is first asked for, since most changes need none. */
  readonly em: SqlEntityManager;
  readonly reads: Reads;
  /** Why no further statement runs; null while they do. */
  readonly undone: Error | null;
  /** No statement is running, and no more will. */
  finished(): Promise<void>;
}

/** Work on a session. */
export type SessionCallback<T> = (statements: SessionStatements) => Promise<T>;

interface Options {
  readonly orm: MikroORM;
  /** MySQL's numbers of errors after which no further statement runs. */
  readonly undoing?: ReadonlySet<unknown>;
  /** What a failed statement of the entity manager says. */
  readonly errorOf?: (error: Error, sql: string) => Error;
}

/** A session runs one statement at a time, so those of the entity manager and the reads take turns. */
export function onOneSession(session: Session, { orm, undoing, errorOf }: Options): SessionStatements {
  const waiting: (() => void)[] = [];
  let isRunning = false;
  let idled: (() => void) | undefined;
  let undone: Error | null = null;
  let over = false;
  let writes = 0;
  let em: SqlEntityManager | undefined;

  /** Runs a statement when those before it are done: at once where there are none. */
  const inTurn = (send: (answer: Answer) => void, answer: Answer): void => {
    const start = () => {
      if (undone !== null || over) settle(undone ?? new Error('The transaction is over.'));
      else send(settle);
    };
    const settle: Answer = (error, result) => {
      if (error !== null && undoing?.has((error as { readonly errno?: unknown }).errno)) undone ??= error;
      const next = waiting.shift();
      isRunning = next !== undefined;
      answer(error, result);
      next?.();
      if (!isRunning) idled?.();
    };
    if (isRunning) waiting.push(start);
    else {
      isRunning = true;
      start();
    }
  };
  const read = <R>({ sql, params, allowance }: ReadStatement, rowsAsArray: boolean) =>
    new Promise<R[]>((resolve, reject) => {
      inTurn(
        (answer) => session.execute({ sql, values: params, rowsAsArray, allowance }, answer),
        (error, rows) => (error === null ? resolve(rows) : reject(error)),
      );
    });
  const query = (sql: string, values: readonly Value[], answer: Answer) => {
    if (statementKind(sql) === 'write') writes += 1;
    inTurn(
      (settle) => session.query(sql, values, settle),
      errorOf === undefined
        ? answer
        : (error, result) => answer(error === null ? null : errorOf(error, sql), result),
    );
  };

  function entityManager(): SqlEntityManager {
    // Kysely asks no more of a connection and a pool than these.
    const connection = {
      threadId: session.threadId,
      query,
      release() {},
      destroy: () => session.destroy(),
    };
    const pool = {
      getConnection: (lease: (error: null, connection: never) => void) => lease(null, connection as never),
      end: (ended: (error: undefined) => void) => ended(undefined),
    };
    const forked = orm.em.fork();
    // The entity manager sends its statements to what it takes for its transaction.
    forked.setTransactionContext(new Kysely({ dialect: new MysqlDialect({ pool: pool as never }) }) as never);
    return forked;
  }

  return {
    get em() {
      em ??= entityManager();
      return em;
    },
    change({ sql, params }) {
      const values: Value[] = [];
      const text = bind(orm.em.getPlatform(), sql, params, values);
      return new Promise((resolve, reject) => {
        query(text, values, (error, result) => (error === null ? resolve(result) : reject(error)));
      });
    },
    reads: {
      rows: (statement) => read(statement, false),
      arrays: (statement) => read(statement, true),
    },
    get undone() {
      return undone;
    },
    get writes() {
      return writes;
    },
    async finished() {
      over = true;
      if (!isRunning) return;
      await new Promise<void>((resolve) => {
        idled = resolve;
      });
    },
  };
}
