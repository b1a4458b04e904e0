import type { Config } from '../config/config.ts';
import type { Account, DatabaseConfig } from '../config/groups/database.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { SourceName } from '../source-name.ts';
import { quoteName } from '../sql/quote.ts';
import { type AuditClient, openAuditClient } from './client.ts';
import { grantText, judgeTrailRights, quoteAccount, type TrailRole, trailRights } from './rights.ts';
import { tableStatements } from './tables.ts';

/** The outcome of an install on one source. */
export interface Installed {
  readonly source: SourceName;
  /** The statements that are left to an administrator; empty where all is done. */
  readonly statements: readonly string[];
  /** Privileges of the accounts on the trail beyond their needs, each as a phrase; such a trail proves less. */
  readonly beyond: readonly string[];
  /** The statements that take these privileges away. */
  readonly revokes: readonly string[];
}

/** All statements, for an administrator who runs them: database, tables, grants. */
export function installStatements(database: string, config: DatabaseConfig): readonly string[] {
  const grants = accountsOf(config).flatMap(({ role, account: { user } }) =>
    Object.entries(trailRights[role]).map(([table, privileges]) =>
      grantText(privileges, { schema: database, table }, `${quoteName(user)}@${quoteName('%')}`),
    ),
  );
  return [
    `create database if not exists ${quoteName(database)} character set utf8mb4`,
    ...tableStatements(database),
    ...grants,
  ];
}

/** The accounts that work with the trail. */
function accountsOf({ runtime, migrator, auditor = migrator }: DatabaseConfig): readonly {
  readonly role: TrailRole;
  readonly account: Account;
}[] {
  return [
    { role: 'server', account: runtime },
    { role: 'auditor', account: auditor },
  ];
}

/**
 * Makes the tables of the trail on one source with the migrator's account, and looks whether the server and the auditor may do what
 * they need, and no more. The migrator's account, where no other is the auditor's, may do more.
 *
 * @throws TandemError where the source does not answer
 */
export async function installTrail(source: SourceName, config: Config, database: string): Promise<Installed> {
  const servers = config.databases[source];
  try {
    await using migrator = await openAuditClient(source, config, { database, account: servers.migrator });
    for (const statement of tableStatements(database)) await migrator.run(statement);
  } catch (error) {
    // The database is not there, or the account may make no tables in it.
    if (!(error instanceof TandemError) || !denied.has(error.code)) throw error;
    return { source, statements: installStatements(database, servers), beyond: [], revokes: [] };
  }
  const statements: string[] = [];
  const beyond: string[] = [];
  const revokes: string[] = [];
  for (const { role, account } of accountsOf(servers)) {
    await using client = await openAuditClient(source, config, { database, account });
    const rights = await rightsOf(client, role, servers.name);
    statements.push(...rights.grants);
    if (role === 'auditor' && account === servers.migrator) continue;
    beyond.push(...rights.beyond.map((phrase) => `${account.user}: ${phrase}`));
    revokes.push(...rights.revokes);
  }
  return { source, statements, beyond, revokes };
}

async function rightsOf({ run, database }: AuditClient, role: TrailRole, rows: string) {
  const lines = (await run<Record<string, string>[]>('show grants')).map(
    (row) => Object.values(row)[0] ?? '',
  );
  const [{ account = '' } = {}] = await run<{ account: string }[]>('select current_user() as account');
  return judgeTrailRights(lines, { role, account: quoteAccount(account), database, rows });
}

const denied: ReadonlySet<string> = new Set([
  'SOURCE_ACCESS_DENIED',
  'SCHEMA_OUTDATED',
  'SOURCE_UNAVAILABLE',
]);
