import type { PoolConfig } from '../../config/groups/pool.ts';
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
  /** The observer's value for the request. */
  readonly captured: unknown;
}

/** The callers that wait for a connection, in the order in which they came. */
export interface WaitQueue {
  readonly size: number;
  /** @param served how many of them wait for no other caller: a connection is being opened or checked for each */
  isFull(served: number): boolean;
  /** The error of a caller that finds it full. */
  overloaded(): TandemError;
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
  readonly limits: Pick<PoolConfig, 'acquireTimeoutMs' | 'queueMax'>;
  readonly observer: SourceObserver | undefined;
  /** Why a caller has waited in vain. */
  readonly notInTime: () => TandemError;
}

export function createWaitQueue({
  source,
  limits: { acquireTimeoutMs, queueMax },
  observer,
  notInTime,
}: Options): WaitQueue {
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
    isFull: (served) => waiting.size >= queueMax + served,
    overloaded: () => new TandemError('OVERLOADED', { source }),
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
