import cluster from 'node:cluster';
import {
  type RateLimiterAbstract,
  RateLimiterCluster,
  RateLimiterMemory,
  type RateLimiterRes,
} from 'rate-limiter-flexible';

/** A limit on the requests of one caller, or of one address. */
export interface RequestLimit {
  /** Tells the counts of one limit from those of another. */
  readonly name: string;
  readonly perMinute: number;
}

/**
 * Counts one request under its key.
 *
 * @returns null: it is within the limit; otherwise the milliseconds until the key has requests again
 * @throws where the place of the counts does not answer
 */
export type CountRequest = (key: string) => Promise<number | null>;

/** The place where requests are counted: this process, the processes of one machine, or a store that several machines share. */
export type RequestCounters = (limit: RequestLimit) => CountRequest;

/** The options of every limiter of rate-limiter-flexible; one of a store takes its client besides. */
interface LimiterOptions {
  readonly keyPrefix: string;
  readonly points: number;
  /** Seconds. */
  readonly duration: number;
}

/** Counts by a limiter of rate-limiter-flexible, in windows of a minute that begin with a key's first request. */
export function countersBy(make: (options: LimiterOptions) => RateLimiterAbstract): RequestCounters {
  return ({ name, perMinute }) => {
    const limiter = make({ keyPrefix: name, points: perMinute, duration: 60 });
    return async (key) => {
      try {
        await limiter.consume(key);
        return null;
      } catch (error) {
        if (error instanceof Error) throw error;
        return (error as RateLimiterRes).msBeforeNext;
      }
    };
  };
}

/** A place that does not answer must not open what is limited: each process counts by itself meanwhile. */
function elseInProcess(counters: RequestCounters): RequestCounters {
  return (limit) => {
    const [shared, alone] = [counters(limit), inProcess(limit)];
    return (key) => shared(key).catch(() => alone(key));
  };
}

const inProcess = countersBy((options) => new RateLimiterMemory(options));

/** Milliseconds that a worker waits for the supervisor, which counts for all of them (cluster/supervise.ts). */
const timeoutMs = 1000;

const acrossProcesses = countersBy((options) => new RateLimiterCluster({ ...options, timeoutMs }));

/**
 * The one place of all limits of requests.
 *
 * @param shared a store that several machines share; absent: the processes of this machine count together
 */
export function requestCounters(shared?: RequestCounters): RequestCounters {
  if (shared !== undefined) return elseInProcess(shared);
  return cluster.isWorker ? elseInProcess(acrossProcesses) : inProcess;
}
