import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../observability/metrics.ts';
import type { Exposition } from '../observability/metrics-server.ts';

/** `/metrics`, for Prometheus. */
export function addMetrics(http: FastifyInstance, exposition: Exposition): void {
  http.get('/metrics', { logLevel: 'silent' }, async (_request, reply) => {
    const text = await exposition.metrics();
    return reply.type(exposition.contentType).send(text);
  });
}

/** Counts requests by the pattern of their route: paths are the clients' to choose, and may be anything. */
export function countRequests(http: FastifyInstance, metrics: Metrics): void {
  http.addHook('onResponse', (request, reply, done) => {
    metrics.request(request.routeOptions.url ?? 'other', reply.statusCode);
    done();
  });
}
