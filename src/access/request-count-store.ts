import { createHmac } from 'node:crypto';
import { RateLimiterValkey } from 'rate-limiter-flexible';
import type { Log } from '../log/log.ts';
import { countersBy, type RequestCounters } from './request-counters.ts';

/** Counts of requests in a Valkey or Redis, for all processes that name it. */
export interface RequestStore {
  readonly counters: RequestCounters;
  close(): void;
}

/** Milliseconds that a request waits for the store: a count is one small script. */
const answerMs = 250;
/** Milliseconds after a failure in which no request waits for the store again. */
const pauseMs = 1000;
const connectMs = 1000;

/** `redis.call` is known to both; the library's own script is Valkey's alone. It adds and sets the end in one step. */
const script = `
redis.call('set', KEYS[1], 0, 'EX', ARGV[2], 'NX')
return {redis.call('incrby', KEYS[1], ARGV[1]), redis.call('pttl', KEYS[1])}`;

/**
 * Opens the store without waiting for it. A store that does not answer in time is an error of the count: each process counts by itself
 * then (`requestCounters`).
 *
 * @throws Error where the package of the client is not installed
 */
export async function openRequestStore(url: string, log: Log): Promise<RequestStore> {
  const { Valkey } = await import('iovalkey').catch((cause: unknown) => {
    throw new Error('LIMIT_STORE_URL needs the optional package iovalkey: install it with npm.', { cause });
  });
  const client = new Valkey(url.replace(/^valkey/, 'redis'), {
    connectTimeout: connectMs,
    commandTimeout: answerMs,
    // Requests do not queue up while there is no connection.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(pauseMs, 100 * times),
  });
  let isAway = false;
  // The text of an error has the address, and the beginning of a long outage is enough.
  const lost = (error: unknown) => {
    const { code } = error as { readonly code?: string };
    if (!isAway) log.warn({ code }, 'the store of request counts does not answer: this process counts alone');
    isAway = true;
  };
  const found = () => {
    if (isAway) log.info('the store of request counts answers again');
    isAway = false;
  };
  client.on('error', lost);
  let notBefore = 0;
  const make = countersBy(
    (options) => new RateLimiterValkey({ ...options, storeClient: client, customIncrTtlLuaScript: script }),
  );
  /** A key of the store does not tell who the caller is. */
  const keyed = (key: string) => createHmac('sha256', url).update(key).digest('base64url');
  return {
    counters: (limit) => {
      const count = make({ ...limit, name: `tandem ${limit.name}` });
      return async (key) => {
        if (performance.now() < notBefore) throw new Error('The store did not answer just now.');
        try {
          const leftMs = await count(keyed(key));
          found();
          return leftMs;
        } catch (error) {
          notBefore = performance.now() + pauseMs;
          lost(error);
          throw error;
        }
      };
    },
    close: () => client.disconnect(),
  };
}
