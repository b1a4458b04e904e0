import { AggregatorRegistry, Registry } from 'prom-client';
import type { SourceObserver } from '../sources/observer.ts';
import type { Sources } from '../sources/sources.ts';
import { fastCounter } from './metrics/fast-counter.ts';
import { graphqlMetrics, type Operation } from './metrics/graphql-metrics.ts';
import { operationNames } from './metrics/operation-label.ts';
import { poolGauges } from './metrics/pool-gauges.ts';
import { ProcessRegistry } from './metrics/process-metrics.ts';
import { replicaGauges } from './metrics/replica-gauges.ts';
import { sourceMetrics } from './metrics/source-metrics.ts';
import type { Exposition } from './metrics-server.ts';

/** The metrics of one process. */
export interface Metrics {
  readonly registry: Registry;
  /** For `openSources`: what the sources tell. */
  readonly observer: SourceObserver;
  /** Adds the gauges of the pools, once they are open. */
  watch(sources: Sources): void;
  /** Counts an operation after its answer. */
  operation(operation: Operation): void;
  /** Counts a request by its route, which is a pattern and never a client's own path. */
  request(route: string, status: number): void;
}

export interface MetricsOptions {
  /** Names of operations that always have series of their own. */
  readonly reserved?: Iterable<string>;
  /** Whether the process itself is measured too. */
  readonly process?: boolean;
}

/** The metrics of several processes as one: counts and gauges are added up, lags averaged. */
export function expositionOf(gather: () => Promise<readonly unknown[]>): Exposition {
  return {
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    metrics: async () => AggregatorRegistry.aggregate([...(await gather())] as object[]).metrics(),
  };
}

/** Metrics with a registry of their own. They hold counts and durations, and no value of any row or variable. */
export function createMetrics({ reserved = [], process = false }: MetricsOptions = {}): Metrics {
  const registry = process ? new ProcessRegistry() : new Registry();
  const requests = fastCounter({
    name: 'tandem_http_requests_total',
    help: 'Requests by route and status; other is every path that there is not.',
    labelNames: ['route', 'status'],
    registers: [registry],
  });
  const known = new Map<string, () => void>();
  return {
    registry,
    observer: sourceMetrics(registry),
    watch(sources) {
      poolGauges(registry, sources);
      replicaGauges(registry, sources);
    },
    operation: graphqlMetrics(registry, operationNames({ reserved })),
    request(route, status) {
      const key = `${status} ${route}`;
      const count = known.get(key) ?? requests({ route, status: String(status) });
      known.set(key, count);
      count();
    },
  };
}
