/**
 * Whether connecting is worth a try. CLOSED: it is. OPEN: it failed several times in a row, and callers are refused
 * at once instead of waiting for it to fail again. HALF_OPEN: a probe is under way; callers are still refused.
 */
export type BreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

export interface Breaker {
  readonly state: BreakerState;
  /** Attempts that failed since the last success. */
  readonly failures: number;
}

/** Failures in a row that open it: one may be chance, and each can take as long as the connect time-out. */
const threshold = 3;

export const closedBreaker: Breaker = { state: 'CLOSED', failures: 0 };

/** After an attempt to connect, or a probe, that failed. The answers to statements do not concern the breaker. */
export function afterFailure({ state, failures }: Breaker): Breaker {
  const now = failures + 1;
  return { state: state === 'CLOSED' && now < threshold ? 'CLOSED' : 'OPEN', failures: now };
}

/** While a probe is under way. A breaker that is closed needs none. */
export function whileProbing(breaker: Breaker): Breaker {
  return breaker.state === 'OPEN' ? { ...breaker, state: 'HALF_OPEN' } : breaker;
}
