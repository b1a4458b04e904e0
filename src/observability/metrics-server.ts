import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HostCheck } from '../util/hosts.ts';
import { answerHeaders } from '../util/security-headers.ts';

/** The text that Prometheus reads: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export interface Exposition {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** A listener for metrics alone, so that the network can keep them from those who may ask the API. */
export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** The status with which a request is refused; null where its sender may have the metrics. */
export type RefusalOf = (request: IncomingMessage) => Promise<number | null>;

/** Milliseconds for a request and for its head, and for a connection on which nothing happens. */
const timeouts = { requestTimeout: 10_000, headersTimeout: 10_000, connectionsCheckingInterval: 5000 };
const quietMs = 30_000;

/**
 * Serves `/metrics` on a port of its own.
 *
 * @throws where the port is taken
 */
export async function serveMetrics(
  exposition: Exposition,
  {
    host,
    port,
    hosts,
    refusalOf,
  }: {
    readonly host: string;
    readonly port: number;
    readonly hosts: HostCheck;
    readonly refusalOf: RefusalOf;
  },
): Promise<MetricsServer> {
  const server = createServer(timeouts, (request, response) => {
    for (const [name, value] of Object.entries(answerHeaders)) response.setHeader(name, value);
    if (!hosts.names(request)) {
      response.writeHead(421).end();
      return;
    }
    if (request.method !== 'GET' || request.url?.split('?', 1)[0] !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    const send = async () => {
      const refusal = await refusalOf(request);
      if (refusal !== null) {
        response.writeHead(refusal, refusal === 401 ? { 'www-authenticate': 'Bearer' } : {}).end();
        return;
      }
      const text = await exposition.metrics();
      response.writeHead(200, { 'content-type': exposition.contentType }).end(text);
    };
    send().catch(() => response.writeHead(500).end());
  });
  // A client that neither sends nor reads is cut off by Node itself.
  server.setTimeout(quietMs);
  server.maxConnections = 100;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
