import type { Config } from '../config/config.ts';
import type { DatabaseConfig } from '../config/groups/database.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { parseGrants, rightsOn } from '../information-schema/grants.ts';
import { auditTables } from '../information-schema/own-tables.ts';
import type { SourceName } from '../source-name.ts';
import { quoteName } from '../sql/quote.ts';
import { openAuditClient } from './client.ts';
import { grantOf, sealerGrantsOf, tableStatements } from './tables.ts';

/** What an install came to on one source. */
export interface Installed {
  readonly source: SourceName;
  /** What an administrator has still to run; empty where all is done. */
  readonly statements: readonly string[];
  /** What the account of the server may do to the trail besides adding to it, each as a phrase; such a trail proves less. */
  readonly beyond: readonly string[];
}

/** All statements, for an administrator who runs them: database, tables, grants. */
export function installStatements(
  database: string,
  { runtime, migrator }: DatabaseConfig,
): readonly string[] {
  return [
    `create database if not exists ${quoteName(database)} character set utf8mb4`,
    ...tableStatements(database),
    grantOf(database, { user: runtime.user, host: '%' }),
    ...sealerGrantsOf(database, { user: migrator.user, host: '%' }),
  ];
}

/**
 * Makes the tables of the trail on one source with the migrator's account, and looks whether the account of the server may add rows
 * to it and do no more.
 *
 * @throws TandemError where the source does not answer
 */
export async function installTrail(source: SourceName, config: Config, database: string): Promise<Installed> {
  const { runtime } = config.databases[source];
  try {
    await using migrator = await openAuditClient(source, config, { database });
    for (const statement of tableStatements(database)) await migrator.run(statement);
  } catch (error) {
    // The database is not there, or the account may make no tables in it.
    if (!(error instanceof TandemError) || !denied.has(error.code)) throw error;
    return { source, statements: installStatements(database, config.databases[source]), beyond: [] };
  }
  await using server = await openAuditClient(source, config, { database, account: runtime });
  const lines = (await server.run<Record<string, string>[]>('show grants')).map(
    (row) => Object.values(row)[0] ?? '',
  );
  const { missing, beyond } = rightsOn(parseGrants(lines), {
    schema: database,
    tables: [auditTables.writes],
    needed: ['INSERT'],
    harmless: [],
  });
  const statements = missing.length === 0 ? [] : [grantOf(database, { user: runtime.user, host: '%' })];
  return { source, statements, beyond };
}

const denied: ReadonlySet<string> = new Set([
  'SOURCE_ACCESS_DENIED',
  'SCHEMA_OUTDATED',
  'SOURCE_UNAVAILABLE',
]);
