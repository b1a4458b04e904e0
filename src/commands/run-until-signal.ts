import { setTimeout as delay } from 'node:timers/promises';
import { say } from './terminal.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Waits for SIGINT or SIGTERM, then stops. The time limit, and a signal that follows later, end the process at
 * once: a stop that hangs must not keep it.
 */
export async function runUntilSignal(stop: () => Promise<void>, timeoutMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of signals) process.on(signal, () => resolve());
  });
  const stopped = stop();
  void giveUpLater(timeoutMs);
  await stopped;
}

async function giveUpLater(timeoutMs: number): Promise<void> {
  const giveUp = (why: string) => {
    say(`Not everything was closed (${why}).`);
    process.exit(1);
  };
  setTimeout(giveUp, timeoutMs, `after ${timeoutMs} ms`).unref();
  // Ctrl-C reaches us twice under npm, from the terminal and from npm: that is one wish, not two.
  await delay(500, undefined, { ref: false });
  for (const signal of signals) process.on(signal, () => giveUp('interrupted again'));
}
