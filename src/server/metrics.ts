import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { Metrics } from '../observability/metrics.ts';
import type { Exposition } from '../observability/metrics-server.ts';

/** `/metrics`, for Prometheus: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config */
export function addMetrics(
  http: FastifyInstance,
  exposition: Exposition,
  onRequest: onRequestHookHandler[],
): void {
  http.get('/metrics', { logLevel: 'silent', onRequest }, async (_request, reply) => {
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
