import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { DatabaseConfig } from '../../src/config/groups/database.ts';
import { migrateUp } from '../../src/migrator/up.ts';
import { perSource, type SourceName, sourceNames } from '../../src/source-name.ts';
import { copyTemplate } from './database-template.ts';
import { connect, passwordOf } from './driver.ts';
import type { ServerPair } from './global-setup.ts';

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
  operationTimeoutMs: 30_000,
  requestsPerMinute: 0,
} as const;

/** A database of its own in each cloud, under one name, dropped at the end. */
export interface TestDatabases extends AsyncDisposable {
  readonly config: Config;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** How tables come into a new database: by a copy of the run's template, by the migrations themselves, or not at all. */
type Migrated = boolean | 'by migrations';

export async function createDatabases({
  migrated = true,
  statements = [],
}: {
  readonly migrated?: Migrated;
  /** Run by the migrator account in each, one after the other: the tables of entities that a test brings, and their rows. */
  readonly statements?: readonly string[];
} = {}): Promise<TestDatabases> {
  const dbName = inject('databasePrefix') + randomBytes(4).toString('hex');
  const { databases: servers } = serverPair();
  const databases = perSource((name): DatabaseConfig => ({ ...servers[name], name: dbName }));
  const onBoth = (work: (name: SourceName) => Promise<unknown>) => Promise.all(sourceNames.map(work));
  await onBoth((name) => asMigrator(servers[name], [`create database ${dbName}`]));
  if (migrated === true) await onBoth((name) => copyTemplate(name, databases[name], pool));
  else if (migrated !== false) await onBoth((name) => migrateUp(name, databases[name], pool));
  if (statements.length > 0) await onBoth((name) => asMigrator(databases[name], statements));
  return {
    config: testConfig(databases),
    async [Symbol.asyncDispose]() {
      await onBoth((name) => asMigrator(servers[name], [`drop database ${dbName}`]));
    },
  };
}

/** The servers of this worker: each has a pair of its own, since an account may have 20 sessions on each. */
export function serverPair(): ServerPair {
  const pairs = inject('pairs');
  const pair = pairs[(Number(process.env.VITEST_POOL_ID ?? 1) - 1) % pairs.length];
  if (pair === undefined)
    throw new Error('This run was planned without servers: see tests/helpers/run-plan.ts.');
  return pair;
}

export function testConfig(databases: Record<SourceName, DatabaseConfig>): Config {
  return {
    introspection: true,
    sandbox: true,
    server: {
      host: '127.0.0.1',
      allowedHosts: [],
      port: 0,
      maxConnections: 1000,
      processes: 1,
      readyWhen: 'any',
      shutdownDelayMs: 0,
      shutdownTimeoutMs: 10_000,
    },
    logLevel: 'silent',
    auth: { mode: 'open', issuers: [], leewayMs: 30_000 },
    observability: { metrics: 'on', slowStatementMs: 500 },
    // What is about this deadline names it: a machine that is busy must not make a caller give up.
    pool: { ...pool, acquireTimeoutMs: 20_000 },
    limits,
    databases,
  };
}

/** Runs statements in one session of the migrator account, past Tandem: DDL, and changes of rows as another program makes them. */
export async function asMigrator(database: DatabaseConfig, statements: readonly string[]): Promise<void> {
  const connection = await connect(database, database.migrator);
  try {
    for (const sql of statements) await connection.query(sql);
  } finally {
    await connection.end();
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
        SSL_CA: serverPair().caFiles[name],
      };
      return Object.entries(values).map(([key, value]) => [`${name}_DB_${key}`, value]);
    }),
  );
}
