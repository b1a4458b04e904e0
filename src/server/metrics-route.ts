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
  /** Paths that are patterns themselves. Fastify makes a new object of a route's options whenever one is asked for. */
  const patterns = new Set<string>();
  http.addHook('onResponse', (request, reply, done) => {
    const { url, is404 } = request;
    let route: string | undefined = url;
    if (is404) route = undefined;
    else if (!patterns.has(url)) {
      route = request.routeOptions.url;
      if (route === url) patterns.add(url);
    }
    metrics.request(route ?? 'other', reply.statusCode);
    done();
  });
}
