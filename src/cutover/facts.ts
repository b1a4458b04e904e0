import type { DatabaseConfig } from '../config/groups/database.ts';
import { type SchemaSnapshot, takeSnapshot } from '../drift/snapshot.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { ParityClient } from '../parity/client.ts';
import { gtidsExecutedBy } from '../parity/executed-gtids.ts';
import type { Problem } from '../preflight/report.ts';
import { type ServerSettings, settingsQuery } from '../preflight/server-settings.ts';
import { checkPrivileges } from '../preflight/steps/privileges.ts';
import { quoteName } from '../sql/quote.ts';
import { type Channel, channelsOf } from './channels.ts';

/** One cloud as it is now. */
export interface SideFacts {
  readonly snapshot: SchemaSnapshot;
  readonly settings: ServerSettings;
  readonly isReadOnly: boolean;
  readonly runsEvents: boolean;
  /** The next key of each table that counts, by its name; as text, since BIGINT goes beyond numbers. */
  readonly counters: ReadonlyMap<string, string>;
  /** Accounts in whose name triggers, events, routines and views run, other than the migrator's own. */
  readonly definers: readonly string[];
  /** Null where the account may not ask. */
  readonly replication: readonly Channel[] | null;
  /** Its server_uuid. */
  readonly server: string;
  /** Of all transactions that it has executed; null: it gives some of them none. */
  readonly gtids: string | null;
  /** Privileges that the accounts of the settings lack, and those beyond their needs. */
  readonly accounts: readonly Problem[];
}

/** The two accounts of one source. */
export interface SideClients {
  readonly migrator: ParityClient;
  readonly runtime: ParityClient;
  readonly database: DatabaseConfig;
}

/**
 * Reads what the plan is made of. It changes nothing.
 * @throws TandemError where the source does not answer
 */
export async function readSide({ migrator, runtime, database }: SideClients): Promise<SideFacts> {
  const snapshot = await takeSnapshot(migrator.source, migrator, migrator.ignoredTables);
  const settings = await migrator.rows<{ Variable_name: string; Value: string }>(settingsQuery);
  const [server] = await migrator.rows<{ frozen: number; scheduler: string; uuid: string }>(
    'select @@global.read_only + @@global.super_read_only + @@global.innodb_read_only as frozen, @@global.event_scheduler as scheduler, @@global.server_uuid as uuid',
  );
  const definers = await migrator.rows<{ definer: string }>(definersQuery);
  return {
    snapshot,
    settings: Object.fromEntries(settings.map((row) => [row.Variable_name, row.Value])),
    isReadOnly: Number(server?.frozen) > 0,
    runsEvents: server?.scheduler === 'ON',
    counters: await countersOf(migrator, snapshot),
    definers: definers.map(({ definer }) => definer),
    replication: await channelsOf(migrator),
    server: server?.uuid ?? '',
    gtids: await gtidsExecutedBy(migrator),
    accounts: [
      ...(await accountProblems(runtime, database, 'runtime', snapshot)),
      ...(await accountProblems(migrator, database, 'migrator', snapshot)),
    ],
  };
}

const definersQuery = `select distinct definer as definer from (
  select definer from information_schema.triggers where trigger_schema = database()
  union all select definer from information_schema.events where event_schema = database()
  union all select definer from information_schema.routines where routine_schema = database()
  union all select definer from information_schema.views where table_schema = database()
) as d where definer <> current_user() order by definer`;

/** information_schema has counters as they were up to a day ago; SHOW CREATE TABLE has them as they are. */
async function countersOf(client: ParityClient, { schema }: SchemaSnapshot): Promise<Map<string, string>> {
  const counters = new Map<string, string>();
  for (const { name, columns } of schema.tables) {
    if (!columns.some(({ autoIncrement }) => autoIncrement)) continue;
    const [row] = await client.rows<{ 'Create Table': string }>(`show create table ${quoteName(name)}`);
    const [, next = '1'] =
      /\) ENGINE=\w+ (?:.* )?AUTO_INCREMENT=(\d+)/.exec(row?.['Create Table'] ?? '') ?? [];
    counters.set(name, next);
  }
  return counters;
}

async function accountProblems(
  client: ParityClient,
  database: DatabaseConfig,
  role: 'runtime' | 'migrator',
  { schema }: SchemaSnapshot,
): Promise<readonly Problem[]> {
  const subject = { name: client.source, database };
  const tables = schema.tables.map(({ name }) => name);
  const as = { role, user: database[role].user, tables };
  try {
    const session = { rows: <R extends object>(sql: string) => client.rows<R>(sql) };
    return (await checkPrivileges(subject, session, as)).problems ?? [];
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    const { message, extensions, reason } = error;
    return [
      {
        kind: 'ACCESS_DENIED',
        severity: 'failure',
        cause: `${as.user}: ${message} (${reason})`,
        remedy: extensions.remedy,
      },
    ];
  }
}
