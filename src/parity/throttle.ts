import { setTimeout as delay } from 'node:timers/promises';

/** The pace of a run whose caller states no other. */
export const defaultPace = { throttle: 10, settleMs: 1000 } as const;

/** How fast a run goes. */
export interface Pace {
  /** Whether statements have but a part of the time. */
  readonly isThrottled: boolean;
  /** Waits after statements that took so many milliseconds, so that they have the part of the time that is theirs. */
  rest(ms: number): Promise<void>;
  /** Waits until a change of one side should have reached the other. */
  settle(): Promise<void>;
}

/**
 * @param percent part of the time, 1 to 100, in which statements run
 * @param settleMs how long a row must stand still before a difference counts
 * @param signal ends the waiting, and with it the work that waits
 */
export function paceOf({
  percent,
  settleMs,
  signal,
}: {
  readonly percent: number;
  readonly settleMs: number;
  readonly signal?: AbortSignal;
}): Pace {
  const wait = async (ms: number) => {
    signal?.throwIfAborted();
    if (ms > 0) await delay(ms, undefined, signal && { signal });
  };
  return {
    isThrottled: percent < 100,
    rest: (ms) => wait((ms * (100 - percent)) / percent),
    // Writes that come at even intervals are not met at the same point of each.
    settle: () => wait(settleMs * (1 + 0.3 * Math.random())),
  };
}
