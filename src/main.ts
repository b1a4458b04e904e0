import type { Config } from './config.ts';
import type { Log } from './log.ts';
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
export async function start(config: Config, log: Log): Promise<Running> {
  const sources = await openSources(config);
  try {
    const app = await createApp(sources, log, config);
    const { host, port } = config.server;
    const url = await app.http.listen({ host, port });
    const stop = async () => {
      await app.close();
      await sources.close();
    };
    return { url, stop };
  } catch (error) {
    await sources.close();
    throw error;
  }
}
