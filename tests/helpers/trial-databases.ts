import type { CatalogueConnection } from '../../src/information-schema/catalogue-connection.ts';
import { connect } from './driver.ts';
import { type OwnServer, startOwnServer } from './own-server.ts';

/** Databases of one server for schemas that are made, compared and mended; each has a connection of its own. */
export interface TrialDatabases extends AsyncDisposable {
  readonly server: OwnServer;
  /** An empty database of this name, whatever it held before, with these statements run in it. */
  fresh(name: string, statements: readonly string[]): Promise<CatalogueConnection>;
}

export async function startTrialDatabases(made: readonly string[] = []): Promise<TrialDatabases> {
  const server = await startOwnServer({ made });
  // `fresh` gives each name one connection, which outlives its database.
  const connections = new Map<string, Awaited<ReturnType<typeof connect>>>();
  return {
    server,
    async fresh(name, statements) {
      const connection = connections.get(name) ?? (await connect(server.config, server.admin));
      connections.set(name, connection);
      await connection.query('set sql_mode = default');
      for (const sql of [
        `drop database if exists ${name}`,
        `create database ${name}`,
        `use ${name}`,
        ...statements,
      ])
        await connection.query(sql).catch((error) => {
          throw new Error(`${error.message} in ${sql}`);
        });
      return { execute: async <T>(sql: string) => (await connection.query(sql))[0] as T };
    },
    async [Symbol.asyncDispose]() {
      for (const connection of connections.values()) connection.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}
