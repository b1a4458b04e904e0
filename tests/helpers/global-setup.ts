import { MikroORM } from '@mikro-orm/mysql';
import type { TestProject } from 'vitest/node';
import { type Account, type DatabaseConfig, loadConfig, type PoolConfig } from '../../src/config.ts';
import { ensureLocal } from '../../src/local/local.ts';
import { describeProgress } from '../../src/local/progress.ts';
import { perSource, type SourceName, sourceNames } from '../../src/source-name.ts';
import { ormOptions } from '../../src/sources/orm-options.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databases: Record<SourceName, DatabaseConfig>;
    /** PEM files of the certificate authorities; empty where Node's own are used. */
    caFiles: Record<SourceName, string>;
  }
}

/** Databases of the tests are called so; the accounts of `src/local` may create and drop them. */
export const testDatabasePrefix = 'tandem_test_';

/**
 * Brings up both servers for the run, and looks afterwards whether a test left a database or a session
 * behind. Settings are taken from the environment alone: a `.env` may name databases that matter to somebody.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const pair = await ensureLocal({
    report: (event) => {
      if (event.kind !== 'skipped' && event.kind !== 'start') console.error(describeProgress(event));
    },
  });
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
      const prefix = testDatabasePrefix.replaceAll('_', String.raw`\_`);
      const left = await orm.em.execute<{ name: string }[]>(
        'select schema_name as name from information_schema.schemata where schema_name like ?',
        [`${prefix}%`],
      );
      leaks.push(...left.map((row) => `${name}: database ${row.name}`));
      for (const row of left) await orm.em.execute(`drop database \`${row.name}\``);
      await orm.close(true);
      for (const account of [databases[name].runtime, databases[name].migrator]) {
        leaks.push(...(await sessionsOf(account, name, databases[name], pool)));
      }
    }
    await pair.stop();
    if (leaks.length > 0) throw new Error(`The tests left behind:\n  ${leaks.join('\n  ')}`);
  };
}

/** Sessions that an account has besides the one that asks: an account sees its own only. */
async function sessionsOf(account: Account, name: SourceName, database: DatabaseConfig, pool: PoolConfig) {
  const orm = await MikroORM.init(ormOptions(name, database, account, pool));
  const sessions = await orm.em.execute<{ user: string; db: string | null }[]>(
    'select user, db from information_schema.processlist where id <> connection_id() and db like ?',
    [`${testDatabasePrefix.replaceAll('_', String.raw`\_`)}%`],
  );
  await orm.close(true);
  return sessions.map(({ user, db }) => `${name}: a session of ${user} on ${db}`);
}
