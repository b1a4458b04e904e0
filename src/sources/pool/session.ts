import { reasonOf } from '../../errors/database-faults.ts';
import { TandemError } from '../../errors/tandem-error.ts';
import type { SourceName } from '../../source-name.ts';
import type { Value } from '../../sql/literal.ts';
import type { SourceObserver, Statement } from '../observer.ts';
import type { Link } from './connect.ts';
import { type PreparedStatement, Statements } from './statements.ts';

// biome-ignore lint/suspicious/noExplicitAny: rows, or what MySQL says of a change: mysql2's own type is no narrower
export type Answer = (error: Error | null, result?: any) => void;

/** Who waits for an answer, such as an HTTP response: one that is destroyed waits no more. */
export interface Caller {
  readonly destroyed: boolean;
  /** By when all that it asks must be done, on the clock of `performance.now()`; absent: no such time. */
  readonly deadline?: number;
  /** Where it is: those of one address share what an address may have. */
  readonly address?: string;
}

/** The operation's own time is over, whatever each of its statements may take. */
export function tooLate(source?: SourceName): TandemError {
  const still = source === undefined ? '.' : `: ${source} was still asked.`;
  return new TandemError('TIMEOUT', {
    ...(source && { source }),
    message: `The operation did not finish in time${still}`,
  });
}

/** What may still be received, of several statements together; each subtracts what it has received. */
export interface Allowance {
  bytes: number;
  /** What to say where it is not enough. */
  exceeded(): Error;
}

export function isLate({ deadline }: Caller, now = performance.now()): boolean {
  return deadline !== undefined && now >= deadline;
}

/** What a session runs for a read. */
interface Read extends PreparedStatement {
  readonly allowance?: Allowance | undefined;
}

/** What a session asks of its pool. */
export interface Owner {
  readonly source: SourceName;
  readonly observer: SourceObserver | undefined;
  /** Milliseconds; Infinity: no deadline. */
  readonly statementTimeoutMs: number;
  readonly transactionTimeoutMs: number;
  /** The server takes no changes, as one that was the primary before a failover. */
  readOnly(): void;
  /** The holder needs it no more. */
  release(session: Session): void;
  /** It can not be used any more. `gone`: the server has no session of it either. */
  lost(session: Session, error: Error, gone: boolean): void;
}

/**
 * One connection, with a deadline on what it does. Kysely sees `threadId`, `query`, `release` and `destroy`, as of a
 * connection of mysql2. Whatever happens, each statement is answered once, by its deadline at the latest.
 *
 * It runs one statement at a time, and never starts a timer: its pool calls `expire` now and then.
 */
export class Session {
  readonly threadId: number;
  /** On the clock of `performance.now()`, as all times here. */
  readonly bornAt: number;
  expiresAt: number;
  /** The server's server_uuid, where it is known. */
  readonly server: string | undefined;
  /** Whether the server has refused a change since it is read-only. */
  demoted = false;
  /** When it last answered. */
  answeredAt: number;
  /** Whether it has been idle or with another holder: it may have died meanwhile. */
  reused = false;
  /** Who waits for what the holder does. */
  caller: Caller | undefined;
  /** What the observer made of the holder's request. */
  captured: unknown;
  readonly #link: Link;
  readonly #owner: Owner;
  readonly #statements: Statements;
  #failure: Error | null = null;
  #answer: Answer | undefined;
  #allowance: Allowance | undefined;
  #kind: Statement['kind'] = 'read';
  #sql = '';
  #sentAt = 0;
  #deadline = Number.POSITIVE_INFINITY;
  #transactionDeadline = Number.POSITIVE_INFINITY;
  #inTransaction = false;

  constructor(link: Link, owner: Owner, { now, lifetimeMs }: { now: number; lifetimeMs: number }) {
    this.#link = link;
    this.#owner = owner;
    this.#statements = new Statements(link.connection);
    this.threadId = link.connection.threadId as number;
    this.server = link.server;
    this.bornAt = now;
    this.expiresAt = now + lifetimeMs;
    this.answeredAt = now;
    link.connection.on('error', (error) => this.#fail(error, isEnd(error)));
    // Before the driver, which keeps all rows of an answer until the last has come.
    link.received((bytes) => this.#receive(bytes));
  }

  /** Whether the server may have a transaction of it, or a statement: such a session is not for others. */
  get dirty(): boolean {
    return this.#inTransaction || this.#answer !== undefined;
  }

  get broken(): boolean {
    return this.#failure !== null;
  }

  /** Runs a prepared statement, which the server parses once a session. */
  execute(statement: Read, answer: Answer): void {
    if (!this.#begin('read', statement.sql, answer)) return;
    this.#allowance = statement.allowance;
    this.#statements.run(statement, this.#sentAt, this.#onAnswer);
  }

  /** Runs a statement, the way of the ORM: as text where it has no values, which are bound otherwise. */
  query(sql: string, values: readonly Value[], answer: Answer): void {
    if (sql === 'rollback' && this.#failure !== null) {
      // The server rolls back what its session ends with.
      answer(null, { affectedRows: 0, insertId: 0 });
      return;
    }
    if (!this.#begin(kindOf(sql), sql, answer)) return;
    if (begins.has(sql)) {
      this.#inTransaction = true;
      this.#transactionDeadline = this.#sentAt + this.#owner.transactionTimeoutMs;
    }
    if (values.length === 0) this.#statements.query(sql, this.#onAnswer);
    else this.#statements.run({ sql, values, rowsAsArray: false }, this.#sentAt, this.#onAnswer);
  }

  /** Asks whether the server is there. */
  ping(timeoutMs: number, answer: Answer): void {
    if (!this.#begin('control', 'ping', answer)) return;
    this.#deadline = this.#sentAt + timeoutMs;
    this.#link.connection.ping(this.#onAnswer);
  }

  release(): void {
    this.#owner.release(this);
  }

  destroy(): void {
    this.#fail(closedByUs(), false);
  }

  /** Ends a statement that is past its deadline, or whose caller is gone. */
  expire(now: number): void {
    if (now >= this.#transactionDeadline) this.#give('transaction');
    else if (now >= this.#deadline) this.#give('statement');
    else if (this.#answer === undefined || this.caller === undefined) return;
    else if (this.caller.destroyed) {
      this.#fail(new TandemError('CLIENT_CLOSED_REQUEST', { source: this.#owner.source }), false);
    } else if (isLate(this.caller, now)) {
      this.#owner.observer?.timedOut?.(this.#owner.source, 'operation');
      this.#fail(tooLate(this.#owner.source), false);
    }
  }

  /** Says good-bye to the server; `ended` when the connection is closed. */
  end(ended: () => void): void {
    const { connection, socket } = this.#link;
    this.#failure ??= closedByUs();
    socket.once('close', ended);
    connection.end(() => {});
  }

  /** Closes the socket, whatever the server thinks. */
  cut(): void {
    this.#failure ??= closedByUs();
    this.#link.cut();
  }

  #begin(kind: Statement['kind'], sql: string, answer: Answer): boolean {
    if (this.#failure !== null) {
      answer(this.#failure);
      return false;
    }
    if (this.#answer !== undefined) throw new Error('A session runs one statement at a time.');
    const { statementTimeoutMs } = this.#owner;
    this.#answer = answer;
    this.#kind = kind;
    this.#sql = sql;
    this.#sentAt = performance.now();
    this.#deadline = this.#sentAt + statementTimeoutMs;
    return true;
  }

  #receive(bytes: number): void {
    if (this.#allowance === undefined) return;
    this.#allowance.bytes -= bytes;
    if (this.#allowance.bytes < 0) this.#fail(this.#allowance.exceeded(), false);
  }

  readonly #onAnswer: Answer = (error, result) => {
    if (this.#answer === undefined) return;
    // Of a ping, mysql2 says nothing rather than null.
    if (error && isFatal(error)) this.#fail(error, isEnd(error));
    else this.#settle(error ?? null, result);
  };

  #settle(error: Error | null, result?: unknown): void {
    const answer = this.#answer as Answer;
    const now = performance.now();
    this.answeredAt = now;
    this.#answer = undefined;
    this.#allowance = undefined;
    this.#deadline = Number.POSITIVE_INFINITY;
    if (this.#inTransaction && this.#kind === 'control') this.#leaveTransaction(error);
    if (error !== null && reasonOf(error) === 'SERVER_READ_ONLY') {
      this.demoted = true;
      this.#owner.readOnly();
    }
    this.#owner.observer?.statement?.(
      this.#owner.source,
      { kind: this.#kind, ms: now - this.#sentAt, sql: this.#sql, ...(error !== null && { error }) },
      this.captured,
    );
    answer(error, result);
  }

  #leaveTransaction(error: Error | null): void {
    const over = error === null && (this.#sql === 'commit' || this.#sql === 'rollback');
    if (!over && !(begins.has(this.#sql) && error !== null)) return;
    this.#inTransaction = false;
    this.#transactionDeadline = Number.POSITIVE_INFINITY;
  }

  #give(deadline: 'statement' | 'transaction'): void {
    const { observer, source } = this.#owner;
    observer?.timedOut?.(source, deadline);
    this.#fail(new TandemError('TIMEOUT', { source, reason: 'QUERY_KILLED' }), false);
  }

  /** Over, for whatever reason: who waits is told, and then the pool. */
  #fail(error: Error, gone: boolean): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#transactionDeadline = Number.POSITIVE_INFINITY;
    this.#link.cut();
    this.#owner.lost(this, error, gone);
    if (this.#answer === undefined) return;
    const unknown = this.#inTransaction && this.#sql === 'commit';
    this.#settle(
      unknown ? new TandemError('OUTCOME_UNKNOWN', { source: this.#owner.source, cause: error }) : error,
    );
  }
}

const begins: ReadonlySet<string> = new Set(['begin', 'start transaction with consistent snapshot']);

/** mysql2's errors of what cannot go on. */
function isFatal(error: Error): boolean {
  return (error as { fatal?: boolean }).fatal === true;
}

/** The server closed the connection, so it has no session of it; a reset may come from somebody between. */
function isEnd(error: Error): boolean {
  return (error as { code?: unknown }).code === 'PROTOCOL_CONNECTION_LOST';
}

function closedByUs(): Error {
  return Object.assign(new Error('The connection was closed.'), { code: 'PROTOCOL_CONNECTION_LOST' });
}

const kinds: Readonly<Record<string, Statement['kind']>> = {
  select: 'read',
  show: 'read',
  with: 'read',
  insert: 'write',
  update: 'write',
  delete: 'write',
  replace: 'write',
};

function kindOf(sql: string): Statement['kind'] {
  return kinds[/^\s*\(?([a-z]+)/i.exec(sql)?.[1]?.toLowerCase() ?? ''] ?? 'control';
}
