import { TandemError } from '../../errors/tandem-error.ts';
import type { SourceName } from '../../source-name.ts';
import type { SourceObserver } from '../observer.ts';
import { afterFailure, type Breaker, type BreakerState, closedBreaker, whileProbing } from './breaker.ts';

/** Milliseconds before connecting is tried again while others hold connections that work. */
const reconnectMs = 100;

/** The pool's knowledge of whether its server can be reached, by the attempts to connect. Times are those of `performance.now()`. */
export interface Reachability {
  readonly state: BreakerState;
  /** Before that, another attempt is of no use. */
  readonly connectNotBefore: number;
  /** The pool checks a connection without an answer since then before it lends it. */
  readonly suspectSince: number;
  /** The error of callers that are refused. */
  unavailable(): TandemError;
  /** A connection broke, so that others may have broken too. */
  suspect(): void;
  /** Too many sessions: the server is there, and another process is about to give one back. */
  postpone(): void;
  /** A connection came about. */
  succeeded(): void;
  /** An attempt that began then failed. `mayRetry`: there is nothing else to wait for. */
  failed(error: Error, startedAt: number, mayRetry: () => boolean): void;
  /** A probe begins, finds the server, or does not. */
  probing(): void;
  up(): void;
  down(error: Error): void;
}

interface Options {
  readonly source: SourceName;
  readonly observer: SourceObserver | undefined;
  /** The breaker has opened: connecting failed several times in a row. */
  readonly opened: () => void;
}

export function createReachability({ source, observer, opened }: Options): Reachability {
  let breaker: Breaker = closedBreaker;
  let lastFailure: Error | undefined;
  let suspectSince = Number.NEGATIVE_INFINITY;
  let connectNotBefore = 0;
  /** When connecting last failed, as far as the breaker is concerned. */
  let failedAt = Number.NEGATIVE_INFINITY;

  function set(next: Breaker): void {
    const changed = next.state !== breaker.state;
    breaker = next;
    if (!changed) return;
    observer?.breaker?.(source, next.state);
    if (next.state === 'OPEN') opened();
  }

  function postpone(): void {
    connectNotBefore = performance.now() + reconnectMs;
  }

  return {
    get state() {
      return breaker.state;
    },
    get connectNotBefore() {
      return connectNotBefore;
    },
    get suspectSince() {
      return suspectSince;
    },
    unavailable: () =>
      new TandemError('SOURCE_UNAVAILABLE', { source, ...(lastFailure && { cause: lastFailure }) }),
    suspect() {
      suspectSince = performance.now();
    },
    postpone,
    succeeded() {
      if (breaker.state === 'CLOSED') breaker = closedBreaker;
    },
    failed(error, startedAt, mayRetry) {
      const late = (error as { code?: unknown }).code === 'ETIMEDOUT';
      lastFailure = error;
      suspectSince = performance.now();
      postpone();
      if (late) observer?.timedOut?.(source, 'connect');
      // Attempts that one reset ends together are one failure; each that had all its time is one of its own.
      if (late || startedAt >= failedAt) {
        failedAt = suspectSince;
        set(afterFailure(breaker));
      }
      if (mayRetry()) connectNotBefore = 0;
    },
    probing: () => set(whileProbing(breaker)),
    up: () => set(closedBreaker),
    down(error) {
      lastFailure = error;
      set(afterFailure(breaker));
    },
  };
}
