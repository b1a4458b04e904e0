import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { inRole, roleHeader } from '../access/active-role.ts';
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
  const known = new Set([administratorRole, ...Object.keys(roles)]);
  return (request, reply, done) => {
    const admit = (identity: Identity) => {
      request.identity = inRole(identity, request.headers[roleHeader], known);
    };
    const failed = (error: unknown) => {
      if (error instanceof TandemError) refuseCaller(error, request, reply, log);
      else done(error as Error);
    };
    try {
      const identity = identify(request.raw);
      // Of a token that is known, there is nothing to wait for.
      if (identity instanceof Promise) {
        identity.then(admit).then(() => done(), failed);
        return;
      }
      admit(identity);
    } catch (error) {
      failed(error);
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
  const known = new Set([administratorRole, ...Object.keys(rules.roles)]);
  return async (request) => {
    try {
      const { role } = inRole(await identify(request), request.headers[roleHeader], known);
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
