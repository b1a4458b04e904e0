import type { PoolConfig } from '../../config/groups/pool.ts';
import type { SessionSettings } from './session-settings.ts';

/** How long statements and transactions may take, in milliseconds; Infinity: without limit. */
export interface StatementTimeouts {
  readonly statementTimeoutMs: number;
  readonly transactionTimeoutMs: number;
}

/**
 * When a session's statement, and the transaction around it, must be over. It starts no timer: the pool looks now and then,
 * by `passed`. All times are on the clock of `performance.now()`.
 */
export class StatementDeadline {
  readonly #timeouts: StatementTimeouts;
  #statement = Number.POSITIVE_INFINITY;
  #transaction = Number.POSITIVE_INFINITY;

  constructor(timeouts: StatementTimeouts) {
    this.#timeouts = timeouts;
  }

  startStatement(now: number, timeoutMs = this.#timeouts.statementTimeoutMs): void {
    this.#statement = now + timeoutMs;
  }

  endStatement(): void {
    this.#statement = Number.POSITIVE_INFINITY;
  }

  startTransaction(now: number): void {
    this.#transaction = now + this.#timeouts.transactionTimeoutMs;
  }

  endTransaction(): void {
    this.#transaction = Number.POSITIVE_INFINITY;
  }

  /** Which of both has taken too long. */
  passed(now: number): 'transaction' | 'statement' | undefined {
    if (now >= this.#transaction) return 'transaction';
    return now >= this.#statement ? 'statement' : undefined;
  }
}

/** The server's own bounds: on waiting for others' locks, and for when this process is gone, on a SELECT and on an idle session. */
export function timeoutSettings({ statementTimeoutMs, maxLifetimeMs }: PoolConfig): SessionSettings {
  if (statementTimeoutMs === 0) return {};
  // Whole seconds below the deadline: the server then says itself that a statement waited in vain, and so changed nothing.
  const lockWait = Math.ceil(statementTimeoutMs / 1000) - 1;
  return {
    max_execution_time: statementTimeoutMs + 1000,
    wait_timeout: Math.ceil(maxLifetimeMs / 1000) + 60,
    ...(lockWait > 0 && { innodb_lock_wait_timeout: lockWait, lock_wait_timeout: lockWait }),
  };
}
