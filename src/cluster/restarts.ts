/** How a worker ended that the supervisor had not stopped. */
export interface Ended {
  /** Whether it ever listened. */
  readonly listened: boolean;
  /** Milliseconds from its start to its end. */
  readonly livedMs: number;
}

/** The supervisor's record from one end to the next, of all workers together. */
export interface Restarts {
  /** Workers in a row that ended before they listened. */
  readonly failedStarts: number;
  /** Workers in a row that ended before they had lived for a while. */
  readonly shortLives: number;
}

export const noRestarts: Restarts = { failedStarts: 0, shortLives: 0 };

/** Workers in a row that may end before they listen: what fails that often is broken, and is not mended by waiting. */
const mostFailedStarts = 5;

/** Milliseconds after which a worker counts as having worked. */
const settledMs = 10_000;

const firstDelayMs = 100;
const longestDelayMs = 5000;

/**
 * Decides about a worker that ended. The supervisor replaces one that had worked at once; one that dies young, after a delay
 * that doubles, so that a deployment that crashes on its traffic does not spend itself on starting.
 */
export function afterEnd(
  before: Restarts,
  { listened, livedMs }: Ended,
): { readonly restarts: Restarts; readonly next: { readonly replaceAfterMs: number } | 'give up' } {
  if (listened && livedMs >= settledMs) return { restarts: noRestarts, next: { replaceAfterMs: 0 } };
  const restarts = {
    failedStarts: listened ? 0 : before.failedStarts + 1,
    shortLives: before.shortLives + 1,
  };
  if (restarts.failedStarts >= mostFailedStarts) return { restarts, next: 'give up' };
  const replaceAfterMs = Math.min(firstDelayMs * 2 ** (restarts.shortLives - 1), longestDelayMs);
  return { restarts, next: { replaceAfterMs } };
}
