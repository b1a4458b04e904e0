import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiAnswer, ApiError } from './api/request.ts';

/** What was asked for: data stays while it is asked for again, so that nothing flickers. */
export interface Resource<T> {
  readonly data: T | null;
  readonly errors: readonly ApiError[];
  readonly isLoading: boolean;
  /** When the last answer came; null before the first. */
  readonly at: number | null;
  reload(): void;
}

interface Options {
  /** Milliseconds from an answer to the next question; absent: it is asked for once. */
  readonly every?: number | undefined;
  readonly enabled?: boolean;
}

/**
 * Asks, and asks again. A page that is hidden asks for nothing; one that is shown again asks at once.
 *
 * @param key what is asked for: another one is another resource
 */
export function useResource<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<ApiAnswer<T>>,
  { every, enabled = true }: Options = {},
): Resource<T> {
  const [state, setState] = useState<{ key: string; answer: ApiAnswer<T> | null; at: number | null }>({
    key,
    answer: null,
    at: null,
  });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;

  useEffect(() => {
    if (!enabled) return;
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      timer = undefined;
      if (document.hidden) return;
      try {
        const answer = await latest.current(controller.signal);
        setState((before) => ({
          key,
          answer: kept(answer, before.key === key ? before.answer : null),
          at: Date.now(),
        }));
        if (every !== undefined) timer = setTimeout(ask, every);
      } catch {
        // It was aborted: the view is gone, or asks for something else.
      }
    };
    const shown = () => {
      if (!document.hidden && timer === undefined && every !== undefined) void ask();
    };
    void ask();
    document.addEventListener('visibilitychange', shown);
    return () => {
      controller.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', shown);
    };
  }, [key, every, enabled, round]);

  const isCurrent = state.key === key;
  return {
    data: isCurrent ? (state.answer?.data ?? null) : null,
    errors: isCurrent ? (state.answer?.errors ?? []) : [],
    isLoading: enabled && (!isCurrent || state.at === null),
    at: isCurrent ? state.at : null,
    reload: () => setRound((before) => before + 1),
  };
}

/** An answer without any data leaves what is there, and says why nothing newer came. */
function kept<T>(answer: ApiAnswer<T>, before: ApiAnswer<T> | null): ApiAnswer<T> {
  return answer.data === null && before !== null ? { data: before.data, errors: answer.errors } : answer;
}
