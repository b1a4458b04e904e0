import cluster from 'node:cluster';
import type { FastifyReply, onRequestHookHandler } from 'fastify';
import {
  type RateLimiterAbstract,
  RateLimiterCluster,
  RateLimiterMemory,
  type RateLimiterRes,
} from 'rate-limiter-flexible';
import type { AccessRules } from '../access/permission.ts';
import { refuse } from './refuse.ts';

/** Seconds in which requests are counted. */
const duration = 60;

/**
 * Refuses an address that has sent its requests of this minute. Behind a proxy all requests come from one address: who has a proxy lets
 * that do it.
 */
export function limitRate(perMinute: number): onRequestHookHandler {
  const take = limiterOf('address', perMinute);
  return (request, reply, done) => void take(request.ip, reply, done);
}

/**
 * Refuses a caller that has sent the requests of this minute which its role allows. It comes after `authenticated`. Null where no role
 * has such a limit.
 */
export function limitCallers({ roles }: AccessRules): onRequestHookHandler | null {
  const limiters = new Map(
    Object.entries(roles).flatMap(([role, { requestsPerMinute }]) =>
      requestsPerMinute === undefined ? [] : [[role, limiterOf(`role ${role}`, requestsPerMinute)] as const],
    ),
  );
  if (limiters.size === 0) return null;
  return (request, reply, done) => {
    const { identity } = request;
    const take = limiters.get(identity?.role ?? '');
    if (take === undefined) done();
    else void take(JSON.stringify([identity?.kind, identity?.issuer, identity?.subject]), reply, done);
  };
}

type Take = (key: string, reply: FastifyReply, done: () => void) => Promise<void>;

/** Milliseconds that a worker waits for the supervisor, which counts for all of them. */
const timeoutMs = 1000;

/** @param keyPrefix tells the counts of one limit from those of another */
function limiterOf(keyPrefix: string, points: number): Take {
  const alone = new RateLimiterMemory({ keyPrefix, points, duration });
  const limiter: RateLimiterAbstract = cluster.isWorker
    ? new RateLimiterCluster({ keyPrefix, points, duration, timeoutMs })
    : alone;
  return async (key, reply, done) => {
    // A supervisor that does not answer must not open what is limited: each worker counts by itself meanwhile.
    const full = await consume(limiter, key).catch(() => consume(alone, key));
    if (full === null) {
      done();
      return;
    }
    reply.header('retry-after', Math.ceil(full.msBeforeNext / 1000));
    refuse(reply, 429, 'RATE_LIMITED');
  };
}

/** Null where there was a point left. */
async function consume(limiter: RateLimiterAbstract, key: string): Promise<RateLimiterRes | null> {
  try {
    await limiter.consume(key);
    return null;
  } catch (error) {
    if (error instanceof Error) throw error;
    return error as RateLimiterRes;
  }
}
