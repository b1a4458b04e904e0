import type { MikroORM, SqlEntityManager } from '@mikro-orm/mysql';
import { Kysely, MysqlDialect } from 'kysely';
import type { Value } from '../sql/literal.ts';
import { bind } from './binding-driver.ts';
import type { Answer, Session } from './pool/session.ts';
import { statementKind } from './pool/statement-kind.ts';
import type { Change, Changed, ReadStatement, Reads, TransactionStatements } from './transaction.ts';

/** The ways to a session that its holder has. */
export interface SessionStatements extends TransactionStatements {
  /** Its statements run on the session; made when it is first asked for, since most changes need none. */
  readonly em: SqlEntityManager;
  readonly reads: Reads;
  /** Why no further statement runs; null while they do. */
  readonly undone: Error | null;
  /** No more statement runs; undefined where none is running now. */
  finished(): Promise<void> | undefined;
}

/** Work on a session. */
export type SessionCallback<T> = (statements: SessionStatements) => Promise<T>;

interface Options {
  readonly orm: MikroORM;
  /** MySQL's numbers of errors after which no further statement runs. */
  readonly undoing?: ReadonlySet<unknown>;
  /** The error of a failed statement of the entity manager. */
  readonly errorOf?: (error: Error, sql: string) => Error;
}

/** A session runs one statement at a time, so those of the entity manager and the reads take turns. */
export function onOneSession(session: Session, options: Options): SessionStatements {
  return new StatementsInTurn(session, options);
}

/** A class, whose getters all changes share: V8 makes those of an object literal anew for each, among its old objects. */
class StatementsInTurn implements SessionStatements, Reads {
  readonly #session: Session;
  readonly #options: Options;
  readonly #waiting: (() => void)[] = [];
  #isRunning = false;
  #idled: (() => void) | undefined;
  #undone: Error | null = null;
  #over = false;
  #writes = 0;
  #em: SqlEntityManager | undefined;

  constructor(session: Session, options: Options) {
    this.#session = session;
    this.#options = options;
  }

  get em(): SqlEntityManager {
    this.#em ??= this.#entityManager();
    return this.#em;
  }

  get reads(): Reads {
    return this;
  }

  get undone(): Error | null {
    return this.#undone;
  }

  get writes(): number {
    return this.#writes;
  }

  /** Holders take it apart from its object. */
  readonly change = ({ sql, params }: Change): Promise<Changed> => {
    const values: Value[] = [];
    const text = bind(this.#options.orm.em.getPlatform(), sql, params, values);
    return new Promise((resolve, reject) => {
      this.#query(text, values, (error, result) => (error === null ? resolve(result) : reject(error)));
    });
  };

  rows<R extends object>(statement: ReadStatement): Promise<R[]> {
    return this.#read(statement, false);
  }

  arrays(statement: ReadStatement): Promise<unknown[][]> {
    return this.#read(statement, true);
  }

  finished(): Promise<void> | undefined {
    this.#over = true;
    if (!this.#isRunning) return undefined;
    return new Promise<void>((resolve) => {
      this.#idled = resolve;
    });
  }

  #read<R>({ sql, params, allowance }: ReadStatement, rowsAsArray: boolean): Promise<R[]> {
    return new Promise<R[]>((resolve, reject) => {
      this.#inTurn(
        (answer) => this.#session.execute({ sql, values: params, rowsAsArray, allowance }, answer),
        (error, rows) => (error === null ? resolve(rows) : reject(error)),
      );
    });
  }

  #query(sql: string, values: readonly Value[], answer: Answer): void {
    const { errorOf } = this.#options;
    if (statementKind(sql) === 'write') this.#writes += 1;
    this.#inTurn(
      (settle) => this.#session.query(sql, values, settle),
      errorOf === undefined
        ? answer
        : (error, result) => answer(error === null ? null : errorOf(error, sql), result),
    );
  }

  /** Runs a statement when those before it are done: at once where there are none. */
  #inTurn(send: (answer: Answer) => void, answer: Answer): void {
    const { undoing } = this.#options;
    const start = () => {
      if (this.#undone !== null || this.#over) settle(this.#undone ?? new Error('The transaction is over.'));
      else send(settle);
    };
    const settle: Answer = (error, result) => {
      if (error !== null && undoing?.has((error as { readonly errno?: unknown }).errno))
        this.#undone ??= error;
      const next = this.#waiting.shift();
      this.#isRunning = next !== undefined;
      answer(error, result);
      next?.();
      if (!this.#isRunning) this.#idled?.();
    };
    if (this.#isRunning) this.#waiting.push(start);
    else {
      this.#isRunning = true;
      start();
    }
  }

  #entityManager(): SqlEntityManager {
    // Kysely asks no more of a connection and a pool than these.
    const connection = {
      threadId: this.#session.threadId,
      query: (sql: string, values: readonly Value[], answer: Answer) => this.#query(sql, values, answer),
      release() {},
      destroy: () => this.#session.destroy(),
    };
    const pool = {
      getConnection: (lease: (error: null, connection: never) => void) => lease(null, connection as never),
      end: (ended: (error: undefined) => void) => ended(undefined),
    };
    const forked = this.#options.orm.em.fork();
    // The entity manager sends its statements to what it takes for its transaction.
    forked.setTransactionContext(new Kysely({ dialect: new MysqlDialect({ pool: pool as never }) }) as never);
    return forked;
  }
}
