import type { SourceName } from '../source-name.ts';

/** Where a pair of servers came from, in the order in which `ensureLocal` looks. */
export type ServerOrigin = 'settings' | 'recorded' | 'docker' | 'mysqld' | 'debian';
export const ORIGINS = [
  'settings',
  'recorded',
  'docker',
  'mysqld',
  'debian',
] as const satisfies readonly ServerOrigin[];

/** The origins that bring a program; the other two find servers that already run. */
export type ProgramOrigin = Exclude<ServerOrigin, 'settings' | 'recorded'>;

/** One running server. `pid` is null inside a container. */
export interface LocalServer {
  source: SourceName;
  host: string;
  port: number;
  pid: number | null;
  version: string;
}

/** Two servers and the settings that reach them; `stop()` ends only what this call started. */
export interface LocalPair extends AsyncDisposable {
  origin: ServerOrigin;
  /** Null when settings name servers that Tandem did not start. */
  servers: Record<SourceName, LocalServer> | null;
  /** `AZURE_DB_HOST` … `GCP_DB_SSL_CA`; empty when the settings were given. */
  env: Record<string, string>;
  owned: boolean;
  stop(): Promise<void>;
}

export type ProgressEvent =
  | { kind: 'skipped'; origin: ServerOrigin; why: string }
  | { kind: 'origin'; origin: ServerOrigin; what: string }
  | { kind: 'waiting'; pid: number }
  | { kind: 'fetch'; what: string; done: number; total: number }
  | { kind: 'unpack'; what: string; done: number; total: number }
  | { kind: 'initialize'; what: string }
  | { kind: 'port'; source: SourceName; wanted: number; used: number }
  | { kind: 'start'; source: SourceName; port: number }
  | { kind: 'ready'; source: SourceName; port: number; version: string; ms: number }
  | { kind: 'exited'; source: SourceName; log: string };

export type ReportProgress = (event: ProgressEvent) => void;

export interface LocalOptions {
  /** Data, keys, passwords and the record of a pair; `<project root>/.tandem` by default. */
  home?: string;
  /** Unpacked servers and empty data directories; `$XDG_CACHE_HOME/tandem` by default. */
  cache?: string;
  env?: NodeJS.ProcessEnv;
  report?: ReportProgress;
  /** True: the servers outlive this process, until `stopLocal`. */
  detached?: boolean;
  /** Restricts the order; `TANDEM_LOCAL_ORIGIN` (comma-separated) does the same. */
  origins?: readonly ServerOrigin[];
  /** Options of mysqld for servers that are started, after all others. */
  mysqldOptions?: readonly string[];
}

/** A server program, ready to be started with `commandLine`. */
export type Program = {
  origin: ProgramOrigin;
  version: string;
} & (
  | {
      kind: 'native';
      /** The executable and what always comes first: for an unpacked copy, its own loader. */
      command: readonly string[];
      /** `--basedir`, when the program was moved and cannot find its files itself. */
      basedir?: string;
    }
  | { kind: 'docker'; client: string; image: string }
);
