import type { Config } from './config.ts';
import { operationNamesOf } from './graphql/names-of.ts';
import type { Log } from './log.ts';
import { observe } from './observability/observe.ts';
import type { Tracing } from './observability/tracing.ts';
import { createApp } from './server/app.ts';
import { openSources } from './sources/registry.ts';

/** A server that listens. */
export interface Running {
  /** Where it answers, such as http://127.0.0.1:4000 */
  readonly url: string;
  /** Refuses what is new, answers what is in flight, closes both pools. */
  stop(): Promise<void>;
}

/** Config → sources → server. Starts with any database down. */
export async function start(config: Config, log: Log, tracing?: Tracing): Promise<Running> {
  const operations = operationNamesOf(config.persistedDocuments?.documents.values() ?? []);
  const observed = observe(config, log, { operations, ...(tracing && { tracing }) });
  const sources = await openSources(config, observed);
  const close = async () => {
    await sources.close();
    await observed.close();
  };
  try {
    await observed.open(sources);
    const app = await createApp(sources, log, { ...config, ...observed.app });
    const { host, port } = config.server;
    const url = await app.http.listen({ host, port });
    const stop = async () => {
      await app.close();
      await close();
    };
    return { url, stop };
  } catch (error) {
    await close();
    throw error;
  }
}
