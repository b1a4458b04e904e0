import type { DatabaseConfig, PoolConfig } from '../config.ts';
import { fromMysql } from '../errors/from-mysql.ts';
import { explainReason } from '../errors/reasons.ts';
import type { SourceName } from '../source-name.ts';
import { type Database, openDatabase } from '../sources/database.ts';
import { namesIn } from '../sources/names.ts';
import { signOf } from './apply.ts';
import { checkFiles, filesOf, folderOf, type MigrationFile, UnfitFile } from './files.ts';
import { type JournalRow, readJournal } from './journal.ts';
import { historyOf } from './level.ts';
import { freeLock } from './lock.ts';
import type { MigrationProblem } from './outcome.ts';
import { type MigrationState, statesOf } from './plan.ts';
import { type MigratorSession, takeSession } from './session.ts';

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
}

/** What was found in a database at one time. */
export interface Seen {
  readonly history: readonly string[];
  readonly journal: readonly JournalRow[];
  readonly states: readonly MigrationState[];
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
  try {
    const session = await takeSession(opened.pool);
    return {
      target,
      orm: opened.orm,
      session,
      files,
      async look() {
        const history = await historyOf((sql) => session.query(sql));
        const journal = await readJournal(session);
        return { history, journal, states: statesOf(files, history, journal) };
      },
      async [Symbol.asyncDispose]() {
        await freeLock(session, database.name).catch(() => {});
        session.release();
        await opened.close();
      },
    };
  } catch (error) {
    const meant = fromMysql(error, source, namesIn(opened.orm.getMetadata()));
    await opened.close();
    throw meant ?? error;
  }
}

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
    return failed(problemOf(error, target, open?.orm));
  } finally {
    await open?.[Symbol.asyncDispose]();
  }
}

/** What an error of the database means for whoever migrates it. A fault of ours is thrown on. */
export function problemOf(error: unknown, { source }: Target, orm?: Database['orm']): MigrationProblem {
  if (error instanceof UnfitFile) return { kind: 'UNFIT_FILE', detail: error.detail, next: error.next };
  const names = orm && namesIn(orm.getMetadata());
  const meant = names === undefined ? error : fromMysql(error, source, names);
  const { code, reason, extensions, message } = (meant ?? {}) as {
    code?: string;
    reason?: Parameters<typeof explainReason>[0] | null;
    extensions?: { remedy: string };
    message?: string;
  };
  if (extensions === undefined) throw error;
  const kind = code === 'SOURCE_UNAVAILABLE' || code === 'POOL_TIMEOUT' ? 'UNREACHABLE' : 'FAILED';
  if (reason === null || reason === undefined) {
    return { kind, detail: `${message ?? code} (${signOf(error)})`, next: extensions.remedy };
  }
  const { cause, remedy } = explainReason(reason, source);
  return { kind, detail: `${reason}: ${cause}`, next: remedy };
}
