import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { RowDataPacket } from 'mysql2/promise';
import type { TestProject } from 'vitest/node';
import { loadConfig } from '../../src/config/config.ts';
import type { DatabaseConfig } from '../../src/config/groups/database.ts';
import { ensureLocal } from '../../src/local/local-pair.ts';
import { describeProgress } from '../../src/local/progress.ts';
import type { ServerOrigin } from '../../src/local/types.ts';
import { perSource, type SourceName, sourceNames } from '../../src/source-name.ts';
import { build } from './build.ts';
import { makeDataFolder } from './data-folder.ts';
import { connect } from './driver.ts';
import { hasty } from './hasty-mysqld-options.ts';
import { planOf } from './run-plan.ts';

/** Two servers, one for each cloud. */
export interface ServerPair {
  readonly databases: Record<SourceName, DatabaseConfig>;
  /** PEM files of the certificate authorities; empty where Node's own are used. */
  readonly caFiles: Record<SourceName, string>;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** One pair a worker. */
    pairs: readonly ServerPair[];
    /** What the names of this run's databases begin with. */
    databasePrefix: string;
    /** The folder of what was compiled for this run. */
    build: string;
    /** Where the servers come from; and how much of it was fetched, where it was not there. */
    local: { servers: ServerOrigin | null; fetched: { done: number; total: number } | null };
  }
}

/**
 * Says what the run will do. Then it brings up a pair of servers for each worker, in folders of their own so that a demo
 * or another run is not disturbed, compiles what tests start as processes, and looks afterwards whether a test left a
 * database or a session behind. Settings are taken from the environment alone: a `.env` may name databases that matter
 * to somebody.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const plan = await planOf(project.vitest);
  console.error(plan.text);
  // The accounts of `src/local` may create and drop databases with this prefix.
  const prefix = `tandem_test_${randomBytes(4).toString('hex')}_`;
  const compiling = plan.pairs > 0 ? build() : undefined;
  const pairs = await bringUp(plan.pairs);
  const compiled = await compiling;
  project.provide('databasePrefix', prefix);
  project.provide('build', compiled?.folder ?? '');
  project.provide('local', { servers: pairs[0]?.origin ?? null, fetched });
  project.provide(
    'pairs',
    pairs.map(({ databases, caFiles }) => ({ databases, caFiles })),
  );

  return async () => {
    const leaks = (await Promise.all(pairs.map(({ databases }) => leftIn(databases, prefix)))).flat();
    await Promise.all(pairs.map((pair) => pair.stop()));
    await compiled?.[Symbol.asyncDispose]();
    if (leaks.length > 0) throw new Error(`The tests left behind:\n  ${leaks.join('\n  ')}`);
  };
}

let fetched: { done: number; total: number } | null = null;

async function bringUp(count: number) {
  if (count === 0) return [];
  // It may have to fetch the program; those that follow have it then.
  const first = await bringUpPair(0);
  const others = Array.from({ length: count - 1 }, (_, at) => bringUpPair(at + 1));
  return [first, ...(await Promise.all(others))];
}

async function bringUpPair(number: number) {
  const home = makeDataFolder('tests');
  const pair = await ensureLocal({
    home,
    mysqldOptions: hasty,
    report: (event) => {
      if (event.kind === 'fetch') fetched = { done: event.done, total: event.total };
      if (event.kind !== 'skipped' && event.kind !== 'start' && number === 0)
        console.error(describeProgress(event));
    },
  });
  const environment = { ...process.env, ...pair.env };
  return {
    origin: pair.origin,
    databases: loadConfig(environment, '/nonexistent').databases,
    caFiles: perSource((name) => environment[`${name}_DB_SSL_CA`] ?? ''),
    async stop() {
      await pair.stop();
      await rm(home, { recursive: true });
    },
  };
}

/** Databases and sessions that tests left on a pair; the databases are dropped. */
async function leftIn(databases: Record<SourceName, DatabaseConfig>, prefix: string): Promise<string[]> {
  const leaks: string[] = [];
  for (const name of sourceNames) {
    const { migrator, runtime } = databases[name];
    const connection = await connect(databases[name], migrator);
    const [left] = await connection.query<RowDataPacket[]>(
      'select schema_name as name from information_schema.schemata where left(schema_name, ?) = ?',
      [prefix.length, prefix],
    );
    for (const row of left) {
      if (row.name !== `${prefix}template`) leaks.push(`${name}: database ${row.name}`);
      await connection.query(`drop database \`${row.name}\``);
    }
    await connection.end();
    for (const account of [runtime, migrator]) {
      const connection = await connect(databases[name], account);
      // An account sees its own sessions only.
      const [sessions] = await connection.query<RowDataPacket[]>(
        'select user, db from information_schema.processlist where id <> connection_id() and left(db, ?) = ?',
        [prefix.length, prefix],
      );
      leaks.push(
        ...sessions.map(({ USER, DB, user, db }) => `${name}: a session of ${user ?? USER} on ${db ?? DB}`),
      );
      await connection.end();
    }
  }
  return leaks;
}
