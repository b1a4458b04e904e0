import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { SourceName } from '../source-name.ts';

/** The files of one server. */
export interface ServerPaths {
  dir: string;
  data: string;
  tmp: string;
  log: string;
  pidFile: string;
  /** Accounts and grants; exists only while the server starts, for it holds passwords. */
  initFile: string;
  /** Which flavour and version wrote the data. */
  mark: string;
}

/** The files of one pair. */
export interface HomePaths {
  home: string;
  env: string;
  record: string;
  lock: string;
  tls: string;
  server(source: SourceName): ServerPaths;
}

export function homePaths(home: string): HomePaths {
  const at = resolve(home);
  return {
    home: at,
    env: join(at, 'local.env'),
    record: join(at, 'local.json'),
    lock: join(at, 'lock'),
    tls: join(at, 'tls'),
    server: (source) => serverPaths(join(at, source.toLowerCase())),
  };
}

function serverPaths(dir: string): ServerPaths {
  return {
    dir,
    data: join(dir, 'data'),
    tmp: join(dir, 'tmp'),
    log: join(dir, 'error.log'),
    pidFile: join(dir, 'mysqld.pid'),
    initFile: join(dir, 'accounts.sql'),
    mark: join(dir, 'made-by.json'),
  };
}

/** `<project root>/.tandem`, wherever the command was run from. */
export function defaultHome(): string {
  return join(projectRoot(import.meta.dirname), '.tandem');
}

export function defaultCache(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'tandem');
}

function projectRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const up = dirname(from);
  return up === from ? process.cwd() : projectRoot(up);
}
