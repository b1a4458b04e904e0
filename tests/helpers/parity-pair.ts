import type { Connection } from 'mysql2/promise';
import { openParityClient } from '../../src/parity/client.ts';
import type { ParityClients } from '../../src/parity/on-both.ts';
import type { TableParity } from '../../src/parity/report.ts';
import { perSource, type SourceName, sourceNames } from '../../src/source-name.ts';
import { createDatabases, type TestDatabases } from './databases.ts';
import { connect } from './driver.ts';
import type { Plant } from './parity-plants.ts';

/** Two empty databases, with what compares them and with a connection for a test's own statements on each. */
export interface ParityPair extends AsyncDisposable {
  readonly config: TestDatabases['config'];
  readonly clients: ParityClients;
  run(statements: readonly string[], sources?: readonly SourceName[]): Promise<void>;
  rows(source: SourceName, sql: string): Promise<Record<string, unknown>[]>;
  plant(plant: Plant, table: string): Promise<void>;
}

export async function createParityPair(): Promise<ParityPair> {
  const databases = await createDatabases({ migrated: false });
  const { config } = databases;
  const open = (source: SourceName) => openParityClient(source, config);
  const clients = { AZURE: await open('AZURE'), GCP: await open('GCP') };
  const direct = (source: SourceName) => {
    const database = config.databases[source];
    return connect(database, database.migrator, { charset: 'utf8mb4', dateStrings: true });
  };
  const connections: Record<SourceName, Connection> = {
    AZURE: await direct('AZURE'),
    GCP: await direct('GCP'),
  };
  const runOn = async (source: SourceName, statements: readonly string[]) => {
    for (const sql of statements)
      await connections[source].query(sql).catch((error) => {
        throw new Error(`${error.message} in ${sql} on ${source}`);
      });
  };
  const run = async (statements: readonly string[], sources: readonly SourceName[] = sourceNames) => {
    await Promise.all(sources.map((source) => runOn(source, statements)));
  };
  await run(["set session sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'"]);
  return {
    config,
    clients,
    run,
    rows: async (source, sql) => (await connections[source].query(sql))[0] as Record<string, unknown>[],
    async plant({ make, both = [], azure = [], gcp = [] }, table) {
      const named = (statements: readonly string[]) =>
        statements.map((sql) => sql.replaceAll(/\bT\b/g, table));
      const makes = typeof make === 'string' ? perSource(() => make) : make;
      const own = { AZURE: azure, GCP: gcp };
      await Promise.all(
        sourceNames.map((source) => runOn(source, named([makes[source], ...both, ...own[source]]))),
      );
    },
    async [Symbol.asyncDispose]() {
      for (const source of sourceNames) {
        connections[source].destroy();
        await clients[source][Symbol.asyncDispose]();
      }
      await databases[Symbol.asyncDispose]();
    },
  };
}

/** Rows as `parity-plants` names them, sorted. */
export const plantedRowsIn = ({ differences }: TableParity) =>
  differences
    .map(({ kind, key, columns }) => [
      kind,
      key === null
        ? null
        : Object.entries(key)
            .map(([name, value]) => `${name}=${value}`)
            .join(' '),
      columns.join(','),
    ])
    .sort();
