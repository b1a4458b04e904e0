import { readFileSync } from 'node:fs';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { createDatabases, type TestDatabases } from './databases.ts';
import { connect } from './driver.ts';
import { type ServerOptions, startServer, type TestServer } from './server.ts';

/** The tables of the types of columns. */
export const typesTables = readFileSync(new URL('../fixtures/sakila/tables.sql', import.meta.url), 'utf8')
  .split(/;\s*\n/)
  .filter((statement) => statement.trim() !== '');

/** A server on the tables of tests/fixtures/sakila, with a way to their databases beside it. */
export interface SakilaServer extends TestServer {
  readonly config: TestDatabases['config'];
  /** Runs SQL on one source as the owner of its tables. */
  sql(source: SourceName, text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Runs statements on one connection, without a look at foreign keys. */
  fill(
    source: SourceName,
    inserts: readonly (readonly [sql: string, values: readonly unknown[]])[],
  ): Promise<void>;
}

interface SakilaOptions extends ServerOptions {
  /** Whether an operation may read as many whole tables as it likes. */
  readonly lavish?: boolean;
}

/**
 * Starts it on fresh databases of both sources. The test's file has to replace the entities:
 * `vi.mock('../../src/entities/index.ts', () => import('../fixtures/sakila/entities.ts'));`
 */
export async function startSakila({ lavish = false, ...options }: SakilaOptions = {}): Promise<SakilaServer> {
  const databases = await createDatabases({ migrated: false, statements: typesTables });
  const asOwner = (source: SourceName) => {
    const database = databases.config.databases[source];
    return connect(database, database.migrator);
  };
  const owners = { AZURE: await asOwner('AZURE'), GCP: await asOwner('GCP') };
  const sql: SakilaServer['sql'] = async (source, text, values = []) => {
    const [rows] = await owners[source].query(text, values as unknown[]);
    return rows as Record<string, unknown>[];
  };
  const { limits } = databases.config;
  const unlimited = { ...limits, cost: 10_000_000, rootFields: 500, aliases: 500, tokens: 100_000 };
  const config = lavish ? { ...databases.config, limits: unlimited } : databases.config;
  const server = await startServer(config, options);
  return {
    ...server,
    config: databases.config,
    sql,
    async fill(source, inserts) {
      const connection = await asOwner(source);
      await connection.query('set foreign_key_checks = 0');
      await connection.beginTransaction();
      for (const [text, values] of inserts) await connection.query(text, values as unknown[]);
      await connection.commit();
      await connection.end();
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      for (const source of sourceNames) await owners[source].end();
      await databases[Symbol.asyncDispose]();
    },
  };
}
