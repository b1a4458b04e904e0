import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { roleFinder, roleHeader } from '../access/active-role.ts';
import type { Authenticator } from '../access/authenticate.ts';
import { type ActiveIdentity, administratorRole, type Identity } from '../access/identity.ts';
import { type AccessRules, type Feature, featuresOf } from '../access/permission.ts';
import { catalogue } from '../errors/codes.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { Log } from '../log/log.ts';
import { refuse } from './refuse.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller; null before the server knows it, and on routes that are open to all. */
    identity: ActiveIdentity | null;
  }
}

/** Refuses a request that does not prove who sends it, before its body is read. */
export function authenticated(
  { identify }: Authenticator,
  { roles }: AccessRules,
  log: Log,
): onRequestHookHandler {
  const findRole = roleFinder(new Set([administratorRole, ...Object.keys(roles)]));
  const admit = (request: FastifyRequest, identity: Identity) => {
    request.identity = findRole(identity, request.headers[roleHeader]);
  };
  const refuseOr = (
    fail: (error: Error) => void,
    error: unknown,
    ...from: [FastifyRequest, FastifyReply]
  ) => {
    if (error instanceof TandemError) refuseCaller(error, ...from, log);
    else fail(error as Error);
  };
  return (request, reply, done) => {
    try {
      const identity = identify(request.raw);
      // Of a token that is known, there is nothing to wait for.
      if (identity instanceof Promise) {
        identity
          .then((verified) => admit(request, verified))
          .then(
            () => done(),
            (error) => refuseOr(done, error, request, reply),
          );
        return;
      }
      admit(request, identity);
    } catch (error) {
      refuseOr(done, error, request, reply);
      return;
    }
    done();
  };
}

/** The reasons of https://www.rfc-editor.org/rfc/rfc6750#section-3.1 by status. */
const challenges: Readonly<Record<number, string>> = {
  400: 'Bearer error="invalid_request"',
  401: 'Bearer error="invalid_token"',
  403: 'Bearer error="insufficient_scope"',
};

function refuseCaller(error: TandemError, request: FastifyRequest, reply: FastifyReply, log: Log): void {
  const { code, message, cause } = error;
  const status = statusOf(error);
  log.info({ requestId: request.id, code, reason: Object(cause).code }, 'caller refused');
  // A request without a token gets no reason: https://www.rfc-editor.org/rfc/rfc6750#section-3.1
  const challenge = message === catalogue.UNAUTHENTICATED.cause ? 'Bearer' : challenges[status];
  if (challenge !== undefined) reply.header('www-authenticate', challenge);
  if (status === 503) reply.header('retry-after', '1');
  refuse(reply, status, code, message);
}

/** The status with which a request outside of Fastify is refused; null where its sender has a feature. */
export function refusalFor(
  feature: Feature,
  { identify }: Authenticator,
  rules: AccessRules,
): (request: IncomingMessage) => Promise<number | null> {
  const findRole = roleFinder(new Set([administratorRole, ...Object.keys(rules.roles)]));
  return async (request) => {
    try {
      const { role } = findRole(await identify(request), request.headers[roleHeader]);
      return featuresOf(rules, role).includes(feature) ? null : 403;
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
      return statusOf(error);
    }
  };
}

function statusOf({ code }: TandemError): number {
  return (catalogue[code] as { readonly status?: number }).status ?? 401;
}

/** Refuses callers whose role does not have a feature. It comes after `authenticated`. */
export function requires(feature: Feature, rules: AccessRules, log: Log): onRequestHookHandler {
  return (request, reply, done) => {
    if (featuresOf(rules, request.identity?.role ?? '').includes(feature)) done();
    else refuseCaller(new TandemError('FORBIDDEN'), request, reply, log);
  };
}
