import { setTimeout as delay } from 'node:timers/promises';
import { exitCodes } from '../errors/exit-codes.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Resolves with the first SIGINT or SIGTERM from now on. Call it before anything is started: the first process of a
 * container, which has no handler, does not get the signal at all.
 */
export function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of signals) process.on(signal, resolve);
  });
}

/**
 * Runs work that the first SIGINT or SIGTERM ends by the signal that it gets; a second one ends the process.
 *
 * @param reason what the work's signal is aborted with
 */
export async function untilSignal<T>(
  work: (signal: AbortSignal) => Promise<T>,
  reason: () => Error,
): Promise<T> {
  const stop = new AbortController();
  const end = () => stop.abort(reason());
  for (const signal of signals) process.once(signal, end);
  try {
    return await work(stop.signal);
  } finally {
    for (const signal of signals) process.off(signal, end);
  }
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
  setTimeout(end, timeoutMs, `after ${timeoutMs} ms`, exitCodes.serve.OUT_OF_TIME).unref();
  void (async () => {
    // Ctrl-C reaches us twice under npm, from the terminal and from npm: that is one wish, not two.
    await delay(500, undefined, { ref: false });
    for (const signal of signals) {
      process.on(signal, () => end(`${signal} came again`, exitCodes.serve[signal]));
    }
  })();
  return await stop();
}
