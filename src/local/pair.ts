import type { SourceName } from '../source-name.ts';
import { LocalError } from './errors.ts';
import type { HomePaths } from './home.ts';
import { withLock } from './lock.ts';
import { release } from './mysqld/guard.ts';
import { type RunningMysqld, type StartOptions, startServer } from './mysqld/start.ts';
import { choosePort, PREFERRED_PORTS } from './ports.ts';
import { endRecorded, type RecordedServer, readRecord, writeRecord } from './recorded-servers.ts';
import type { LocalPair, LocalServer, ServerOrigin } from './types.ts';

const PORT_TRIES = 5;

/** The servers that one `ensureLocal` started, which `stop()` ends. */
export interface Started {
  paths: HomePaths;
  servers: Map<SourceName, { running: RunningMysqld; options: StartOptions }>;
}

/** A pair, and the servers behind it that this process started. */
export interface StartedPair extends LocalPair {
  readonly started: Started | null;
}

/** A pair whose `stop()` ends the started servers, once, and waits until they are gone. */
export function makePair(
  origin: ServerOrigin,
  servers: Record<SourceName, LocalServer> | null,
  env: Record<string, string>,
  started: Started | null,
): StartedPair {
  let stopping: Promise<void> | null = null;
  const stop = () => {
    stopping ??= started ? withLock(started.paths.lock, () => stopStarted(started)) : Promise.resolve();
    return stopping;
  };
  return {
    origin,
    servers,
    env,
    owned: started !== null,
    started,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Starts a server on its last or preferred port, or on another one if another process has that. */
export async function startOnFreePort(
  options: Omit<StartOptions, 'port'>,
  wanted: number,
  avoid: Set<number>,
): Promise<{ running: RunningMysqld; options: StartOptions }> {
  const { source, report } = options;
  for (let left = PORT_TRIES; ; left--) {
    const port = await choosePort([wanted, PREFERRED_PORTS[source]], avoid);
    avoid.add(port);
    if (port !== wanted) report({ kind: 'port', source, wanted, used: port });
    try {
      const withPort = { ...options, port };
      return { running: await startServer(withPort), options: withPort };
    } catch (error) {
      // Free a moment ago, taken now: two homes starting at once want the same ports.
      if (!(error instanceof LocalError && error.code === 'PORT_TAKEN') || left === 1) throw error;
    }
  }
}

export function recordedFrom({ server }: RunningMysqld, { program, detached }: StartOptions): RecordedServer {
  return { ...server, program, detached };
}

/** Ends the started servers and forgets them; a server that another process has started since stays. */
export async function stopStarted({ paths, servers }: Started): Promise<void> {
  await Promise.all(
    [...servers.values()].map(async ({ running, options }) => {
      running.expected = true;
      await endRecorded(paths, recordedFrom(running, options));
      await release(running.child);
    }),
  );
  const record = readRecord(paths);
  for (const [source, { running }] of servers) {
    const same = record[source]?.pid === running.server.pid && record[source]?.port === running.server.port;
    if (same) delete record[source];
  }
  await writeRecord(paths, record);
}
