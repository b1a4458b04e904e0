import type { Explanation } from '../explanation.ts';

/** An error as the catalogue has it. */
export interface CodedError extends Explanation {
  /**
   * The effect of the same request again: `later`, after a pause, it may succeed, and this time nothing was changed;
   * `never`, it fails again, until what the remedy says is done; `look` first, since the change may have been made.
   */
  readonly retry: 'later' | 'never' | 'look';
  /** HTTP's status where the whole request fails of it; where it is one field that fails, the answer is a 200. */
  readonly status?: number;
}
