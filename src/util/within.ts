import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for work, but not for longer than some milliseconds. The process lives for as long: where nothing else keeps it, such as a
 * socket, it would end in the middle, with exit code 13 (https://nodejs.org/api/process.html#exit-codes).
 */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const late = delay(ms, undefined, { signal: done.signal }).catch(() => {});
  try {
    await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
