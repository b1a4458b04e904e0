/** A value from elsewhere that changes there. The last value serves on while no new one can be loaded. */
export interface Refreshed<T> {
  /**
   * The value that was loaded last; where it is old, the next one is loaded meanwhile. Waits for the first one, and where it is overdue.
   *
   * @throws what loading it threw, where none was ever loaded
   */
  get(): T | Promise<T>;
  /** Has the next one loaded where the value is old, and waits for nothing. */
  touch(): void;
  /**
   * Whether the value is twice as old as it should be, with no attempt that failed since: no request has come. A value that was withdrawn
   * meanwhile, such as a key, must not count once more.
   */
  isOverdue(): boolean;
  /** Loads it at once, unless that was done too often of late. @returns whether it has become another one */
  reload(): Promise<boolean>;
}

interface Options<T> {
  /** Milliseconds after which a value is old. */
  readonly everyMs: number;
  /** Milliseconds after a failure in which it is not tried again. */
  readonly retryMs?: number;
  /**
   * How often `reload` may load in a row, and after how many milliseconds once more: who sends unknown keys must not decide how often a
   * provider is asked, nor keep a new key from being seen for long.
   */
  readonly reloads?: { readonly inARow: number; readonly everyMs: number };
  readonly isSame: (one: T, other: T) => boolean;
  readonly changed?: (value: T) => void;
  readonly failed?: (error: unknown) => void;
  /** A clock that never goes back, in milliseconds. */
  readonly clock?: () => number;
}

export function refreshed<T>(
  load: () => Promise<T>,
  {
    everyMs,
    retryMs = 1000,
    reloads = { inARow: 4, everyMs: 10_000 },
    isSame,
    changed,
    failed,
    clock = () => performance.now(),
  }: Options<T>,
): Refreshed<T> {
  let known: { value: T; at: number } | undefined;
  let failure: { error: unknown; at: number } | undefined;
  let loading: Promise<boolean> | undefined;
  let left = reloads.inARow;
  let countedAt = clock();

  async function loadOnce(): Promise<boolean> {
    try {
      const value = await load();
      const other = known === undefined || !isSame(known.value, value);
      known = { value: other || known === undefined ? value : known.value, at: clock() };
      failure = undefined;
      if (other) changed?.(value);
      return other;
    } catch (error) {
      failure = { error, at: clock() };
      failed?.(error);
      throw error;
    } finally {
      loading = undefined;
    }
  }

  const hasJustFailed = () => failure !== undefined && clock() - failure.at < retryMs;

  /** One attempt for all who want it, and none just after one that failed. */
  function attempt(): Promise<boolean> {
    if (failure !== undefined && hasJustFailed()) return Promise.reject(failure.error);
    loading ??= loadOnce();
    return loading;
  }

  async function first(): Promise<T> {
    await attempt();
    return (known as { value: T }).value;
  }

  /** Takes one of the reloads that are left; time brings more. */
  function mayReload(): boolean {
    const more = Math.floor((clock() - countedAt) / reloads.everyMs);
    left = Math.min(reloads.inARow, left + more);
    countedAt += more * reloads.everyMs;
    if (left === 0) return false;
    left -= 1;
    return true;
  }

  function touch(): void {
    if (known === undefined || clock() - known.at > everyMs) attempt().catch(() => {});
  }

  function isOverdue(): boolean {
    return known !== undefined && failure === undefined && clock() - known.at > 2 * everyMs;
  }

  async function latest(before: T): Promise<T> {
    await attempt().catch(() => {});
    return known?.value ?? before;
  }

  return {
    touch,
    isOverdue,
    get() {
      if (known === undefined) return first();
      if (isOverdue()) return latest(known.value);
      touch();
      return known.value;
    },
    async reload() {
      if (loading === undefined && !hasJustFailed() && !mayReload()) return false;
      return attempt();
    },
  };
}
