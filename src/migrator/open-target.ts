import type { DatabaseConfig } from '../config/groups/database.ts';
import type { PoolConfig } from '../config/groups/pool.ts';
import { explainReason } from '../errors/explain-reason.ts';
import { fromMysql } from '../errors/from-mysql.ts';
import { TandemError } from '../errors/tandem-error.ts';
import { folderOf } from '../information-schema/migration-files.ts';
import { historyOf } from '../information-schema/schema-version.ts';
import type { SourceName } from '../source-name.ts';
import { namesIn } from '../sources/api-names.ts';
import { type Database, openDatabase } from '../sources/database.ts';
import { connector } from '../sources/pool/open-connection.ts';
import { passwordsOf } from '../sources/pool/passwords.ts';
import { setStatement } from '../sources/pool/session-settings.ts';
import { signOf } from './apply-migration.ts';
import { type JournalRow, readJournal } from './journal.ts';
import { freeLock, type Holder, type Leftover, lockHolders, takeLock, takeWorkLock } from './lock.ts';
import { attemptSeconds } from './lock-timeouts.ts';
import { checkFiles, filesOf, type MigrationFile, UnfitFile } from './migration-file.ts';
import { type MigrationState, statesOf } from './migration-states.ts';
import { type MigratorSession, openSession } from './migrator-session.ts';
import type { MigrationProblem } from './result.ts';
import type { Sessions } from './sessions.ts';

/** A database to migrate, and where its migrations are. */
export interface Target {
  readonly source: SourceName;
  readonly database: DatabaseConfig;
  readonly pool: PoolConfig;
  /** This build's folder without it. */
  readonly folder?: string | undefined;
}

/** A target that answers. Closing it frees the lock, where its session has it. */
export interface OpenTarget extends AsyncDisposable {
  readonly target: Target;
  readonly orm: Database['orm'];
  readonly session: MigratorSession;
  readonly files: readonly MigrationFile[];
  look(): Promise<Seen>;
  /**
   * Takes the lock, on a connection of its own, and ends what a runner that is gone has left.
   *
   * @returns who has it, or what is still at work; null where it is ours
   */
  lock(options: Parameters<typeof takeLock>[2]): Promise<Holder | Leftover | null>;
  /** The sessions of a runner that has the lock; without the settings of a migration before. */
  sessions(): Promise<Sessions>;
}

/** The state of a database at one time. */
export interface Seen {
  readonly history: readonly string[];
  readonly journal: readonly JournalRow[];
  readonly states: readonly MigrationState[];
  /** The connection of a runner that is at it, another one than ours. */
  readonly running: number | null;
  /** The connection that a runner which is gone has left at work on the server. */
  readonly left: number | null;
}

/**
 * Logs in with the migrator account.
 *
 * @throws TandemError where the database is out of reach
 */
export async function openTarget(target: Target): Promise<OpenTarget> {
  const { source, database, pool, folder = folderOf(source) } = target;
  const files = await filesOf(folder);
  await checkFiles(files);
  // Changing a large table takes its time; the ORM needs a connection beside the one that holds the lock.
  const limits = { ...pool, max: Math.max(3, pool.max), statementTimeoutMs: 0, transactionTimeoutMs: 0 };
  const opened = await openDatabase(source, database, database.migrator, limits, { silent: true });
  const timeoutMs = pool.connectTimeoutMs;
  const passwords = passwordsOf(database.migrator, timeoutMs);
  const connect = connector(
    database,
    database.migrator,
    passwords,
  )({
    timeoutMs,
    setUp: setStatement(settings),
  });
  const close = async () => {
    passwords.close();
    await opened.close();
  };
  try {
    const session = await openSession(connect, database.name);
    let keeper: MigratorSession | undefined;
    const others = async () => {
      const which = 'select connection_id() as id';
      const [control, own] = [
        await opened.pool.ask<{ id: number }>(which),
        await opened.orm.em.execute(which),
      ];
      return [...control, ...(own as { id: number }[])].map(({ id }) => Number(id));
    };
    let used = false;
    return {
      target,
      orm: opened.orm,
      session,
      files,
      async look() {
        const asking = keeper ?? session;
        const history = await historyOf((sql) => asking.query(sql));
        const journal = await readJournal(asking);
        const { runner, work } = await lockHolders(asking, database.name);
        const ours = keeper !== undefined && runner === keeper.id;
        const running = ours || runner === null ? null : (work ?? runner);
        const left = runner === null ? work : null;
        return { history, journal, states: statesOf(files, history, journal, running), running, left };
      },
      async lock(options) {
        keeper = await openSession(connect, database.name);
        const holder = await takeLock(keeper, database.name, options);
        return holder ?? (await takeWorkLock(session, keeper, database.name, options.seconds));
      },
      async sessions() {
        if (keeper === undefined) throw new Error('The lock comes first.');
        if (used) {
          await session.renew();
          const left = await takeWorkLock(session, keeper, database.name, renewSeconds);
          if (left !== null) throw new Error(`Connection ${left.connection} has the lock of the work.`);
        }
        used = true;
        return { database: database.name, session, keeper, others };
      },
      async [Symbol.asyncDispose]() {
        await session.close();
        if (keeper !== undefined) {
          await freeLock(keeper, database.name).catch(() => {});
          await keeper.close();
        }
        await close();
      },
    };
  } catch (error) {
    const meant = fromMysql(error, source, namesIn(opened.orm.getMetadata()));
    await close();
    throw meant ?? error;
  }
}

/**
 * Of each of the runner's sessions: how long one attempt waits for a lock, which is a year by default for those of tables,
 * and that a session which is idle while a statement runs for hours is kept.
 */
const settings = {
  lock_wait_timeout: attemptSeconds,
  innodb_lock_wait_timeout: attemptSeconds,
  wait_timeout: 31_536_000,
};

/** Seconds for the server to close the connection before. */
const renewSeconds = 30;

/**
 * Opens a target, works with it and closes it.
 *
 * @returns what the work gives, or what `failed` makes of it where the database stands against it
 */
export async function withTarget<T>(
  target: Target,
  work: (open: OpenTarget) => Promise<T>,
  failed: (problem: MigrationProblem) => T,
): Promise<T> {
  let open: OpenTarget | undefined;
  try {
    open = await openTarget(target);
    return await work(open);
  } catch (error) {
    return failed(migrationProblemOf(error, target, open?.orm));
  } finally {
    await open?.[Symbol.asyncDispose]();
  }
}

/** The problem that an error of the database means for the migration. It throws a fault of ours on. */
export function migrationProblemOf(
  error: unknown,
  { source }: Target,
  orm?: Database['orm'],
): MigrationProblem {
  if (error instanceof UnfitFile) return { kind: 'UNFIT_FILE', ...error.explanation };
  const names = orm && namesIn(orm.getMetadata());
  const meant = names === undefined ? error : fromMysql(error, source, names);
  if (!(meant instanceof TandemError)) throw error;
  const { code, reason, message, extensions } = meant;
  const kind = code === 'SOURCE_UNAVAILABLE' || code === 'POOL_TIMEOUT' ? 'UNREACHABLE' : 'FAILED';
  if (reason === null) return { kind, cause: `${message} (${signOf(error)})`, remedy: extensions.remedy };
  const { cause, remedy } = explainReason(reason, source);
  return { kind, cause: `${reason}: ${cause}`, remedy };
}
