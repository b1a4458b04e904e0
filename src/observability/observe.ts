import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { SourceObserver } from '../sources/observer.ts';
import type { Sources } from '../sources/registry.ts';
import { logSources } from './log-sources.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { type Exposition, serveMetrics } from './metrics-server.ts';
import { allOf } from './observers.ts';
import type { Tracing } from './tracing.ts';

/** All that watches one process: who is told by its sources, and what its server tells. */
export interface Observed {
  /** For `openSources`. */
  readonly observer: SourceObserver;
  /** For `createApp`. */
  readonly app: {
    readonly metrics?: Metrics;
    readonly exposition?: Exposition;
    readonly tracing?: Tracing;
  };
  /** Adds the pools' gauges, and serves metrics where they have a port of their own. */
  open(sources: Sources): Promise<void>;
  close(): Promise<void>;
}

export interface ObserveOptions {
  /** Operations whose names always stand in metrics. */
  readonly operations?: Iterable<string>;
  /** Left open: whoever opened it closes it, when the last request was answered. */
  readonly tracing?: Tracing;
}

/** Sets up what the configuration asks for. What is off is not there, and costs nothing. */
export function observe(
  { observability, databases, server }: Pick<Config, 'observability' | 'databases' | 'server'>,
  log: Log,
  { operations = [], tracing }: ObserveOptions = {},
): Observed {
  const { metrics: where, slowStatementMs } = observability;
  const metrics = where === 'off' ? undefined : createMetrics({ reserved: operations, process: true });
  tracing?.onFailure((err) => log.warn({ err }, 'spans were not sent'));
  const own = typeof where === 'object' ? where.port : undefined;
  let listener: { close(): Promise<void> } | undefined;
  return {
    observer: allOf(logSources(log, { slowStatementMs }), metrics?.observer, tracing?.observer(databases)),
    app: {
      ...(metrics && { metrics }),
      ...(metrics && own === undefined && { exposition: metrics.registry }),
      ...(tracing && { tracing }),
    },
    async open(sources) {
      metrics?.watch(sources);
      if (metrics === undefined || own === undefined) return;
      const opened = await serveMetrics(metrics.registry, { host: server.host, port: own });
      log.info({ port: opened.port }, 'metrics are on a port of their own');
      listener = opened;
    },
    async close() {
      await listener?.close();
    },
  };
}
