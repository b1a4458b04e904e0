/** One end of the channel between the supervisor and a worker: `process` or a `cluster.Worker`. */
export interface Port {
  send?(message: object, callback: (error: Error | null) => void): unknown;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: each side's own interface types the questions and their arguments
type Answers<T> = { readonly [K in keyof T]: (argument: any) => unknown };

type ArgumentOf<F> = F extends (argument: infer A) => unknown ? A : undefined;
type AnswerOf<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never;

/** Questions to the other end, which answers them. */
export interface Line<Theirs extends Answers<Theirs>> {
  /** @throws Error when the other end is gone, fails, or does not answer in time */
  ask<K extends keyof Theirs>(
    what: K,
    argument: ArgumentOf<Theirs[K]>,
    options?: { readonly timeoutMs?: number },
  ): Promise<AnswerOf<Theirs[K]>>;
  /** The other end is gone: all open questions are rejected. */
  close(): void;
}

type Message =
  | { readonly tandem: 'ask'; readonly id: number; readonly what: string; readonly argument: unknown }
  | { readonly tandem: 'answer'; readonly id: number; readonly value?: unknown; readonly failed?: true };

/**
 * Opens one end. Messages are JSON, from our own processes alone. Messages of others, such as Node's
 * own, are left alone.
 */
export function openLine<Theirs extends Answers<Theirs>, Mine extends Answers<Mine> = Answers<unknown>>(
  port: Port,
  mine: Mine,
): Line<Theirs> {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  // A channel that closes at this moment is noticed where the process's end is.
  const send = (message: Message) => port.send?.(message, () => {});

  async function answer({ id, what, argument }: Message & { tandem: 'ask' }): Promise<void> {
    try {
      send({ tandem: 'answer', id, value: await mine[what as keyof Mine](argument) });
    } catch {
      send({ tandem: 'answer', id, failed: true });
    }
  }

  port.on('message', (message) => {
    if (!isOurs(message)) return;
    if (message.tandem === 'ask') {
      void answer(message);
      return;
    }
    const asker = waiting.get(message.id);
    if (message.failed === true) asker?.reject(new Error('The other process could not answer.'));
    else asker?.resolve(message.value);
  });

  return {
    async ask(what, argument, { timeoutMs } = {}) {
      const id = ++lastId;
      let timer: NodeJS.Timeout | undefined;
      try {
        return (await new Promise((resolve, reject) => {
          waiting.set(id, { resolve, reject });
          if (timeoutMs !== undefined) {
            timer = setTimeout(() => reject(new Error('The other process does not answer.')), timeoutMs);
          }
          send({ tandem: 'ask', id, what: String(what), argument });
        })) as AnswerOf<Theirs[typeof what]>;
      } finally {
        clearTimeout(timer);
        waiting.delete(id);
      }
    },
    close() {
      for (const { reject } of waiting.values()) reject(new Error('The other process is gone.'));
    },
  };
}

function isOurs(message: unknown): message is Message {
  return typeof message === 'object' && message !== null && 'tandem' in message;
}
