import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultCache } from '../../src/local/home.ts';
import { resetLocal } from '../../src/local/local-pair.ts';
import { findProgram } from '../../src/local/origins/order.ts';
import type { LocalOptions, LocalPair, ServerOrigin } from '../../src/local/types.ts';
import type { SourceName } from '../../src/source-name.ts';
import { built } from './run-command-line.ts';

/** Servers with a pid on this machine, which these tests kill and freeze; containers have none. */
export const NATIVE: readonly ServerOrigin[] = ['recorded', 'mysqld', 'debian'];

/** False where the only server is in a container: there is nothing then to kill and freeze. */
export async function hasNativeServer(): Promise<boolean> {
  const search = { env: process.env, cache: defaultCache(process.env), report: () => {} };
  return findProgram(NATIVE, search).then(
    () => true,
    () => false,
  );
}

/** A home of its own, gone afterwards with its servers. */
export interface TestHome extends AsyncDisposable {
  home: string;
  options: LocalOptions;
}

export function testHome(suffix = ''): TestHome {
  const dir = mkdtempSync(join(tmpdir(), 'tandem-home-'));
  const home = join(dir, suffix);
  return {
    home,
    options: { home, origins: NATIVE },
    async [Symbol.asyncDispose]() {
      await resetLocal(home);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

interface Connection {
  query(sql: string): Promise<[Record<string, unknown>[], unknown]>;
  end(): Promise<void>;
  destroy(): void;
}

/** The driver that MikroORM brings, so that both always have the same version. */
const mysql = createRequire(import.meta.resolve('@mikro-orm/mysql'))('mysql2/promise') as {
  createConnection(options: object): Promise<Connection>;
};

/** Logs in as the application does: over TLS, with the authority and the host name checked. */
export function login(
  pair: Pick<LocalPair, 'env'>,
  source: SourceName,
  { as = 'runtime', ...options }: { as?: 'runtime' | 'migrator' } & Record<string, unknown> = {},
): Promise<Connection> {
  const of = (name: string) => pair.env[`${source}_DB_${name}`] ?? '';
  const account = as === 'migrator' ? 'MIGRATOR_' : '';
  return mysql.createConnection({
    host: of('HOST'),
    port: Number(of('PORT')),
    user: of(`${account}USER`),
    password: of(`${account}PASSWORD`),
    ssl: { ca: readFileSync(of('SSL_CA'), 'utf8'), verifyIdentity: true },
    ...options,
  });
}

export async function ask<T>(
  pair: Pick<LocalPair, 'env'>,
  source: SourceName,
  as: 'runtime' | 'migrator',
  sql: string,
): Promise<T[]> {
  const connection = await login(pair, source, { as });
  try {
    const [rows] = await connection.query(sql);
    return rows as T[];
  } finally {
    await connection.end();
  }
}

/** Pids of all processes that were started with this home in their arguments. */
export function processesOf(home: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && commandLine(pid).includes(`--datadir=${home}/`));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Waits for something to become true, and fails loudly if it does not. */
export async function until(what: string, condition: () => boolean, seconds = 10): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await sleep(25);
  }
}

/** Another process that brings up a home and then waits; its first line is the pair it got. */
export function spawnParent({ home, origins }: LocalOptions, env: NodeJS.ProcessEnv = process.env) {
  const code = `
    const { ensureLocal } = await import(${JSON.stringify(built('src/local/local-pair.ts'))});
    const pair = await ensureLocal(${JSON.stringify({ home, origins })});
    const { origin, owned, servers } = pair;
    console.log(JSON.stringify({ origin, owned, servers }));
    process.on('SIGINT', () => pair.stop().then(() => process.exit(0)));
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    // A process group of its own, as a shell gives to the command of a terminal.
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  const answer = new Promise<Pick<LocalPair, 'origin' | 'owned' | 'servers'>>((done, fail) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) done(JSON.parse(text));
    });
    child.on('exit', (code) => fail(new Error(`the other process ended with ${code}: ${text}`)));
  });
  return { child, answer };
}
