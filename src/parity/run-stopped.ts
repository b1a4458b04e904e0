import { type Explanation, explanationLine } from '../errors/explanation.ts';

const explanations = {
  CANCELLED: {
    cause: 'The run was cancelled.',
    remedy: '`tandem parity --resume` goes on with it.',
  },
  ABORTED: {
    cause: 'The run was ended before it had compared all.',
    remedy: '`tandem parity --resume` goes on with it.',
  },
} as const satisfies Record<string, Explanation>;

/** A run that ends before it has compared all. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';

  constructor(readonly state: keyof typeof explanations) {
    super(explanationLine(explanations[state]));
  }
}

/** Work that still runs ends with its next statement, or with the connections. */
export async function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop);
  work.catch(() => {});
  try {
    signal.throwIfAborted();
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Does something every so many milliseconds, once it has ended what it began before. */
export function every(ms: number, work: () => Promise<void>): Disposable {
  let isBusy = false;
  const timer = setInterval(async () => {
    if (isBusy) return;
    isBusy = true;
    await work();
    isBusy = false;
  }, ms);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
