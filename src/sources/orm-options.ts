import { fileURLToPath } from 'node:url';
import type { MetadataStorage, Platform } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig } from '@mikro-orm/mysql';
import { CompiledQuery, type DatabaseConnection } from 'kysely';
import type { Account, DatabaseConfig } from '../config/groups/database.ts';
import type { PoolConfig } from '../config/groups/pool.ts';
import { entities } from '../entities/index.ts';
import { historyTable, ownTables } from '../information-schema/own-tables.ts';
import type { SourceName } from '../source-name.ts';
import { BindingDriver } from './binding-driver.ts';
import { keepDecimals } from './decimal-defaults.ts';
import { escapeTexts } from './escape-defaults.ts';
import { partForeignKeys } from './foreign-key-columns.ts';
import { dropMadeKeys } from './keyless-entities.ts';
import { notFromEnvironment } from './orm-environment.ts';
import { tokenLogin } from './pool/clear-password.ts';
import { passwordsOf } from './pool/passwords.ts';
import { setStatement } from './pool/session-settings.ts';
import { tlsOptions } from './pool/tls-options.ts';

/**
 * One source's MikroORM options: the only place where they are made, for the server as for the official CLI.
 *
 * Everything that MikroORM would otherwise fill from `MIKRO_ORM_*` is set: such a variable would apply to both clouds at
 * once, and some of them print rows, or change what is written.
 */
export function ormOptions(name: SourceName, database: DatabaseConfig, account: Account, pool: PoolConfig) {
  const folder = name.toLowerCase();
  return defineConfig({
    ...notFromEnvironment,
    contextName: folder,
    driver: BindingDriver,
    entities: [...entities],
    discovery: { ...notFromEnvironment.discovery, afterDiscovered: prepareMetadata },
    extensions: [Migrator],
    host: database.host,
    port: database.port,
    dbName: database.name,
    user: account.user,
    password: passwordFor(account, pool),
    charset: 'utf8mb4',
    // The administrator creates the database; migrations alone create tables.
    ensureDatabase: false,
    pool: { min: 0, max: pool.max },
    onCreateConnection: async (connection) => {
      await (connection as DatabaseConnection).executeQuery(CompiledQuery.raw(setStatement()));
    },
    driverOptions: {
      connectTimeout: pool.connectTimeoutMs,
      idleTimeout: pool.idleTimeoutMs,
      // mysql2 closes idle connections only while maxIdle is below the limit.
      maxIdle: pool.max - 1,
      gracefulEnd: true,
      enableKeepAlive: true,
      // 5 s instead of the system's hours: half-open idle connections are noticed.
      keepAliveInitialDelay: 5000,
      ssl: tlsOptions(database),
      ...tokenLogin(account),
    },
    // No entity's, and not for the schema generator to drop.
    schemaGenerator: {
      ...notFromEnvironment.schemaGenerator,
      skipTables: ownTables.filter((name) => name !== historyTable),
    },
    migrations: {
      ...notFromEnvironment.migrations,
      path: fileURLToPath(new URL(`../../migrations/${folder}`, import.meta.url)),
      snapshotName: '.snapshot',
      // The snapshot belongs to `migration:create`; running migrations must not rewrite a tracked file.
      snapshotOnMigrate: false,
      // MySQL commits after each DDL statement anyway, and a backfill in batches is to let go of each batch's rows.
      transactional: false,
      emit: 'ts',
    },
  });
}

/** Brings the metadata that MikroORM has found into the form that Tandem needs. */
function prepareMetadata(storage: MetadataStorage, platform: Platform): void {
  escapeTexts(storage, platform);
  partForeignKeys(storage, platform);
  keepDecimals(platform);
  dropMadeKeys(storage);
}

/** As MikroORM wants it: a command is asked for each connection. */
function passwordFor(account: Account, { connectTimeoutMs }: PoolConfig): string | (() => Promise<string>) {
  if (typeof account.password === 'string') return account.password;
  const passwords = passwordsOf(account, connectTimeoutMs);
  return async () => (await passwords.get(connectTimeoutMs)).password;
}
