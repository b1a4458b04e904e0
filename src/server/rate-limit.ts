import { hash } from 'node:crypto';
import type { FastifyReply, onRequestHookHandler } from 'fastify';
import type { Identity } from '../access/identity.ts';
import type { AccessRules } from '../access/permission.ts';
import type { CountRequest, RequestCounters } from '../access/request-counters.ts';
import { memoizeWeak } from '../util/memoize-weak.ts';
import { refuse } from './refuse.ts';

/**
 * Refuses an address that has sent its requests of this minute. Behind a proxy all requests come from one address: who has a proxy lets
 * that do it.
 */
export function limitRate(perMinute: number, counters: RequestCounters): onRequestHookHandler {
  const count = counters({ name: 'address', perMinute });
  return (request, reply, done) => void admit(count, request.ip, reply, done);
}

/**
 * Refuses a caller that has sent the requests of this minute which its role allows. It comes after `authenticated`. Null where no role
 * has such a limit.
 */
export function limitCallers({ roles }: AccessRules, counters: RequestCounters): onRequestHookHandler | null {
  const limits = new Map(
    Object.entries(roles).flatMap(([role, { requestsPerMinute }]) =>
      requestsPerMinute === undefined
        ? []
        : [[role, counters({ name: `role ${role}`, perMinute: requestsPerMinute })] as const],
    ),
  );
  if (limits.size === 0) return null;
  return ({ identity }, reply, done) => {
    const count = identity === null ? undefined : limits.get(identity.role);
    if (identity === null || count === undefined) done();
    else void admit(count, keyOf(identity), reply, done);
  };
}

/** One key for all tokens of a caller. A store of counts holds no names. */
const keyOf = memoizeWeak(({ kind, issuer, subject }: Identity) =>
  hash('sha256', JSON.stringify([kind, issuer, subject]), 'base64url'),
);

async function admit(count: CountRequest, key: string, reply: FastifyReply, done: () => void): Promise<void> {
  const waitMs = await count(key);
  if (waitMs === null) {
    done();
    return;
  }
  reply.header('retry-after', Math.ceil(waitMs / 1000));
  refuse(reply, 429, 'RATE_LIMITED');
}
