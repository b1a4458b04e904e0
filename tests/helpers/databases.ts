import { randomBytes } from 'node:crypto';
import { MikroORM } from '@mikro-orm/mysql';
import { inject } from 'vitest';
import type { Config, DatabaseConfig } from '../../src/config.ts';
import { migrateUp } from '../../src/migrator/up.ts';
import { perSource, type SourceName, sourceNames } from '../../src/source-name.ts';
import { ormOptions } from '../../src/sources/orm-options.ts';
import { passwordOf } from './driver.ts';

export const pool = {
  max: 20,
  min: 0,
  queueMax: 1000,
  connectTimeoutMs: 3000,
  acquireTimeoutMs: 3000,
  idleTimeoutMs: 60_000,
  maxLifetimeMs: 1_800_000,
  validateAfterMs: 1000,
  statementTimeoutMs: 5000,
  transactionTimeoutMs: 15_000,
} as const;

export const limits = {
  tokens: 4000,
  depth: 16,
  aliases: 50,
  duplicates: 20,
  directives: 50,
  rootFields: 20,
  cost: 100_000,
  requestsPerMinute: 0,
} as const;

/** A database of its own in each cloud, under one name, dropped at the end. */
export interface TestDatabases extends AsyncDisposable {
  readonly config: Config;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export async function createDatabases({ migrated = true } = {}): Promise<TestDatabases> {
  const dbName = inject('databasePrefix') + randomBytes(4).toString('hex');
  const servers = inject('databases');
  const databases = perSource((name): DatabaseConfig => ({ ...servers[name], name: dbName }));
  for (const name of sourceNames) await asMigrator(name, servers[name], `create database ${dbName}`);
  if (migrated) await Promise.all(sourceNames.map((name) => migrateUp(name, databases[name], pool)));
  return {
    config: testConfig(databases),
    async [Symbol.asyncDispose]() {
      for (const name of sourceNames) await asMigrator(name, servers[name], `drop database ${dbName}`);
    },
  };
}

export function testConfig(databases: Record<SourceName, DatabaseConfig>): Config {
  return {
    production: false,
    server: {
      host: '127.0.0.1',
      port: 0,
      processes: 1,
      readyWhen: 'any',
      shutdownDelayMs: 0,
      shutdownTimeoutMs: 10_000,
    },
    logLevel: 'silent',
    observability: { metrics: 'on', slowStatementMs: 500 },
    pool,
    limits,
    databases,
  };
}

/** One statement with the migrator account, such as DDL that the runtime account may not run. */
async function asMigrator<T = unknown>(
  name: SourceName,
  database: DatabaseConfig,
  sql: string,
  params: unknown[] = [],
): Promise<T> {
  const orm = await MikroORM.init(ormOptions(name, database, database.migrator, pool));
  try {
    return (await orm.em.execute(sql, params)) as T;
  } finally {
    await orm.close(true);
  }
}

/** The variables that a process of its own needs to reach these databases. */
export function environmentOf(config: Config): Record<string, string> {
  return Object.fromEntries(
    sourceNames.flatMap((name) => {
      const { host, port, name: dbName, runtime, migrator } = config.databases[name];
      const values = {
        HOST: host,
        PORT: String(port),
        NAME: dbName,
        USER: runtime.user,
        PASSWORD: passwordOf(runtime),
        MIGRATOR_USER: migrator.user,
        MIGRATOR_PASSWORD: passwordOf(migrator),
        SSL_CA: inject('caFiles')[name],
      };
      return Object.entries(values).map(([key, value]) => [`${name}_DB_${key}`, value]);
    }),
  );
}
