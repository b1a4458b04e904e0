import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Exit codes of what was told to stop (docs/deployment.md). */
export const exitCodes = {
  /** Everything was answered and closed. */
  stopped: 0,
  /** The time limit passed first: timeout(1) has the same code. */
  outOfTime: 124,
  /** A second signal came: shells have the same codes. */
  interruptedBy: (signal: NodeJS.Signals): number => 128 + constants.signals[signal],
} as const;

/**
 * Resolves with the first SIGINT or SIGTERM from now on. Call it before anything is started: the first process of a
 * container, which has no handler, does not get the signal at all.
 */
export function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of signals) process.on(signal, resolve);
  });
}

export interface StopLimits {
  readonly timeoutMs: number;
  /** Says what is still open when the process ends regardless. */
  readonly giveUp: (why: string) => void;
}

/** Waits for SIGINT or SIGTERM, then stops. */
export async function runUntilSignal(stop: () => Promise<void>, limits: StopLimits): Promise<void> {
  await firstSignal();
  await stopWithin(stop, limits);
}

/**
 * Stops. The time limit, and a signal that follows later, end the process at once: a stop that hangs must not
 * keep it.
 */
export async function stopWithin<T>(stop: () => Promise<T>, { timeoutMs, giveUp }: StopLimits): Promise<T> {
  const end = (why: string, code: number) => {
    giveUp(why);
    process.exit(code);
  };
  setTimeout(end, timeoutMs, `after ${timeoutMs} ms`, exitCodes.outOfTime).unref();
  void (async () => {
    // Ctrl-C reaches us twice under npm, from the terminal and from npm: that is one wish, not two.
    await delay(500, undefined, { ref: false });
    for (const signal of signals) {
      process.on(signal, () => end(`${signal} came again`, exitCodes.interruptedBy(signal)));
    }
  })();
  return await stop();
}
