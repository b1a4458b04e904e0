import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** What became of one request. */
export interface Sent {
  /** Milliseconds of `performance.now()` when it was written. */
  readonly at: number;
  /** Milliseconds until its answer was complete. */
  readonly ms?: number;
  /** Whether its connection had served another request before. */
  readonly reused: boolean;
  readonly status?: number;
  readonly connection?: string | undefined;
  readonly body?: string;
  /** Code of the error that the client saw instead of an answer, such as ECONNRESET. */
  readonly error?: string;
}

/** One GraphQL request over an agent's connections. */
export function post(url: string, query: string, agent: Agent): Promise<Sent> {
  const at = performance.now();
  return new Promise((resolve) => {
    const sent: ClientRequest = request(
      `${url}/graphql`,
      { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
      (response: IncomingMessage) => {
        const { statusCode: status = 0, headers } = response;
        const about = { at, reused: sent.reusedSocket, status, connection: headers.connection };
        buffer(response).then(
          (bytes) => resolve({ ...about, body: String(bytes), ms: performance.now() - at }),
          (error) => resolve({ at, reused: sent.reusedSocket, error: error.code }),
        );
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ at, reused: sent.reusedSocket, error: error.code ?? error.message });
    });
    sent.end(JSON.stringify({ query }));
  });
}

/** Clients that ask again as soon as they are answered, each on a kept-alive connection of its own. */
export interface Load {
  readonly sent: readonly Sent[];
  /** Ends when each has the answer that it waits for. */
  stop(): Promise<void>;
}

export function startLoad(
  url: string,
  query: string,
  clients: number,
  { pauseMs = 0 }: { readonly pauseMs?: number } = {},
): Load {
  const sent: Sent[] = [];
  let going = true;
  const all = Array.from({ length: clients }, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (going) {
      const one = await post(url, query, agent);
      sent.push(one);
      // Nobody listens any more: asking on would spin.
      if (one.error === 'ECONNREFUSED') break;
      if (pauseMs > 0) await delay(pauseMs);
    }
    agent.destroy();
  });
  return {
    sent,
    async stop() {
      going = false;
      await Promise.all(all);
    },
  };
}
