import type { PoolConfig } from '../config/groups/pool.ts';
import { TandemError } from '../errors/tandem-error.ts';

/** How often work is tried that the server undoes because of a deadlock, or whose connection breaks. */
export const mostAttempts = 3;

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

export function isDeadlock(error: unknown): boolean {
  return error instanceof TandemError && error.reason === 'DEADLOCK';
}
