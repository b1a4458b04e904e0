import { lookup } from 'node:dns/promises';
import { openRequestStore } from './access/request-count-store.ts';
import type { Group } from './cluster/worker-membership.ts';
import type { Config } from './config/config.ts';
import { operationNamesOf } from './graphql/operation-names.ts';
import type { Log } from './log/log.ts';
import { checkLevel } from './migrator/check-level.ts';
import { observe } from './observability/observe.ts';
import type { Tracing } from './observability/tracing.ts';
import { checkDatabase } from './resolvers/table/check-database.ts';
import { createApp } from './server/app.ts';
import { drainable } from './server/drain.ts';
import { sourceNames } from './source-name.ts';
import { type ActivityReport, togetherActive } from './sources/activity.ts';
import { type Totals, totalOf } from './sources/pool-totals.ts';
import type { Source } from './sources/source.ts';
import { openSources, type Sources } from './sources/sources.ts';
import { tuneV8 } from './tune-v8.ts';
import { untilDone } from './util/until-done.ts';
import { within } from './util/within.ts';

/** A server that listens. */
export interface Running {
  /** Where it answers, such as http://127.0.0.1:4000 */
  readonly url: string;
  /**
   * Refuses what is new, answers what is in flight, closes both pools.
   * @returns whether all that was done in time; where not, the log says what was not
   */
  stop(options?: StopOptions): Promise<boolean>;
  /** The requests for which a stop that takes too long waits. */
  stillOpen(): { readonly requests: number };
}

export interface StopOptions {
  /** Other processes go on serving: this one announces no end and refuses nothing. */
  readonly othersServe?: boolean;
}

/** Config → sources → server. Starts with any database down. */
export async function start(
  config: Config,
  log: Log,
  { tracing, group }: { readonly tracing?: Tracing | undefined; readonly group?: Group } = {},
): Promise<Running> {
  tuneV8();
  const operations = operationNamesOf(config.persistedDocuments?.documents.values() ?? []);
  const observed = observe(config, log, {
    operations,
    ...(tracing && { tracing }),
    ...(group && { gather: () => group.reports('metrics') }),
  });
  const own = await openSources(config, observed);
  const sources = group === undefined ? own : together(own, group);
  const reports = { pools: own.totals, activity: own.activity, metrics: observed.report };
  group?.answer((what) => reports[what]());
  const { storeUrl } = config.limits;
  const store = storeUrl === undefined ? undefined : await openRequestStore(storeUrl, log);
  let endChecks: readonly (() => void)[] = [];
  const close = async () => {
    for (const end of endChecks) end();
    store?.close();
    // Requests in flight have had their time.
    await sources.close({ timeoutMs: 300 });
    await observed.close();
  };
  try {
    const app = await createApp(sources, log, {
      ...config,
      ...observed.app,
      ...(store && { sharedCounters: store.counters }),
      readyWhen: config.server.readyWhen,
      allowedHosts: config.server.allowedHosts,
      connectionLimits: { most: config.server.maxConnections },
    });
    await observed.open(sources, app.refuseMetrics);
    const drain = drainable(app.http.server, app.connections);
    const { host, port, shutdownDelayMs, shutdownTimeoutMs } = config.server;
    // Of a name, fastify would listen on all addresses, with servers that are neither watched nor drained.
    const url = await app.http.listen({
      host: host === 'localhost' ? (await lookup(host)).address : host,
      port,
    });
    endChecks = sourceNames.flatMap((name) => checkSchema(own[name], log));
    const stop = async ({ othersServe = false }: StopOptions = {}): Promise<boolean> => {
      const delayMs = othersServe ? 0 : shutdownDelayMs;
      const closeMs = timeForPools(shutdownTimeoutMs);
      const drained = { delayMs, answerMs: shutdownTimeoutMs - closeMs, refuse: !othersServe };
      const abandoned = await drain.run(drained);
      if (abandoned > 0) log.error({ requests: abandoned }, 'requests were not answered in time');
      // Before the time is over altogether, so that it can be said.
      const closed = await within(
        closeMs * 0.8,
        app
          .close()
          .then(close)
          .then(() => true),
        false,
      );
      if (!closed) log.error('connections to databases were not closed in time');
      return abandoned === 0 && closed;
    };
    return { url, stop, stillOpen: () => ({ requests: drain.inFlight() }) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Looks at a source's schema once, as soon as the source answers: the server starts without it. Returns what ends that. */
function checkSchema(source: Source, log: Log): (() => void)[] {
  return [checkLevel, checkDatabase].map((check) =>
    untilDone(
      () => check(source, log),
      (error) => log.debug({ source: source.name, err: error }, 'schema not checked'),
    ),
  );
}

/** The sources of this process, which know of the pools of all. */
function together(own: Sources, group: Group): Sources {
  const totals = async () => totalOf((await group.reports('pools')) as Totals[]);
  const activity = async () => togetherActive((await group.reports('activity')) as ActivityReport[]);
  return { ...own, totals, activity };
}

/** The time that is left for the pools when requests have had theirs, of the time to stop. */
function timeForPools(shutdownTimeoutMs: number): number {
  return Math.min(1500, shutdownTimeoutMs / 4);
}
