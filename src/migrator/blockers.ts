import type { Value } from '../sql/literal.ts';
import { codeTokens, isName, nameIn } from '../sql/tokens.ts';
import type { MigratorSession } from './migrator-session.ts';

/** A session that holds what a statement waits for, or may hold it. */
export interface Blocker {
  readonly connection: number;
  readonly account: string;
  readonly host: string;
  /** Such as: idle in a transaction; or the words that its statement begins with. */
  readonly doing: string;
  /** Seconds. */
  readonly since: number;
}

/** Those in the way, and how sure that is. */
export interface Blockers {
  readonly sessions: readonly Blocker[];
  /** Whether the server said so; else they are those that the account can see at work in the database. */
  readonly certain: boolean;
}

type CatalogueConnection = Pick<MigratorSession, 'query'>;

const described = `p.id as connection, coalesce(p.user, '?') as account, coalesce(p.host, '?') as host,
  if(p.command = 'Sleep', 'idle', lower(coalesce(nullif(p.state, ''), p.command))) as doing, coalesce(p.time, 0) as since`;

/**
 * The sessions in a statement's way, asked while it waits or just after: of the server's own list of locks where the account may
 * read it and it is kept, else of the open transactions, else of the sessions that the account sees, its own.
 */
export async function blockersOf(
  asking: CatalogueConnection,
  database: string,
  { sql, besides }: { readonly sql: string; readonly besides: readonly number[] },
): Promise<Blockers> {
  const others = `p.id not in (${[connectionId, ...besides].join(', ')})`;
  const tables = [...new Set(namesIn(sql))];
  const places = tables.map(() => '?').join(', ');
  const locks = await rowsOr(
    asking,
    // The account may see the locks, and not the list of the sessions.
    `select distinct ${described} from performance_schema.metadata_locks l
      join (select thread_id, processlist_id as id, processlist_user as user, processlist_host as host, processlist_command as command,
        processlist_state as state, processlist_time as time from performance_schema.threads) p on p.thread_id = l.owner_thread_id
      where l.lock_status = 'GRANTED' and l.object_type = 'TABLE' and l.object_schema = ? and l.object_name in (${places || 'null'}) and ${others}`,
    [database, ...tables],
  );
  if (locks.length > 0) return { sessions: locks.map(asBlocker), certain: true };
  const transactions = await rowsOr(
    asking,
    `select ${described} from information_schema.innodb_trx x
      join information_schema.processlist p on p.id = x.trx_mysql_thread_id where ${others} order by p.time desc`,
    [],
  );
  const held = transactions.map(asBlocker).map((one) => ({
    ...one,
    doing: one.doing === 'idle' ? 'idle in a transaction' : `${one.doing}, in a transaction`,
  }));
  if (held.length > 0) return { sessions: held, certain: false };
  const seen = await rowsOr(
    asking,
    `select ${described} from information_schema.processlist p
      where p.db = ? and ${others} and coalesce(p.state, '') not like 'Waiting for%' order by p.time desc limit 10`,
    [database],
  );
  return { sessions: seen.map(asBlocker), certain: false };
}

const connectionId = 'connection_id()';

const asBlocker = (row: Blocker): Blocker => ({
  ...row,
  connection: Number(row.connection),
  since: Number(row.since),
});

/** None where the account may not read it, or the server does not have it. */
async function rowsOr(
  asking: CatalogueConnection,
  sql: string,
  values: readonly Value[],
): Promise<Blocker[]> {
  return asking.query<Blocker>(sql, values).catch((error: { errno?: number }) => {
    if (typeof error.errno === 'number' && error.errno > 0) return [];
    throw error;
  });
}

/** Names that may be tables: a statement is not understood for this. */
function namesIn(sql: string): string[] {
  return codeTokens(sql)
    .filter(isName)
    .map((token) => nameIn(sql, token))
    .slice(0, 200);
}

/** In words, for the operator who is to end them. */
export function describeBlockers({ sessions, certain }: Blockers): string {
  if (sessions.length === 0) {
    return 'The migrator’s account sees no other session in the way; with PROCESS, or SELECT on performance_schema, it would name it';
  }
  const list = sessions
    .slice(0, 5)
    .map(({ connection, account, host, doing, since }) => {
      return `connection ${connection}, ${account} from ${host}, ${doing} for ${since} s`;
    })
    .join('; ');
  return `${certain ? 'In the way' : 'In the way, as it seems'}: ${list}`;
}
