import type { SourceName } from '../source-name.ts';
import type { ErrorCode } from './codes.ts';
import { type Explanation, explain } from './explanation.ts';
import { connectingReasons } from './reasons-by-number/connecting.ts';
import type { DescribedReason } from './reasons-by-number/described-reason.ts';
import { loginReasons } from './reasons-by-number/logging-in.ts';
import { runningReasons } from './reasons-by-number/running.ts';

/**
 * Why a source failed: what logs, `tandem preflight` and every other command tell an operator, while a client hears
 * the `code` alone. Hosts and accounts are the operator's business.
 *
 * Numbers: https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html.
 * Codes: https://nodejs.org/api/errors.html#common-system-errors,
 * https://nodejs.org/api/tls.html#x509-certificate-error-codes and mysql2's client_handshake.js.
 */
export const reasons = { ...connectingReasons, ...loginReasons, ...runningReasons } as const;

export type Reason = keyof typeof reasons;

const table: Readonly<Record<Reason, DescribedReason>> = reasons;

/** The code that a client gets for this reason. */
export function codeOf(reason: Reason): ErrorCode {
  return table[reason].code;
}

/** MySQL's numbers, and Node's and the driver's codes, that say so. */
export function signsOf(reason: Reason): readonly (number | string)[] {
  return table[reason].signs;
}

/** A reason in words: what is wrong and what to do, for one cloud. */
export function explainReason(reason: Reason, source: SourceName): Explanation {
  const { cause, remedy, [source]: here } = table[reason];
  return explain({ cause, remedy: here === undefined ? remedy : `${remedy} ${here}` }, source);
}
