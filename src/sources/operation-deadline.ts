import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';
import { type Caller, isLate, tooLate } from './pool/caller.ts';

/** Milliseconds between looks at whether the caller still waits. */
const lookMs = 100;

/**
 * Waits for what several callers share, such as what a source's catalogue says, for as long as this one may. The work goes on
 * for the others; statements have a deadline of their own.
 *
 * @param source whom the work asks
 * @throws TandemError TIMEOUT when the operation's time is over, CLIENT_CLOSED_REQUEST when the caller is gone
 */
export function inTime<T>(caller: Caller, work: Promise<T>, source?: SourceName): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      if (caller.destroyed) reject(new TandemError('CLIENT_CLOSED_REQUEST', source && { source }));
      else if (isLate(caller)) reject(tooLate(source));
      else return;
      clearInterval(timer);
    }, lookMs);
    work.then(resolve, reject).finally(() => clearInterval(timer));
  });
}
