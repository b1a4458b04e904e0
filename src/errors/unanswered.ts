import type { ErrorCode } from './codes.ts';
import { TandemError } from './tandem-error.ts';

const codes: ReadonlySet<ErrorCode> = new Set(['SOURCE_UNAVAILABLE', 'TIMEOUT', 'POOL_TIMEOUT']);

/** Whether a source has given no answer, so that another one can be asked. Any other error is of the request, or of the tables. */
export function isUnanswered(error: unknown): error is TandemError {
  return error instanceof TandemError && codes.has(error.code);
}
