import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Tracing } from '../observability/tracing.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** The handler itself where nothing is traced; else one that answers inside of the span of its request. */
export function traced(tracing: Tracing | undefined, handler: Handler): Handler {
  if (tracing === undefined) return handler;
  return (request, reply) => {
    const { id, method, headers } = request;
    const route = request.routeOptions.url ?? '';
    const answer = async () => handler(request, reply);
    return tracing.request({ id, method, route, headers }, answer, () => reply.statusCode);
  };
}
