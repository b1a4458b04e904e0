import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { type SourceName, sourceNames } from '../source-name.ts';
import { bringUp } from './bring-up.ts';
import { defaultCache, defaultHome, homePaths } from './home.ts';
import { readLocalEnv } from './local-env.ts';
import { withLock } from './lock.ts';
import { originsToTry } from './origins/order.ts';
import { makePair } from './pair.ts';
import { endAll, isAnswering, readRecord } from './recorded-servers.ts';
import { settingsGiven } from './settings.ts';
import { type ServerStatus, serverStatusesOf } from './status.ts';
import type { LocalOptions, LocalPair } from './types.ts';

export type { LocalOptions, LocalPair } from './types.ts';

/**
 * Two MySQL servers to work on: those that the settings name, those that already run, or new ones from the
 * first origin that can serve. The caller who started them (`owned`) stops them; unless `detached`, they
 * end with this process however it ends.
 */
export async function ensureLocal({
  home = defaultHome(),
  env = process.env,
  cache = defaultCache(env),
  report = () => {},
  detached = false,
  origins,
  mysqldOptions = [],
}: LocalOptions = {}): Promise<LocalPair> {
  const paths = homePaths(home);
  const order = originsToTry(origins, env);
  if (order.includes('settings') && settingsGiven(env, readLocalEnv(paths.env))) {
    report({
      kind: 'origin',
      origin: 'settings',
      what: 'the servers that AZURE_DB_HOST and GCP_DB_HOST name',
    });
    return makePair('settings', null, {}, null);
  }
  await mkdir(paths.home, { recursive: true, mode: 0o700 });
  return withLock(paths.lock, () => bringUp(order, { paths, env, cache, report, detached, mysqldOptions }), {
    onWait: (pid) => report({ kind: 'waiting', pid }),
  });
}

/** The state of the servers of a home, alive or not. */
export async function localStatus(home = defaultHome()): Promise<{ home: string; servers: ServerStatus[] }> {
  const paths = homePaths(home);
  return { home: paths.home, servers: await serverStatusesOf(paths) };
}

/** A local server that runs, and the settings that reach the pair; null where none does. It starts nothing. */
export async function runningServer(
  source: SourceName,
  home = defaultHome(),
): Promise<{ version: string; env: Record<string, string> } | null> {
  const paths = homePaths(home);
  const server = readRecord(paths)[source];
  if (!server || !(await isAnswering(paths, server))) return null;
  return { version: server.version, env: readLocalEnv(paths.env) };
}

/** Stops the recorded servers of a home that are still ours; the data stays. Returns the stopped ones. */
export async function stopLocal(home = defaultHome()): Promise<{ stopped: SourceName[] }> {
  const paths = homePaths(home);
  if (!existsSync(paths.home)) return { stopped: [] };
  return { stopped: await withLock(paths.lock, () => endAll(home)) };
}

/** Stops the servers and deletes their data, keys and passwords; the unpacked server in the cache stays. */
export async function resetLocal(
  home = defaultHome(),
): Promise<{ stopped: SourceName[]; deleted: string[] }> {
  const paths = homePaths(home);
  if (!existsSync(paths.home)) return { stopped: [], deleted: [] };
  return withLock(paths.lock, async () => {
    const stopped = await endAll(home);
    // Named one by one: a home given by mistake must not lose foreign files.
    const ours = [
      paths.env,
      paths.record,
      paths.tls,
      ...sourceNames.map((source) => paths.server(source).dir),
    ];
    const deleted = ours.filter((path) => existsSync(path));
    for (const path of deleted) await rm(path, { recursive: true, force: true });
    return { stopped, deleted };
  });
}
