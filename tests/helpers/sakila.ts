import { readFileSync } from 'node:fs';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { createDatabases } from './databases.ts';
import { connect } from './driver.ts';
import { type ServerOptions, startServer, type TestServer } from './server.ts';

/** A server on the tables of tests/fixtures/sakila, with a way to their databases beside it. */
export interface SakilaServer extends TestServer {
  /** Runs SQL on one source as the owner of its tables. */
  sql(source: SourceName, text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
}

/**
 * Starts it on fresh databases of both sources. The test's file has to replace the entities:
 * `vi.mock('../../src/entities/index.ts', () => import('../fixtures/sakila/entities.ts'));`
 */
export async function startSakila(options: ServerOptions = {}): Promise<SakilaServer> {
  const databases = await createDatabases();
  const sql: SakilaServer['sql'] = async (source, text, values = []) => {
    const database = databases.config.databases[source];
    const connection = await connect(database, database.migrator);
    try {
      const [rows] = await connection.query(text, values as unknown[]);
      return rows as Record<string, unknown>[];
    } finally {
      await connection.end();
    }
  };
  const statements = readFileSync(new URL('../fixtures/sakila/tables.sql', import.meta.url), 'utf8').split(
    /;\s*\n/,
  );
  for (const statement of statements.filter((each) => each.trim() !== '')) {
    await Promise.all(sourceNames.map((name) => sql(name, statement)));
  }
  const server = await startServer(databases.config, options);
  return {
    ...server,
    sql,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await databases[Symbol.asyncDispose]();
    },
  };
}
