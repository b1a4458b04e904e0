import { TandemError } from '../../errors/tandem-error.ts';
import type { SourceName } from '../../source-name.ts';

/** The holder of a connection that waits for an answer, such as an HTTP response: a destroyed one waits no more. */
export interface Caller {
  readonly destroyed: boolean;
  /** By when all that it requests must be done, on the clock of `performance.now()`; absent: no such time. */
  readonly deadline?: number;
  /** Where it is: callers of one address share what an address may have. */
  readonly address?: string;
}

/** Whether the operation's own time is over, whatever each of its statements may take. */
export function isLate({ deadline }: Caller, now = performance.now()): boolean {
  return deadline !== undefined && now >= deadline;
}

/** The error of an operation that is late. */
export function tooLate(source?: SourceName): TandemError {
  const still = source === undefined ? '.' : `: ${source} was still asked.`;
  return new TandemError('TIMEOUT', {
    ...(source && { source }),
    message: `The operation did not finish in time${still}`,
  });
}
