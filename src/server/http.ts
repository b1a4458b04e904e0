import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyError, type FastifyInstance, LogController } from 'fastify';
import { catalogue } from '../errors/catalogue.ts';
import type { Log } from '../log.ts';

/** Bytes of a request's body at most. */
const bodyLimit = 1024 * 1024;

/**
 * The HTTP server without its routes: an id for each request, one line a request in the log, and errors that
 * say nothing of our insides.
 */
export function createHttp(log: Log): FastifyInstance {
  const http = Fastify({
    loggerInstance: log as FastifyInstance['log'],
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: () => randomUUID(),
    bodyLimit,
  });
  http.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  http.addHook('onResponse', async (request, reply) => {
    const ms = Math.round(reply.elapsedTime);
    request.log.info({ req: request, status: reply.statusCode, ms }, 'request');
  });
  http.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send(answer(error.message, 'BAD_REQUEST'));
    request.log.error({ err: error }, 'request failed unexpectedly');
    return reply.code(500).send(answer(catalogue.INTERNAL_SERVER_ERROR.cause, 'INTERNAL_SERVER_ERROR'));
  });
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

const answer = (message: string, code: string) => ({ errors: [{ message, extensions: { code } }] });
