import type { Connection } from 'mysql2/promise';
import { openParityClient } from '../../src/parity/client.ts';
import type { ParityClients } from '../../src/parity/on-both.ts';
import type { TableParity } from '../../src/parity/report.ts';
import { perSource, type SourceName, sourceNames } from '../../src/source-name.ts';
import { createDatabases, environmentOf, type TestDatabases } from './databases.ts';
import { connect } from './driver.ts';
import { hasNativeServer } from './local-home.ts';
import { startOwnServer } from './own-server.ts';
import type { Plant } from './parity-plants.ts';

/** Two empty databases, with what compares them and with a connection for a test's own statements on each. */
export interface ParityPair extends AsyncDisposable {
  readonly config: TestDatabases['config'];
  readonly clients: ParityClients;
  /** The settings of a command. */
  readonly settings: Record<string, string>;
  run(statements: readonly string[], sources?: readonly SourceName[]): Promise<void>;
  rows(source: SourceName, sql: string): Promise<Record<string, unknown>[]>;
  plant(plant: Plant, table: string): Promise<void>;
}

/**
 * Settings of a server that a comparison must not depend on. With them on one side, what is equal is equal all the same. Plants need
 * room for 16 MB, and tables without a key.
 */
const unlikeSettings = [
  '--sql-mode=ANSI,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE,REAL_AS_FLOAT,TIME_TRUNCATE_FRACTIONAL',
  '--default-time-zone=+05:45',
  '--character-set-server=latin1',
  '--group-concat-max-len=4',
  '--max-allowed-packet=40M',
  '--div-precision-increment=0',
  '--default-week-format=3',
  '--transaction-isolation=SERIALIZABLE',
  '--max-sort-length=4',
  '--max-execution-time=1',
  '--innodb-autoinc-lock-mode=0',
  '--auto-increment-increment=3',
  '--explicit-defaults-for-timestamp=OFF',
  '--range-optimizer-max-mem-size=1536',
  '--eq-range-index-dive-limit=1',
  '--tmp-table-size=1024',
  '--sort-buffer-size=32768',
];
/** Of the data itself; making it takes seconds. */
const unlikeData = ['--lower-case-table-names=1'];

/** @param unlike whether GCP is a server of its own, whose settings are others */
export async function createParityPair({ unlike = false } = {}): Promise<ParityPair> {
  const databases = await createDatabases({ migrated: false });
  const isLong = process.env.TANDEM_LONG === '1';
  const own =
    unlike && (await hasNativeServer())
      ? await startOwnServer({ more: unlikeSettings, made: isLong ? unlikeData : [] })
      : undefined;
  const config =
    own === undefined
      ? databases.config
      : { ...databases.config, databases: { ...databases.config.databases, GCP: own.config } };
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
  await run([
    "set session sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00', div_precision_increment = 4, max_execution_time = 0, explicit_defaults_for_timestamp = 1",
  ]);
  const settings = environmentOf(config);
  return {
    config,
    clients,
    settings: own === undefined ? settings : { ...settings, GCP_DB_SSL_CA: own.files.ca },
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
      await own?.[Symbol.asyncDispose]();
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
