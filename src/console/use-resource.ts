import { effect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type ApiAnswer, type ApiError, isAway } from './api/request.ts';
import { token } from './session.ts';
import { askViewer } from './viewer.ts';

/** The data of a request: it stays while it is asked for again, so that nothing flickers. */
export interface Resource<T> {
  readonly data: T | null;
  readonly errors: readonly ApiError[];
  readonly isLoading: boolean;
  /** When the last answer with data came; null before the first. */
  readonly at: number | null;
  reload(): void;
}

interface Options {
  /** Milliseconds from an answer to the next question; absent: it is asked for once. */
  readonly every?: number | (() => number) | undefined;
  readonly enabled?: boolean;
  /** Whether the answer to another question stays until there is one to this. */
  readonly keeps?: boolean;
  /** Whether a view that is opened again shows the last answer until the next one: nothing flickers then. */
  readonly remembers?: boolean;
}

/** The last answers without errors, by what was asked. */
const remembered = new Map<string, { readonly data: unknown; readonly at: number }>();

// They are of one caller.
effect(() => {
  void token.value;
  remembered.clear();
});

/** Milliseconds until a server that does not answer is asked again. */
const againMs = 3000;

interface State<T> {
  readonly key: string;
  readonly answer: ApiAnswer<T> | null;
  readonly at: number | null;
}

/**
 * Asks, and asks again. A page that is hidden asks for nothing; one that is shown again asks for what was due meanwhile.
 *
 * @param key what is asked for: another one is another resource
 */
export function useResource<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<ApiAnswer<T>>,
  { every, enabled = true, keeps = false, remembers = false }: Options = {},
): Resource<T> {
  const [state, setState] = useState<State<T>>(() => {
    const known = remembers ? remembered.get(key) : undefined;
    return known === undefined
      ? { key, answer: null, at: null }
      : { key, answer: { data: known.data as T, errors: [] }, at: known.at };
  });
  const [round, setRound] = useState(0);
  const latest = useRef({ load, every });
  latest.current = { load, every };

  useEffect(() => {
    if (!enabled) return;
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isDue = false;
    const ask = async () => {
      isDue = document.hidden;
      if (isDue) return;
      try {
        const answer = await latest.current.load(controller.signal);
        setState((before) => next(key, answer, before));
        const { data, errors } = answer;
        if (remembers && data !== null && errors.length === 0) remembered.set(key, { data, at: Date.now() });
        noteRefusal(answer);
        const { every: wanted } = latest.current;
        const ms = typeof wanted === 'function' ? wanted() : wanted;
        const wait = isAway(answer) ? Math.min(ms ?? againMs, againMs) : ms;
        if (wait !== undefined) timer = setTimeout(ask, wait);
      } catch {
        // It was aborted: the view is gone, or asks for something else.
      }
    };
    const shown = () => {
      if (!document.hidden && isDue) void ask();
    };
    void ask();
    document.addEventListener('visibilitychange', shown);
    return () => {
      controller.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', shown);
    };
  }, [key, enabled, round]);

  const isCurrent = state.key === key;
  return {
    data: isCurrent || keeps ? (state.answer?.data ?? null) : null,
    errors: isCurrent ? (state.answer?.errors ?? []) : [],
    isLoading: enabled && (!isCurrent || state.answer === null),
    at: isCurrent ? state.at : null,
    reload: () => setRound((before) => before + 1),
  };
}

let notedAt = Number.NEGATIVE_INFINITY;

/** Notes that the server refuses an operation which its schema does not have: it has another schema than this page has learned. */
function noteRefusal({ errors }: ApiAnswer<unknown>): void {
  const isOld = errors.some(({ code }) => code === 'GRAPHQL_VALIDATION_FAILED');
  if (!isOld || performance.now() - notedAt < againMs) return;
  notedAt = performance.now();
  void askViewer();
}

/** An answer without any data leaves what is there, and says why nothing newer came. */
function next<T>(key: string, answer: ApiAnswer<T>, before: State<T>): State<T> {
  if (answer.data !== null) return { key, answer, at: Date.now() };
  const isSame = before.key === key;
  const data = isSame ? (before.answer?.data ?? null) : null;
  return { key, answer: { data, errors: answer.errors }, at: isSame ? before.at : null };
}
