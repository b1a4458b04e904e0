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
