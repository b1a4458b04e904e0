import { setTimeout as delay } from 'node:timers/promises';

/** Seconds that one attempt waits for a lock: meanwhile all who come later, readers too, wait behind it. */
export const attemptSeconds = 5;

/** Seconds that a runner waits for locks in all, without --lock-timeout. */
export const lockSeconds = 60;

// ER_LOCK_WAIT_TIMEOUT; ER_LOCK_DEADLOCK
export const isBlocked = (error: unknown) => [1205, 1213].includes((error as { errno?: number }).errno ?? 0);

/**
 * Runs a statement that leaves nothing behind where it does not get its lock, again and again: between two attempts
 * those who queued behind it have their turn.
 *
 * @param seconds for all attempts
 * @throws what the last attempt did
 */
export async function retryWhileBlocked(
  run: () => Promise<void>,
  { seconds, onBlocked }: { readonly seconds: number; readonly onBlocked: () => Promise<void> },
): Promise<void> {
  const until = performance.now() + seconds * 1000;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await run();
      return;
    } catch (error) {
      const pause = Math.min(attempt, attemptSeconds) * 1000;
      if (!isBlocked(error) || performance.now() + pause >= until) throw error;
      await onBlocked();
      await delay(pause);
    }
  }
}
