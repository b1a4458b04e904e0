import { randomUUID } from 'node:crypto';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { ErrorCode } from '../errors/catalogue.ts';
import type { Log } from '../log.ts';
import { refuse, refuseUnreadable } from './refuse.ts';

/** Bytes of a request's body at most. */
const bodyLimit = 1024 * 1024;

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

/**
 * Rows about people's health stay in no cache, neither a proxy's nor a browser's on disk. What may be kept,
 * the explorer's files, says so itself.
 */
const noStore = 'private, no-store';

const codes: Readonly<Record<number, ErrorCode>> = {
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/**
 * The HTTP server without its routes: an id for each request, one line a request in the log, and errors that
 * say nothing of our insides.
 */
export function createHttp(log: Log): FastifyInstance {
  const refuseError = errorHandler(log);
  const http = Fastify({
    // A logger of its own for each request would cost more than most of what it logs.
    logger: false,
    genReqId: () => randomUUID(),
    bodyLimit,
    keepAliveTimeout,
    requestTimeout,
    http: headTimeouts,
    frameworkErrors: refuseError,
    clientErrorHandler: refuseUnreadable,
  });
  // Fastify would read it as a string; GraphQL comes as JSON alone, which no foreign page can send unasked.
  http.removeContentTypeParser('text/plain');
  http.addHook('onRequest', (request, reply, done) => {
    reply.headers({
      'x-request-id': request.id,
      'cache-control': noStore,
      'x-content-type-options': 'nosniff',
    });
    done();
  });
  http.addHook('onResponse', (request, reply, done) => {
    if (log.isLevelEnabled('info')) {
      const ms = Math.round(reply.elapsedTime);
      log.info({ requestId: request.id, req: request, status: reply.statusCode, ms }, 'request');
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
    const status = error.statusCode ?? 500;
    const code = codes[status];
    if (code !== undefined) return refuse(reply, status, code);
    if (status < 500) return refuse(reply, status, 'BAD_REQUEST', error.message);
    log.error({ requestId: request.id, err: error }, 'request failed unexpectedly');
    return refuse(reply, 500, 'INTERNAL_SERVER_ERROR');
  };
}

/** No route took the request: the path is unknown, or known with other methods, which OPTIONS asks for. */
function refusePath(http: FastifyInstance, { method, url: asked }: FastifyRequest, reply: FastifyReply) {
  const url = asked.split('?', 1)[0] as string;
  const methods = ['GET', 'HEAD', 'POST'].filter((known) => http.hasRoute({ method: known, url }));
  if (methods.length === 0) return refuse(reply, 404, 'PATH_NOT_FOUND');
  reply.header('allow', [...methods, 'OPTIONS'].join(', '));
  return method === 'OPTIONS' ? reply.code(204).send() : refuse(reply, 405, 'METHOD_NOT_ALLOWED');
}
