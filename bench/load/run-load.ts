import { setTimeout as delay } from 'node:timers/promises';
import { randomStream } from '../../src/seeders/random.ts';
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

/**
 * Open arrivals: requests come at times that do not depend on the answers (a Poisson process, the same each time), so a server that
 * stalls makes all wait that come meanwhile. A latency counts from the time at which the request came, also while it waits for a
 * connection here.
 */
export async function runArrivals(
  port: number,
  requests: readonly Buffer[],
  { perSecond, seconds, signal }: { perSecond: number; seconds: number; signal: AbortSignal },
): Promise<LoadResult> {
  const random = randomStream(3);
  const idle: Connection[] = [];
  const all: Connection[] = [];
  const latencies: number[] = [];
  const started = performance.now();
  const end = started + seconds * 1000;
  const pending = new Set<Promise<void>>();
  let next = 0;
  const ask = async (came: number) => {
    let connection = idle.pop();
    if (connection === undefined) {
      connection = await Connection.open(port);
      all.push(connection);
    }
    const { status, body } = await connection.send(requests[next++ % requests.length] as Buffer);
    if (status !== 200 || body.indexOf('"errors":') !== -1) throw new Error(`${status} ${body}`);
    latencies.push(performance.now() - came);
    idle.push(connection);
  };
  try {
    for (let due = started; due < end && !signal.aborted; ) {
      due += (-Math.log(1 - random()) * 1000) / perSecond;
      const wait = due - performance.now();
      if (wait > 0.5) await delay(wait);
      const one = ask(due).finally(() => pending.delete(one));
      pending.add(one);
    }
    await Promise.all(pending);
  } finally {
    for (const connection of all) connection.close();
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
