import type { onRequestHookHandler } from 'fastify';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { refuse } from './refuse.ts';

/**
 * Refuses an address that has sent its requests of this minute. Each process counts by itself, and behind a proxy all
 * requests come from one address: who has a proxy lets that do it.
 */
export function limitRate(perMinute: number): onRequestHookHandler {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return (request, reply, done) => {
    limiter.consume(request.ip).then(
      () => done(),
      ({ msBeforeNext }: RateLimiterRes) => {
        reply.header('retry-after', Math.ceil(msBeforeNext / 1000));
        refuse(reply, 429, 'RATE_LIMITED');
      },
    );
  };
}
