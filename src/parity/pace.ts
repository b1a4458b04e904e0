import { setTimeout as delay } from 'node:timers/promises';

/** How fast a run goes. */
export interface Pace {
  /** Waits after statements that took so many milliseconds, so that they have the part of the time that is theirs. */
  rest(ms: number): Promise<void>;
  /** Waits until a change of one side should have reached the other. */
  settle(): Promise<void>;
}

/**
 * @param percent part of the time, 1 to 100, in which statements run
 * @param settleMs how long a row must stand still before a difference counts
 */
export function paceOf({ percent, settleMs }: { readonly percent: number; readonly settleMs: number }): Pace {
  return {
    async rest(ms) {
      if (percent < 100) await delay((ms * (100 - percent)) / percent);
    },
    // Writes that come at even intervals are not met at the same point of each.
    settle: () => delay(settleMs * (1 + 0.3 * Math.random())),
  };
}
