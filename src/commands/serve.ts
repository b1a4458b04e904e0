import cluster from 'node:cluster';
import { flushCompileCache } from 'node:module';
import { supervise } from '../cluster/supervise.ts';
import { member } from '../cluster/worker-membership.ts';
import { type Config, loadConfig } from '../config/config.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import { createLog, type Log } from '../log/log.ts';
import { type Tracing, tracingOf } from '../observability/tracing.ts';
import { sourceNames } from '../source-name.ts';
import { start } from '../start.ts';
import type { CommandIo } from './command-io.ts';
import { describeError } from './describe-error.ts';
import { firstSignal, stopWithin } from './run-until-signal.ts';

/** `tandem serve`: the server on the configured databases, in one process or several, until SIGINT or SIGTERM. */
export async function serve({ env }: CommandIo): Promise<number> {
  const serveAs = cluster.isWorker ? serveAsWorker : serveAndStop;
  return await serveAs(env);
}

async function serveAndStop(env: NodeJS.ProcessEnv): Promise<number> {
  const signalled = firstSignal();
  const config = loadConfig(env);
  const serveIn = config.server.processes > 1 ? serveInWorkers : serveHere;
  return await serveIn(config, signalled);
}

async function serveHere(config: Config, signalled: Promise<unknown>): Promise<number> {
  const tracing = await tracingOf(config);
  const log = logOf(config, tracing);
  const running = await start(config, log, { tracing });
  log.info({ url: `${running.url}/graphql`, ...about(config) }, 'listening');
  // Not only at the end, which a process that is killed does not come to (cli.ts).
  flushCompileCache();
  await signalled;
  log.info('stopping');
  const giveUp = (why: string) => log.error({ why, open: running.stillOpen() }, 'not stopped in time');
  const stop = async () => {
    const inTime = await running.stop();
    await tracing?.close();
    log.info('stopped');
    return inTime ? exitCodes.serve.STOPPED : exitCodes.serve.OUT_OF_TIME;
  };
  // The process does not wait for what is still open by itself, such as a last request to a collector.
  process.exit(await stopWithin(stop, { timeoutMs: timeToStop(config), giveUp }));
}

/** This process only keeps the workers: it opens no connection to a database. */
async function serveInWorkers(config: Config, signalled: Promise<unknown>): Promise<number> {
  const log = logOf(config);
  const { processes } = config.server;
  const workers = supervise(processes, log);
  const listening = workers.started.then((url) => {
    log.info({ url: `${url}/graphql`, processes, ...about(config) }, 'listening');
  });
  const giveUp = (why: string) => {
    log.error({ why, open: { workers: workers.running() } }, 'not stopped in time');
    workers.kill();
  };
  const stop = () => stopWithin(() => workers.stop(), { timeoutMs: timeToStop(config), giveUp });
  try {
    await Promise.race([signalled, workers.failed, listening.then(() => signalled)]);
  } catch (error) {
    await stop();
    throw error;
  }
  log.info('stopping');
  const code = await stop();
  log.info('stopped');
  return code;
}

async function serveAsWorker(env: NodeJS.ProcessEnv): Promise<number> {
  const membership = member();
  try {
    const given = loadConfig(env);
    const { worker } = await membership.join();
    const config = asWorker(given);
    const tracing = await tracingOf(config);
    const log = logOf(config, tracing).child({ worker });
    const running = await start(config, log, { tracing, group: membership });
    await membership.listening(running.url);
    const leave = await membership.leave;
    const giveUp = (why: string) => log.error({ why, open: running.stillOpen() }, 'not stopped in time');
    const stop = async () => {
      const inTime = await running.stop({ othersServe: leave === 'recycle' });
      await tracing?.close();
      return inTime ? exitCodes.serve.STOPPED : exitCodes.serve.OUT_OF_TIME;
    };
    // The channel to the supervisor would keep the process.
    process.exit(await stopWithin(stop, { timeoutMs: timeToStop(config), giveUp }));
  } catch (error) {
    await membership.failed(describeError(error)).catch(() => {});
    process.exit(1);
  }
}

function logOf({ logLevel }: Config, tracing?: Tracing): Log {
  return createLog({ level: logLevel, ...(tracing && { fields: tracing.fields }) });
}

/** Milliseconds by which a worker gives up before its supervisor, so that its log line names what it waits for. */
const headStartMs = 200;

/** The configuration as a worker uses it. */
function asWorker(config: Config): Config {
  const shutdownTimeoutMs = Math.max(0, config.server.shutdownTimeoutMs - headStartMs);
  return { ...config, server: { ...config.server, shutdownTimeoutMs } };
}

function timeToStop({ server }: Config): number {
  return server.shutdownDelayMs + server.shutdownTimeoutMs;
}

function about({ databases, pool }: Config) {
  const sources = Object.fromEntries(
    sourceNames.map((name) => {
      const { host, port, name: database } = databases[name];
      return [name, { host, port, database }];
    }),
  );
  return { sources, pool };
}
