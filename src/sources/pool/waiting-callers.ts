import { TandemError } from '../../errors/tandem-error.ts';
import type { SourceName } from '../../source-name.ts';
import { Queue } from '../../util/queue.ts';
import type { SourceObserver } from '../observer.ts';
import { type Caller, isLate, tooLate } from './caller.ts';
import type { Session } from './session.ts';

/** Called once: with a session, which its holder releases, or with a TandemError or an error of the driver. */
export type Lease = (error: Error | null, session?: Session) => void;

/** A caller that asked for a connection. */
export interface Waiter {
  readonly lease: Lease;
  /** When it began to wait, on the clock of `performance.now()`. */
  readonly since: number;
  readonly caller: Caller | undefined;
  /** What the observer makes of the request. */
  readonly captured: unknown;
}

/** The callers that wait for a connection, in the order in which they came. */
export interface WaitingCallers {
  readonly size: number;
  add(waiter: Waiter): void;
  /** The one that has waited longest, which waits no more; undefined where none waits. */
  next(): Waiter | undefined;
  /** Answers those that `whom` names, all by default, with an error. */
  refuse(why: () => Error, whom?: (waiter: Waiter) => boolean): void;
  /** Answers those that are gone, late, or have waited for too long. */
  sweep(now: number): void;
}

interface Options {
  readonly source: SourceName;
  readonly acquireTimeoutMs: number;
  readonly observer: SourceObserver | undefined;
  /** Why a caller has waited in vain. */
  readonly notInTime: () => TandemError;
}

export function createWaitingCallers({
  source,
  acquireTimeoutMs,
  observer,
  notInTime,
}: Options): WaitingCallers {
  const waiting = new Queue<Waiter>();

  function whyNoMore({ caller, since }: Waiter, now: number): TandemError | undefined {
    if (caller?.destroyed === true) return new TandemError('CLIENT_CLOSED_REQUEST', { source });
    if (caller !== undefined && isLate(caller, now)) {
      observer?.timedOut?.(source, 'operation');
      return tooLate(source);
    }
    if (now - since < acquireTimeoutMs) return undefined;
    observer?.timedOut?.(source, 'acquire');
    return notInTime();
  }

  return {
    get size() {
      return waiting.size;
    },
    add: (waiter) => void waiting.add(waiter),
    next: () => waiting.shift(),
    refuse(why, whom = () => true) {
      const refused = waiting.places().filter(({ item }) => whom(item));
      for (const place of refused) waiting.leave(place);
      for (const { item } of refused) item.lease(why());
    },
    sweep(now) {
      for (const place of waiting.places()) {
        const error = waiting.has(place) ? whyNoMore(place.item, now) : undefined;
        if (error === undefined) continue;
        waiting.leave(place);
        place.item.lease(error);
      }
    },
  };
}
