import { randomUUID } from 'node:crypto';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { catalogue, type ErrorCode } from '../errors/codes.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { type Log, requestLog } from '../log/log.ts';
import type { HostCheck } from '../util/hosts.ts';
import { answerHeaders } from '../util/security-headers.ts';
import { isProbe } from './probes.ts';
import { refuse, refuseUnreadable } from './refuse.ts';
import { bodyLimit, isTooLong, readBodies } from './request-body.ts';

/**
 * Longer than load balancers keep an idle connection, or they send a request into one that is being closed.
 * Google's keep theirs for 600 s, which cannot be set, and Azure's for less:
 * https://cloud.google.com/load-balancing/docs/https#timeouts_and_retries
 */
const keepAliveTimeout = 620_000;

/**
 * Milliseconds that a client has to send a request, and its head: who sends a byte at a time holds no
 * connection for good. Node looks every so often, and mixes the two up where the head's is the longer one.
 */
const requestTimeout = 30_000;
const headTimeouts = { headersTimeout: 10_000, connectionsCheckingInterval: 5000 };

const codes: Readonly<Record<number, ErrorCode>> = {
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/** Fastify's errors that say more than the code does; the text of others can hold the address. */
const messages: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not JSON.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as Content-Length says.',
  FST_ERR_BAD_URL: 'The address is not percent-encoded as addresses are.',
};

/**
 * The HTTP server without its routes: an id for each request, one line a request in the log, errors that say nothing of
 * our insides, and nothing for requests that were meant for another host or come from another site's page.
 */
export function createHttp(log: Log, hosts: HostCheck): FastifyInstance {
  const refuseError = errorHandler(log);
  const requests = requestLog(log);
  const http = Fastify({
    // A logger of its own for each request would cost more than most of what it logs.
    logger: false,
    genReqId: () => randomUUID(),
    bodyLimit,
    keepAliveTimeout,
    requestTimeout,
    http: headTimeouts,
    // No hook runs for these.
    frameworkErrors: (error, request, reply) => refuseError(error, request, reply.headers(answerHeaders)),
    clientErrorHandler: refuseUnreadable,
  });
  http.decorateRequest('identity', null);
  readBodies(http);
  http.addHook('onRequest', (request, reply, done) => {
    if (hasTwoHosts(request)) refuse(reply, 400, 'BAD_REQUEST', 'The request has several Host headers.');
    else if (hosts.names(request.raw) && hosts.comesFrom(request.raw)) done();
    // An orchestrator, which probes, knows the server by its address alone.
    else if (isProbe(request.routeOptions.url)) done();
    else if (!hosts.names(request.raw)) refuse(reply, 421, 'HOST_NOT_ALLOWED');
    else refuse(reply, 403, 'ORIGIN_NOT_ALLOWED');
  });
  http.addHook('onSend', (request, reply, payload, done) => {
    reply.headers({ 'x-request-id': request.id, ...answerHeaders, ...reply.getHeaders() });
    done(null, payload);
  });
  http.addHook('onResponse', (request, reply, done) => {
    if (requests.isLevelEnabled('info')) {
      const ms = Math.round(reply.elapsedTime);
      const { subject, role, issuer } = request.identity ?? {};
      const line = { requestId: request.id, req: request, status: reply.statusCode, ms };
      const caller = issuer == null ? { subject, role } : { subject, role, issuer };
      requests.info(subject ? { ...line, ...caller } : line, 'request');
    }
    done();
  });
  http.setErrorHandler<FastifyError>(refuseError);
  http.setNotFoundHandler((request, reply) => refusePath(http, request, reply));
  closeIdleConnections(http);
  return http;
}

/** While closing: a connection that was busy when closing began is kept alive and idle after its answer. */
function closeIdleConnections(http: FastifyInstance): void {
  let timer: NodeJS.Timeout;
  http.addHook('preClose', async () => {
    timer = setInterval(() => http.server.closeIdleConnections(), 50);
  });
  http.addHook('onClose', async () => clearInterval(timer));
}

function errorHandler(log: Log) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    keepOpen(request, reply);
    const { code, status, message } = refusalOf(error);
    if (status === 415) reply.headers({ accept: 'application/json', 'accept-encoding': 'identity' });
    if (status >= 500) log.error({ requestId: request.id, err: error }, 'request failed unexpectedly');
    return refuse(reply, status, code, message);
  };
}

function refusalOf(error: FastifyError): { code: ErrorCode; status: number; message?: string | undefined } {
  if (error instanceof TandemError) {
    const { code, message } = error;
    const { status = 500 } = catalogue[code] as { readonly status?: number };
    return { code, status, message };
  }
  const status = error.statusCode ?? 500;
  if (status >= 500) return { code: 'INTERNAL_SERVER_ERROR', status: 500 };
  return { code: codes[status] ?? 'BAD_REQUEST', status, message: messages[error.code] };
}

/**
 * Fastify closes the connection on which a body was refused. A client that still sends would get a reset, which takes the
 * answer with it; on an open connection, Node reads the rest and drops it, for as long as a request may take. A client that
 * waits for 100 (Continue) sends nothing more.
 */
function keepOpen({ headers }: FastifyRequest, reply: FastifyReply): void {
  if (headers.expect === undefined || !isTooLong(headers)) reply.removeHeader('connection');
}

/** The name that a cache or a proxy goes by may be the other one: https://www.rfc-editor.org/rfc/rfc9112#section-3.2 */
function hasTwoHosts({ raw: { rawHeaders } }: FastifyRequest): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}

/** No route took the request: the path is unknown, or known with other methods, which OPTIONS asks for. */
function refusePath(http: FastifyInstance, { method, url: asked }: FastifyRequest, reply: FastifyReply) {
  const url = asked.split('?', 1)[0] as string;
  const methods = ['GET', 'HEAD', 'POST'].filter((known) => http.hasRoute({ method: known, url }));
  if (methods.length === 0) return refuse(reply, 404, 'PATH_NOT_FOUND');
  reply.header('allow', [...methods, 'OPTIONS'].join(', '));
  return method === 'OPTIONS' ? reply.code(204).send() : refuse(reply, 405, 'METHOD_NOT_ALLOWED');
}
