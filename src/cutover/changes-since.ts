import type { SchemaSnapshot } from '../drift/snapshot.ts';
import { isRendered, ownTables } from '../information-schema/own-tables.ts';
import type { ParityClient, ParitySession } from '../parity/client.ts';
import type { WholeRun } from '../parity/read-run-record.ts';
import type { TableParity } from '../parity/report.ts';
import { quoteName } from '../sql/quote.ts';

/** The changes on a server since a run of parity began, as far as the server shows them. */
export interface ChangesSince {
  /** Tables of which it remembers a write, and those that had rows and have none. */
  readonly written: readonly string[];
  /** Tables that were made since, or made anew: of one that was before, the server has forgotten when it was written. */
  readonly made: readonly string[];
  /** It was started since, and has forgotten when tables were written. */
  readonly isRestarted: boolean;
  /** The size of a table_definition_cache in which not all tables may have had their place; null: they had. */
  readonly smallCache: number | null;
}

/**
 * Asks for them over one connection. InnoDB has the time of a table's last change in memory, as long as the table is in its cache;
 * information_schema keeps a copy of it, which a session can pass by.
 */
export async function changesSince(
  client: ParityClient,
  { ignores }: Pick<SchemaSnapshot, 'ignores'>,
  { run, compared }: { readonly run: WholeRun; readonly compared: readonly TableParity[] },
): Promise<ChangesSince> {
  const session = await client.session();
  try {
    await session.rows('set session information_schema_stats_expiry = 0');
    const tables = (await session.rows<TableTimes>(timesQuery)).filter(
      ({ name }) => !ownTables.includes(name.toLowerCase()) && !isRendered(name) && !ignores(name),
    );
    await session.rows('set session information_schema_stats_expiry = default');
    const status = await statusOf(session);
    // MySQL has these times in whole seconds, so that each may be up to one later than it looks.
    const seconds = run.secondsAgo + (performance.now() - run.askedAt) / 1000 + 1;
    const since = (ago: string | null) => ago !== null && Number(ago) / 1e6 < seconds;
    const isRestarted = status.uptime < seconds;
    const before = (!isRestarted && run.executed?.[client.source].definitionsRead) || 0;
    const written = tables.filter(({ written: ago }) => since(ago)).map(({ name }) => name);
    const filled = new Set(
      compared.filter(({ rows }) => rows[client.source] > 0).map(({ table }) => table.toLowerCase()),
    );
    const emptied = await emptyOf(
      session,
      tables.filter(({ name }) => filled.has(name.toLowerCase())).map(({ name }) => name),
    );
    const held = status.open + status.partitions + status.opened - before;
    return {
      written: [...new Set([...written, ...emptied])].sort(),
      made: tables.filter(({ made }) => since(made)).map(({ name }) => name),
      isRestarted,
      smallCache: held < status.cache ? null : status.cache,
    };
  } catch (error) {
    session.destroy();
    throw error;
  } finally {
    session.release();
  }
}

interface TableTimes {
  readonly name: string;
  /** Microseconds ago. */
  readonly written: string | null;
  readonly made: string | null;
}

const timesQuery = `select table_name as name, cast(timestampdiff(microsecond, update_time, now(6)) as char) as written,
    cast(timestampdiff(microsecond, create_time, now(6)) as char) as made
  from information_schema.tables where table_schema = database() and table_type = 'BASE TABLE' order by table_name`;

/** Tables of one statement. */
const tablesAtOnce = 50;

/** TRUNCATE changes neither of a table's times. */
async function emptyOf(session: ParitySession, tables: readonly string[]): Promise<string[]> {
  const empty: string[] = [];
  for (let at = 0; at < tables.length; at += tablesAtOnce) {
    const some = tables.slice(at, at + tablesAtOnce);
    const columns = some.map((name, place) => `exists(select 1 from ${quoteName(name)}) as t${place}`);
    const [row] = await session.rows<Record<string, number>>(`select ${columns.join(', ')}`);
    empty.push(...some.filter((_, place) => Number(row?.[`t${place}`]) === 0));
  }
  return empty;
}

/** A table leaves InnoDB's cache only where more tables were open, at once or since, than table_definition_cache holds. */
async function statusOf(session: ParitySession) {
  const rows = await session.rows<{ Variable_name: string; Value: string }>(
    "show global status where variable_name in ('Uptime', 'Open_table_definitions', 'Opened_table_definitions')",
  );
  const value = (name: string) => Number(rows.find(({ Variable_name }) => Variable_name === name)?.Value);
  const [row] = await session.rows<{ cache: string; partitions: string }>(
    `select cast(@@global.table_definition_cache as char) as cache, cast(count(*) as char) as partitions
      from information_schema.partitions where partition_name is not null`,
  );
  return {
    uptime: value('Uptime'),
    open: value('Open_table_definitions'),
    opened: value('Opened_table_definitions'),
    cache: Number(row?.cache),
    partitions: Number(row?.partitions),
  };
}
