import { existsSync } from 'node:fs';
import { type SourceName, sourceNames } from '../source-name.ts';
import { directorySize } from './directory-size.ts';
import type { HomePaths } from './home.ts';
import { isAnswering, isRunning, readRecord } from './recorded-servers.ts';
import type { ProgramOrigin } from './types.ts';

/** The state of one server of a home. */
export interface ServerStatus {
  source: SourceName;
  /** True when `local.json` names it, alive or not. */
  recorded: boolean;
  running: boolean;
  answering: boolean;
  host: string | null;
  port: number | null;
  pid: number | null;
  origin: ProgramOrigin | null;
  version: string | null;
  /** True when it outlives the process that started it. */
  detached: boolean;
  dataBytes: number;
  log: string | null;
}

/** The state of both servers, without touching them. */
export async function serverStatusesOf(paths: HomePaths): Promise<ServerStatus[]> {
  const record = readRecord(paths);
  return Promise.all(
    sourceNames.map(async (source): Promise<ServerStatus> => {
      const server = record[source];
      const files = paths.server(source);
      const running = server ? await isRunning(paths, server) : false;
      return {
        source,
        recorded: server !== undefined,
        running,
        answering: running && server ? await isAnswering(paths, server) : false,
        host: server?.host ?? null,
        port: server?.port ?? null,
        pid: server?.pid ?? null,
        origin: server?.program.origin ?? null,
        version: server?.version ?? null,
        detached: server?.detached ?? false,
        dataBytes: await directorySize(files.data),
        log: existsSync(files.log) ? files.log : null,
      };
    }),
  );
}
