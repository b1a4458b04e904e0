import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { journalTable } from '../sources/own-tables.ts';
import type { MigratorSession } from './session.ts';

/** Who migrates a database at the moment, as far as the server tells. */
export interface Holder {
  readonly connection: number;
  readonly account: string;
  readonly host: string;
  /** When the migration that it runs began, by the server's clock; null between two. */
  readonly since: string | null;
}

/** A lock of the server has the whole server's name space, and names of 64 characters at most. */
const lockName = (database: string) =>
  `tandem_migrate_${createHash('sha256').update(database).digest('hex').slice(0, 32)}`;

/**
 * Takes the lock of a database for a session. MySQL frees it when the session ends, however it ends.
 * https://dev.mysql.com/doc/refman/8.4/en/locking-functions.html
 *
 * @returns null where it is ours now; otherwise who has it still after so many seconds
 */
export async function takeLock(
  session: MigratorSession,
  database: string,
  { seconds, onWait }: { readonly seconds: number; readonly onWait: (holder: Holder) => void },
): Promise<Holder | null> {
  const name = lockName(database);
  if (await got(session, name, 0)) return null;
  const holder = await holderOf(session, name);
  if (holder !== null) onWait(holder);
  if (await got(session, name, seconds)) return null;
  return (await holderOf(session, name)) ?? holder ?? { connection: 0, account: '?', host: '?', since: null };
}

export async function freeLock(session: MigratorSession, database: string): Promise<void> {
  await session.query('select release_lock(?) as freed', [lockName(database)]);
}

/** In turns, so that the statement that waits ends soon where this process is gone. */
async function got(session: MigratorSession, name: string, seconds: number): Promise<boolean> {
  const until = performance.now() + seconds * 1000;
  for (;;) {
    const left = Math.max(0, (until - performance.now()) / 1000);
    const [row] = await session.query<{ got: number | null }>('select get_lock(?, ?) as got', [
      name,
      Math.min(5, Math.ceil(left)),
    ]);
    if (row?.got === 1) return true;
    if (left <= 0) return false;
    await delay(50);
  }
}

async function holderOf(session: MigratorSession, name: string): Promise<Holder | null> {
  const [row] = await session.query<{ id: number; account: string | null; host: string | null }>(
    'select l.id as id, p.user as account, p.host as host from (select is_used_lock(?) as id) l ' +
      'left join information_schema.processlist p on p.id = l.id',
    [name],
  );
  if (row === undefined || row.id === null) return null;
  const running = await session
    .query<{ since: string }>(
      `select cast(max(started_at) as char) as since from ${journalTable} where connection_id = ? and state = 'RUNNING'`,
      [row.id],
    )
    .catch(() => []);
  return {
    connection: Number(row.id),
    account: row.account ?? 'another account',
    host: row.host ?? 'unknown host',
    since: running[0]?.since ?? null,
  };
}
