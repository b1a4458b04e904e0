import type { Config } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import type { SourceObserver } from '../sources/observer.ts';
import type { Sources } from '../sources/sources.ts';
import { hostCheck } from '../util/hosts.ts';
import { allOf } from './combine-observers.ts';
import { logSources } from './log-sources.ts';
import { createMetrics, expositionOf, type Metrics } from './metrics.ts';
import { type Exposition, type RefusalOf, serveMetrics } from './metrics-server.ts';
import type { Tracing } from './tracing.ts';

/** All that watches one process: the observer of its sources, and the hooks of its server. */
export interface Observed {
  /** For `openSources`. */
  readonly observer: SourceObserver;
  /** For `createApp`. */
  readonly app: {
    readonly metrics?: Metrics;
    readonly exposition?: Exposition;
    readonly tracing?: Tracing;
  };
  /** Adds the pools' gauges, and serves metrics where they have a port of their own, to those whom `refusalOf` does not refuse. */
  open(sources: Sources, refusalOf: RefusalOf): Promise<void>;
  /** The counts of this process, for `gather` of another one. */
  report(): Promise<unknown>;
  close(): Promise<void>;
}

export interface ObserveOptions {
  /** Operations whose names always stand in metrics. */
  readonly operations?: Iterable<string>;
  /** Left open: the caller closes it after the last answer. */
  readonly tracing?: Tracing;
  /** The counts of all processes of the server, as their `report()` tells; absent: there is only this one. */
  readonly gather?: () => Promise<readonly unknown[]>;
}

/** Sets up what the configuration asks for. An observer that is off is not there, and costs nothing. */
export function observe(
  { observability, databases, server }: Pick<Config, 'observability' | 'databases' | 'server'>,
  log: Log,
  { operations = [], tracing, gather }: ObserveOptions = {},
): Observed {
  const { metrics: where, slowStatementMs } = observability;
  const metrics = where === 'off' ? undefined : createMetrics({ reserved: operations, process: true });
  tracing?.onFailure((err) => log.warn({ err }, 'spans were not sent'));
  const exposition = metrics && (gather === undefined ? metrics.registry : expositionOf(gather));
  const own = typeof where === 'object' ? where.port : undefined;
  let listener: { close(): Promise<void> } | undefined;
  return {
    observer: allOf(logSources(log, { slowStatementMs }), metrics?.observer, tracing?.observer(databases)),
    app: {
      ...(metrics && { metrics }),
      ...(exposition && own === undefined && { exposition }),
      ...(tracing && { tracing }),
    },
    async open(sources, refusalOf) {
      metrics?.watch(sources);
      if (exposition === undefined || own === undefined) return;
      const opened = await serveMetrics(exposition, {
        host: server.host,
        port: own,
        hosts: hostCheck(server.allowedHosts),
        refusalOf,
      }).catch((error: unknown) => {
        throw Object.assign(Object(error), { setting: 'METRICS' });
      });
      log.info({ port: opened.port }, 'metrics are on a port of their own');
      listener = opened;
    },
    report: async () => metrics?.registry.getMetricsAsJSON() ?? [],
    async close() {
      await listener?.close();
    },
  };
}
