import type { ErrorCode } from '../codes.ts';
import type { Explanation } from '../explanation.ts';

/** Why a source failed, for its operator. */
export interface DescribedReason extends Explanation {
  /** The code that a client gets instead. */
  readonly code: ErrorCode;
  /** The difference in one of the clouds; follows the remedy. */
  readonly AZURE?: string;
  readonly GCP?: string;
  /** MySQL's error numbers, and the codes of Node, OpenSSL and mysql2, that say so. */
  readonly signs: readonly (number | string)[];
}
