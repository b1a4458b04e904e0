import { say } from './terminal.ts';

/**
 * Waits for SIGINT or SIGTERM, then stops. The time limit, and a second signal, end the process at once: a
 * stop that hangs must not keep it.
 */
export async function runUntilSignal(stop: () => Promise<void>, timeoutMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  const giveUp = (why: string) => {
    say(`Not everything was closed (${why}).`);
    process.exit(1);
  };
  process.once('SIGINT', () => giveUp('interrupted again'));
  process.once('SIGTERM', () => giveUp('terminated again'));
  setTimeout(giveUp, timeoutMs, `after ${timeoutMs} ms`).unref();
  await stop();
}
