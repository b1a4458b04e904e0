import { loadConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { start } from '../main.ts';
import { tracingOf } from '../observability/tracing.ts';
import { sourceNames } from '../source-name.ts';
import { runUntilSignal } from './run-until-signal.ts';

/** `tandem serve`: the server on the configured databases, until SIGINT or SIGTERM. */
export async function serve(): Promise<void> {
  const config = loadConfig();
  const tracing = await tracingOf(config);
  const log = createLog({ level: config.logLevel, ...(tracing && { fields: tracing.fields }) });
  const running = await start(config, log, tracing);
  const sources = Object.fromEntries(
    sourceNames.map((name) => {
      const { host, port, name: database } = config.databases[name];
      return [name, { host, port, database }];
    }),
  );
  log.info({ url: `${running.url}/graphql`, sources, pool: config.pool }, 'listening');
  await runUntilSignal(async () => {
    log.info('stopping');
    await running.stop();
    await tracing?.close();
    log.info('stopped');
  }, config.server.shutdownTimeoutMs);
  // A collector that does not answer is asked again for some seconds: nobody waits for that.
  if (tracing !== undefined) process.exit();
}
