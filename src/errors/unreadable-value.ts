import type { SourceName } from '../source-name.ts';
import { TandemError } from './tandem-error.ts';

/**
 * A row has what its field cannot have. One answer can hold a thousand of these, so they have no stack: to write it took
 * most of the time that each of them cost.
 */
export function unreadableValue(message: string, source?: SourceName): TandemError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new TandemError('UNREADABLE_VALUE', { message, ...(source && { source }) });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
