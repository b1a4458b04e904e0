/** Milliseconds between two attempts: the first two, and at most. */
const pauses = { first: 5000, most: 60_000 } as const;

/**
 * Runs work until it does not throw, at growing intervals. It keeps no process alive.
 *
 * @param failed gets what each attempt throws
 * @returns what ends it
 */
export function untilDone(
  work: () => Promise<unknown>,
  failed: (error: unknown) => void,
  { first = pauses.first, most = pauses.most }: { readonly first?: number; readonly most?: number } = {},
): () => void {
  let isEnded = false;
  let timer: NodeJS.Timeout | undefined;
  const attempt = async (pause: number): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (isEnded) return;
      failed(error);
      timer = setTimeout(attempt, pause, Math.min(2 * pause, most)).unref();
    }
  };
  void attempt(first);
  return () => {
    isEnded = true;
    clearTimeout(timer);
  };
}
