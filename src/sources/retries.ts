import { setTimeout as delay } from 'node:timers/promises';
import type { PoolConfig } from '../config/groups/pool.ts';
import { TandemError } from '../errors/tandem-error.ts';

/** How often work is tried that the server undoes because of a deadlock, or whose connection breaks. */
export const mostAttempts = 3;

/**
 * Waits until a write may be run again, which the server has undone because of a deadlock, or whose connection broke before COMMIT.
 *
 * @param error one of ours
 * @throws the error where the write is not to be run again
 */
export async function waitToRepeat(error: unknown, attempt: number, mayRepeat: MayRepeat): Promise<void> {
  if (!(isDeadlock(error) ? attempt < mostAttempts : mayRepeat(error, attempt))) throw error;
  // Two that met may meet again if they wait equally long.
  await delay(10 * Math.min(attempt, mostAttempts) * (1 + Math.random()));
}

/** Says of what failed at an attempt whether it may be run again. */
type MayRepeat = (error: unknown, attempt: number) => boolean;

/** Only what was lost may be, so often, and not past a statement's time. */
export function retryPolicy(
  { statementTimeoutMs }: Pick<PoolConfig, 'statementTimeoutMs'>,
  most: number,
): MayRepeat {
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
