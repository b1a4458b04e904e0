import { MikroORM } from '@mikro-orm/mysql';
import type { TestProject } from 'vitest/node';
import { type DatabaseConfig, loadConfig } from '../../src/config.ts';
import { ensureLocal } from '../../src/local/local.ts';
import { describeProgress } from '../../src/local/progress.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { ormOptions } from '../../src/sources/orm-options.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databases: Record<SourceName, DatabaseConfig>;
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
  const { databases, pool } = loadConfig({ ...process.env, ...pair.env }, '/nonexistent');
  project.provide('databases', databases);

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
      const sessions = await orm.em.execute<{ user: string; db: string | null }[]>(
        'select user, db from information_schema.processlist where id <> connection_id() and db like ?',
        [`${prefix}%`],
      );
      leaks.push(...sessions.map(({ user, db }) => `${name}: a session of ${user} on ${db}`));
      await orm.close(true);
    }
    await pair.stop();
    if (leaks.length > 0) throw new Error(`The tests left behind:\n  ${leaks.join('\n  ')}`);
  };
}
