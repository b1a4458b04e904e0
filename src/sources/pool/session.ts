import { reasonOf } from '../../errors/reason-of.ts';
import { TandemError } from '../../errors/tandem-error.ts';
import type { SourceName } from '../../source-name.ts';
import type { Value } from '../../sql/literal.ts';
import type { SourceObserver, Statement } from '../observer.ts';
import { type Caller, isLate, tooLate } from './caller.ts';
import { closedByUs, isEnd, isFatal } from './connection-errors.ts';
import type { OpenConnection } from './open-connection.ts';
import type { PreparedStatement } from './prepared-statement.ts';
import { PreparedStatements } from './prepared-statements.ts';
import { statementKind } from './statement-kind.ts';
import { StatementDeadline, type StatementTimeouts } from './statement-timeout.ts';

// biome-ignore lint/suspicious/noExplicitAny: rows, or what MySQL says of a change: mysql2's own type is no narrower
export type Answer = (error: Error | null, result?: any) => void;

/** Bytes that several statements together may still receive; each subtracts what it has received. */
export interface Allowance {
  bytes: number;
  /** The error where it is not enough. */
  exceeded(): Error;
}

/** The statement that a session runs for a read. */
export interface PreparedRead extends PreparedStatement {
  readonly allowance?: Allowance | undefined;
}

/** The part of a pool that its sessions use. */
export interface Owner extends StatementTimeouts {
  readonly source: SourceName;
  readonly observer: SourceObserver | undefined;
  /** The server takes no changes, as one that was the primary before a failover. */
  readOnly(): void;
  /** Its holder has returned it. */
  release(session: Session): void;
  /** It is of no use any more. `gone`: the server has no session of it either. */
  lost(session: Session, error: Error, gone: boolean): void;
}

/**
 * One connection, with a deadline on what it does. Kysely sees `threadId`, `query`, `release` and `destroy`, as of a
 * connection of mysql2. Each statement is answered once, whatever happens, by its deadline at the latest.
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
  /** The caller that waits for the result of the holder. */
  caller: Caller | undefined;
  /** The observer's value for the holder's request. */
  captured: unknown;
  readonly #link: OpenConnection;
  readonly #owner: Owner;
  readonly #statements: PreparedStatements;
  #failure: Error | null = null;
  #answer: Answer | undefined;
  #allowance: Allowance | undefined;
  #kind: Statement['kind'] = 'read';
  #sql = '';
  #sentAt = 0;
  readonly #deadline: StatementDeadline;
  #inTransaction = false;

  constructor(link: OpenConnection, owner: Owner, { now, lifetimeMs }: { now: number; lifetimeMs: number }) {
    this.#link = link;
    this.#owner = owner;
    this.#deadline = new StatementDeadline(owner);
    this.#statements = new PreparedStatements(link.connection);
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
  execute(statement: PreparedRead, answer: Answer): void {
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
    if (!this.#begin(statementKind(sql), sql, answer)) return;
    if (begins.has(sql)) {
      this.#inTransaction = true;
      this.#deadline.startTransaction(this.#sentAt);
    }
    if (values.length === 0) this.#statements.query(sql, this.#onAnswer);
    else this.#statements.run({ sql, values, rowsAsArray: false }, this.#sentAt, this.#onAnswer);
  }

  /** Runs a statement of the pool's own. */
  ask(sql: string, answer: Answer): void {
    if (this.#begin('control', sql, answer)) this.#statements.query(sql, this.#onAnswer);
  }

  /** Asks whether the server is there. */
  ping(timeoutMs: number, answer: Answer): void {
    if (!this.#begin('control', 'ping', answer)) return;
    this.#deadline.startStatement(this.#sentAt, timeoutMs);
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
    const passed = this.#deadline.passed(now);
    if (passed !== undefined) this.#timeOut(passed);
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
    this.#answer = answer;
    this.#kind = kind;
    this.#sql = sql;
    this.#sentAt = performance.now();
    this.#deadline.startStatement(this.#sentAt);
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
    this.#deadline.endStatement();
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
    this.#deadline.endTransaction();
  }

  #timeOut(deadline: 'statement' | 'transaction'): void {
    const { observer, source } = this.#owner;
    observer?.timedOut?.(source, deadline);
    this.#fail(new TandemError('TIMEOUT', { source, reason: 'QUERY_KILLED' }), false);
  }

  /** Ends the session: the pool learns the reason, then the caller. */
  #fail(error: Error, gone: boolean): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#deadline.endStatement();
    this.#deadline.endTransaction();
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
