import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { journalTable } from '../information-schema/own-tables.ts';
import type { MigratorSession } from './migrator-session.ts';

/** The session that migrates a database at the moment, as the server shows it. */
export interface Holder {
  readonly connection: number;
  readonly account: string;
  readonly host: string;
  /** When the migration that it runs began, by the server's clock; null between two. */
  readonly since: string | null;
}

type CatalogueConnection = Pick<MigratorSession, 'id' | 'query'>;

// A lock of the server has the whole server's name space, and names of 64 characters at most.
const digest = (database: string) => createHash('sha256').update(database).digest('hex').slice(0, 32);

/** The session with this lock migrates. It does nothing that lasts, so it ends with its process. */
const runnerLock = (database: string) => `tandem_migrate_${digest(database)}`;
/** Held by the session that runs the statements, which the server may go on with where the process is gone. */
const workLock = (database: string) => `tandem_migrate_work_${digest(database)}`;

/**
 * Takes the lock of a database for a session. MySQL frees it when the session ends, however it ends.
 * https://dev.mysql.com/doc/refman/8.4/en/locking-functions.html
 *
 * @returns null where it is ours now; otherwise who has it still after so many seconds
 */
export async function takeLock(
  session: CatalogueConnection,
  database: string,
  { seconds, onWait }: { readonly seconds: number; readonly onWait: (holder: Holder) => void },
): Promise<Holder | null> {
  const name = runnerLock(database);
  if (await got(session, name, 0)) return null;
  const holder = await holderOf(session, name, database);
  if (holder !== null) onWait(holder);
  if (await got(session, name, seconds)) return null;
  return (
    (await holderOf(session, name, database)) ??
    holder ?? { connection: 0, account: '?', host: '?', since: null }
  );
}

export async function freeLock(session: CatalogueConnection, database: string): Promise<void> {
  await session.query('select release_lock(?) as freed', [runnerLock(database)]);
}

/** The connections of those who migrate a database; null where there is none. */
export async function lockHolders(
  session: Pick<CatalogueConnection, 'query'>,
  database: string,
): Promise<{ readonly runner: number | null; readonly work: number | null }> {
  const [row] = await session.query<{ runner: number | null; work: number | null }>(
    'select is_used_lock(?) as runner, is_used_lock(?) as work',
    [runnerLock(database), workLock(database)],
  );
  return { runner: row?.runner ?? null, work: row?.work ?? null };
}

/** A session that a lost runner has left on the server. */
export interface Leftover {
  readonly connection: number;
  /** How the server describes what it does, such as: altering table. */
  readonly doing: string;
}

/**
 * Takes the lock of the session that runs the statements. Where a runner that is gone has left a session with it, that one
 * is ended: what it waits for, or would have to take back, is to be done anew. One that is at work on a DDL statement may
 * finish it, for so many seconds: its KILL would lose hours of copying.
 *
 * @param asking holds the runner's lock
 * @returns a statement that still runs, or that the account may not end
 */
export async function takeWorkLock(
  session: CatalogueConnection,
  asking: CatalogueConnection,
  database: string,
  seconds: number,
): Promise<Leftover | null> {
  const name = workLock(database);
  const until = performance.now() + seconds * 1000;
  for (;;) {
    if (await got(session, name, 0)) return null;
    const { work } = await lockHolders(asking, database);
    if (work === null) continue;
    const found = await processOf(asking, work);
    const doing = `${found?.state ?? ''}`.toLowerCase() || `${found?.command ?? 'at work'}`.toLowerCase();
    if (found === null || !isAtWork(found)) {
      await asking.query(`kill ${work}`).catch((error: { errno?: number }) => {
        // ER_NO_SUCH_THREAD, ER_KILL_DENIED_ERROR
        if (error.errno !== 1094 && error.errno !== 1095) throw error;
      });
    }
    if (await got(session, name, Math.min(1, Math.max(0, (until - performance.now()) / 1000)))) return null;
    if (performance.now() >= until) return { connection: work, doing };
  }
}

interface Process {
  readonly command: string;
  readonly state: string | null;
  readonly info: string | null;
}

async function processOf(session: CatalogueConnection, id: number): Promise<Process | null> {
  const [row] = await session.query<Process>(
    'select command as `command`, state as `state`, left(info, 200) as `info` from information_schema.processlist where id = ?',
    [id],
  );
  return row ?? null;
}

/** Whether a session does what MySQL would commit by itself, and waits for no lock. */
function isAtWork({ command, state, info }: Process): boolean {
  if (command !== 'Query' || /^(waiting for|user (sleep|lock))/i.test(state ?? '')) return false;
  return /^\s*(?:\/\*[\s\S]*?\*\/\s*)*(create|alter|drop|rename|truncate|optimize|analyze|call)\b/i.test(
    info ?? '',
  );
}

/** In turns, so that the statement that waits ends soon where this process is gone. */
async function got(session: CatalogueConnection, name: string, seconds: number): Promise<boolean> {
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

async function holderOf(
  session: CatalogueConnection,
  name: string,
  database: string,
): Promise<Holder | null> {
  const [row] = await session.query<{ id: number; account: string | null; host: string | null }>(
    'select l.id as id, p.user as account, p.host as host from (select is_used_lock(?) as id) l ' +
      'left join information_schema.processlist p on p.id = l.id',
    [name],
  );
  if (row === undefined || row.id === null) return null;
  const { work } = await lockHolders(session, database);
  const running = await session
    .query<{ since: string }>(
      `select cast(max(started_at) as char) as since from ${journalTable} where connection_id in (?, ?) and state = 'RUNNING'`,
      [row.id, work ?? row.id],
    )
    .catch(() => []);
  return {
    connection: Number(row.id),
    account: row.account ?? 'another account',
    host: row.host ?? 'unknown host',
    since: running[0]?.since ?? null,
  };
}
