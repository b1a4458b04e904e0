import { installTrail } from '../../src/audit/install.ts';
import type { Config } from '../../src/config/config.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { createDatabases } from './databases.ts';
import { connect } from './driver.ts';

/** Databases of a test with an audit trail beside them. */
export interface AuditedDatabases extends AsyncDisposable {
  readonly config: Config & { readonly audit: { readonly database: string } };
  /** Runs a statement on the trail of a source, with the migrator's account. */
  sql<R extends object = Record<string, unknown>>(
    source: SourceName,
    statement: string,
    values?: unknown[],
  ): Promise<R[]>;
}

/** @param options those of `createDatabases` */
export async function createAuditedDatabases(
  options?: Parameters<typeof createDatabases>[0],
): Promise<AuditedDatabases> {
  const databases = await createDatabases(options);
  const database = `tandem_audit_${databases.config.databases.AZURE.name}`;
  const config = { ...databases.config, audit: { database } };
  const sql = async <R extends object>(source: SourceName, statement: string, values: unknown[] = []) => {
    const { [source]: server } = config.databases;
    const connection = await connect({ ...server, name: 'information_schema' }, server.migrator);
    try {
      const [rows] = await connection.query(
        statement.replaceAll('TRAIL', `\`${database}\`.tandem_audit`),
        values,
      );
      return rows as unknown as R[];
    } finally {
      await connection.end();
    }
  };
  for (const source of sourceNames) {
    await sql(source, `create database \`${database}\``);
    await installTrail(source, config, database);
  }
  return {
    config,
    sql,
    async [Symbol.asyncDispose]() {
      for (const source of sourceNames) await sql(source, `drop database \`${database}\``);
      await databases[Symbol.asyncDispose]();
    },
  };
}
