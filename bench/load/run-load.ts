import { Connection } from './connection.ts';

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds of each request, ascending. */
  readonly latencies: Float64Array;
}

/**
 * A closed loop: each client asks, waits for the answer, and asks again. Latencies are thus what that many
 * patient clients see; a server that stalls is asked less meanwhile, so p99 tells nothing of an open stream of
 * arrivals.
 *
 * @param requests asked in turn, the same sequence at every call
 */
export async function runLoad(
  port: number,
  requests: readonly Buffer[],
  { clients, seconds, signal }: { clients: number; seconds: number; signal: AbortSignal },
): Promise<LoadResult> {
  const connections = await Promise.all(Array.from({ length: clients }, () => Connection.open(port)));
  const latencies: number[] = [];
  const started = performance.now();
  const end = started + seconds * 1000;
  let next = 0;
  try {
    await Promise.all(
      connections.map(async (connection) => {
        for (let now = performance.now(); now < end && !signal.aborted; ) {
          const { status, body } = await connection.send(requests[next++ % requests.length] as Buffer);
          // GraphQL servers answer 200 to failures, too, with the errors first or instead of data.
          if (status !== 200 || body.indexOf('"errors":') !== -1) throw new Error(`${status} ${body}`);
          const answered = performance.now();
          latencies.push(answered - now);
          now = answered;
        }
      }),
    );
  } finally {
    for (const connection of connections) connection.close();
  }
  signal.throwIfAborted();
  const elapsed = (performance.now() - started) / 1000;
  return { requests: latencies.length, seconds: elapsed, latencies: Float64Array.from(latencies).sort() };
}

/** The value that the share `q` of an ascending list does not exceed. */
export function quantile(ascending: ArrayLike<number>, q: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * q))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const ascending = values.toSorted((a, b) => a - b);
  const middle = ascending.length >> 1;
  return ascending.length % 2 === 1
    ? (ascending[middle] as number)
    : ((ascending[middle - 1] as number) + (ascending[middle] as number)) / 2;
}
