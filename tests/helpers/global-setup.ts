import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/mysql';
import type { TestProject } from 'vitest/node';
import { type DatabaseConfig, loadConfig } from '../../src/config.ts';
import { ensureLocal } from '../../src/local/local.ts';
import { describeProgress } from '../../src/local/progress.ts';
import { perSource, type SourceName, sourceNames } from '../../src/source-name.ts';
import { ormOptions } from '../../src/sources/orm-options.ts';
import { build } from './build.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databases: Record<SourceName, DatabaseConfig>;
    /** What the names of this run's databases begin with. */
    databasePrefix: string;
    /** PEM files of the certificate authorities; empty where Node's own are used. */
    caFiles: Record<SourceName, string>;
    /** The folder of what was compiled for this run. */
    build: string;
  }
}

/**
 * Brings up both servers for the run, in a folder of its own so that a demo or another run is not disturbed,
 * compiles what tests start as processes, and looks afterwards whether a test left a database or a session behind. Settings are taken from the
 * environment alone: a `.env` may name databases that matter to somebody.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(tmpdir(), 'tandem-tests-'));
  const compiling = build();
  const pair = await ensureLocal({
    home,
    report: (event) => {
      if (event.kind !== 'skipped' && event.kind !== 'start') console.error(describeProgress(event));
    },
  });
  // The accounts of `src/local` may create and drop databases with this prefix.
  const prefix = `tandem_test_${randomBytes(4).toString('hex')}_`;
  project.provide('databasePrefix', prefix);
  const compiled = await compiling;
  project.provide('build', compiled.folder);
  const environment = { ...process.env, ...pair.env };
  const { databases, pool } = loadConfig(environment, '/nonexistent');
  project.provide('databases', databases);
  project.provide(
    'caFiles',
    perSource((name) => environment[`${name}_DB_SSL_CA`] ?? ''),
  );

  return async () => {
    const leaks: string[] = [];
    for (const name of sourceNames) {
      const orm = await MikroORM.init(ormOptions(name, databases[name], databases[name].migrator, pool));
      const left = await orm.em.execute<{ name: string }[]>(
        'select schema_name as name from information_schema.schemata where left(schema_name, ?) = ?',
        [prefix.length, prefix],
      );
      leaks.push(...left.map((row) => `${name}: database ${row.name}`));
      for (const row of left) await orm.em.execute(`drop database \`${row.name}\``);
      await orm.close(true);
      for (const account of [databases[name].runtime, databases[name].migrator]) {
        const orm = await MikroORM.init(ormOptions(name, databases[name], account, pool));
        // An account sees its own sessions only.
        const sessions = await orm.em.execute<{ user: string; db: string }[]>(
          'select user, db from information_schema.processlist where id <> connection_id() and left(db, ?) = ?',
          [prefix.length, prefix],
        );
        leaks.push(...sessions.map(({ user, db }) => `${name}: a session of ${user} on ${db}`));
        await orm.close(true);
      }
    }
    await pair.stop();
    await compiled[Symbol.asyncDispose]();
    await rm(home, { recursive: true });
    if (leaks.length > 0) throw new Error(`The tests left behind:\n  ${leaks.join('\n  ')}`);
  };
}
