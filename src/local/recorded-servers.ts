import { existsSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { type SourceName, sourceNames } from '../source-name.ts';
import { type HomePaths, homePaths } from './home.ts';
import { containerName, isContainerRunning, stopContainer } from './mysqld/container.ts';
import { readGreeting } from './mysqld/greeting.ts';
import { endServer, serves } from './processes.ts';
import type { LocalServer, Program } from './types.ts';

/** The entry of one server in `local.json`; no passwords. */
export interface RecordedServer extends LocalServer {
  program: Program;
  detached: boolean;
}

export type LocalRecord = Partial<Record<SourceName, RecordedServer>>;

export function readRecord({ record }: HomePaths): LocalRecord {
  if (!existsSync(record)) return {};
  try {
    return JSON.parse(readFileSync(record, 'utf8')) as LocalRecord;
  } catch {
    // Half a record, from a full disk: the pid files still tell what runs.
    return {};
  }
}

export async function writeRecord({ record }: HomePaths, servers: LocalRecord): Promise<void> {
  const draft = `${record}.draft`;
  await writeFile(draft, `${JSON.stringify(servers, null, 2)}\n`);
  await rename(draft, record);
}

/** True when the recorded process is still this server. */
export async function isRunning(paths: HomePaths, server: RecordedServer): Promise<boolean> {
  if (server.program.kind === 'docker') {
    return isContainerRunning(server.program.client, containerName(paths.home, server.source));
  }
  return server.pid !== null && serves(server.pid, paths.server(server.source).data);
}

/** Running, and answering on its port. */
export async function isAnswering(paths: HomePaths, server: RecordedServer): Promise<boolean> {
  return (await isRunning(paths, server)) && (await readGreeting(server.port, 15_000)) !== null;
}

/** Ends one recorded server, if it is still ours. */
export async function endRecorded(paths: HomePaths, server: RecordedServer): Promise<void> {
  if (server.program.kind === 'docker') {
    await stopContainer(server.program.client, containerName(paths.home, server.source));
  } else if (server.pid !== null) {
    await endServer(server.pid, paths.server(server.source).data);
  }
}

/** Stops every recorded server of a home and forgets them; the data stays. */
export async function endAll(home: string): Promise<SourceName[]> {
  const paths = homePaths(home);
  const record = readRecord(paths);
  const stopped = await Promise.all(
    sourceNames.map(async (source) => {
      const server = record[source];
      if (!server || !(await isRunning(paths, server))) return [];
      await endRecorded(paths, server);
      return [source];
    }),
  );
  if (existsSync(paths.record)) await writeRecord(paths, {});
  return stopped.flat();
}
