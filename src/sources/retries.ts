import { setTimeout as delay } from 'node:timers/promises';
import type { PoolConfig } from '../config/groups/pool.ts';
import { TandemError } from '../errors/tandem-error.ts';

/** How often work is tried that the server undoes because of a deadlock, or whose connection breaks. */
export const mostAttempts = 3;

/**
 * Runs a write, and runs it again where the server has undone it because of a deadlock, or its connection broke before COMMIT.
 *
 * @param coded an error of the database as one of ours
 * @throws the coded error of the last attempt
 */
export async function withRetries<T>(
  limits: Pick<PoolConfig, 'statementTimeoutMs'>,
  coded: (error: unknown) => unknown,
  run: (attempt: number) => Promise<T>,
): Promise<T> {
  const mayRepeat = retryPolicy(limits, mostAttempts);
  for (let attempt = 1; ; attempt++) {
    try {
      return await run(attempt);
    } catch (thrown) {
      const error = coded(thrown);
      if (!(isDeadlock(error) ? attempt < mostAttempts : mayRepeat(error, attempt))) throw error;
      // Two that met may meet again if they wait equally long.
      await delay(10 * Math.min(attempt, mostAttempts) * (1 + Math.random()));
    }
  }
}

/** Says of what failed whether it may be run again: only what was lost, so often, and not past a statement's time. */
export function retryPolicy(
  { statementTimeoutMs }: Pick<PoolConfig, 'statementTimeoutMs'>,
  most: number,
): (error: unknown, attempt: number) => boolean {
  const giveUpAt = performance.now() + (statementTimeoutMs || Number.POSITIVE_INFINITY);
  return (error, attempt) => isLost(error) && attempt < most && performance.now() < giveUpAt;
}

/** The connection broke, and not at COMMIT: nothing was changed. */
function isLost(error: unknown): boolean {
  if (!(error instanceof TandemError) || error.code !== 'SOURCE_UNAVAILABLE') return false;
  return error.reason === 'CONNECTION_LOST' || error.reason === 'SESSION_ENDED';
}

function isDeadlock(error: unknown): boolean {
  return error instanceof TandemError && error.reason === 'DEADLOCK';
}
