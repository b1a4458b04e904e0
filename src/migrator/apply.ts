import { journalTable } from '../information-schema/own-tables.ts';
import { beginningOf } from '../sql/beginning.ts';
import { leadsElsewhere, statementKindOf } from '../sql/statement-kind.ts';
import { codeTokens, isName, nameIn } from '../sql/tokens.ts';
import { type Blockers, blockersOf } from './blockers.ts';
import type { Direction, MigrationFile } from './files.ts';
import {
  actionOf,
  addHistory,
  addRow,
  chainOf,
  type JournalRow,
  removeHistory,
  setRow,
  takeRow,
} from './journal.ts';
import { committed, markBefore, outcomeOf, sent } from './journal-mark.ts';
import { isBlocked, patiently } from './lock-timeouts.ts';
import { isLost } from './refused-statement.ts';
import type { MigratorSession } from './session.ts';
import { lostWithSession } from './session-state.ts';

/** What stopped a migration: nothing of the statement's values. */
export interface StatementFailure {
  /** From 1. */
  readonly statement: number;
  readonly of: number;
  /** How the statement begins, such as: alter table `patients`. */
  readonly what: string;
  /** MySQL's name and number, or the driver's code. */
  readonly error: string;
  readonly cause: unknown;
  /** Who held what it waited for, where it waited in vain. */
  readonly blockers: Blockers | null;
}

/** Where a broken attempt goes on, or why the runner cannot know. */
export type Resumption =
  | { readonly from: number }
  /** What was done of it, and what the file says now, do not go together. */
  | { readonly changed: number }
  /** Whether this statement took place, from 1, and how it begins. */
  | { readonly unknown: number; readonly of: number; readonly what: string }
  /** What the statements behind this one want of the session that is gone. */
  | { readonly lost: string; readonly done: number };

export type Applied =
  | { readonly ok: true; readonly statements: number; readonly from: number }
  | { readonly ok: false; readonly failure: StatementFailure }
  | { readonly ok: false; readonly stopped: Exclude<Resumption, { readonly from: number }> };

/** The two sessions of a runner. */
export interface Sessions {
  readonly database: string;
  /** Runs the statements, and whatever else is in a transaction with them. */
  readonly session: MigratorSession;
  /** Holds the lock and writes the journal: what a migration tells its session is nothing to it. */
  readonly keeper: MigratorSession;
  /** The connections that this process has beside these. */
  others(): Promise<number[]>;
}

interface Work {
  readonly file: MigrationFile;
  readonly direction: Direction;
  readonly statements: readonly string[];
  /** The attempt to go on with. */
  readonly resume: JournalRow | null;
  /** Seconds that statements may wait for locks. */
  readonly lockSeconds: number;
  readonly onStatement: (done: number, of: number) => void;
  readonly onBlocked: (blockers: Blockers) => void;
}

/**
 * Runs one migration, statement by statement, and writes down before each that it begins and afterwards that it is done.
 * Rows change in one transaction with the journal. MySQL commits DDL by itself, so before it the journal keeps a
 * fingerprint of the schema, which tells later whether the statement took place.
 */
export async function applyMigration(sessions: Sessions, work: Work): Promise<Applied> {
  const { session, keeper, database } = sessions;
  const { file, direction, statements, resume } = work;
  const of = statements.length;
  const resumption = await resumptionOf(keeper, database, resume, statements);
  if (!('from' in resumption)) return { ok: false, stopped: resumption };
  const { from } = resumption;
  const id = await begin(sessions, work, from);
  const step = stepper(sessions, work, id, from);
  for (let done = from; done < of; done++) {
    const sql = statements[done] as string;
    try {
      // The settings of a session end with it.
      if (done === from) await replay(session, statements.slice(0, from), database);
      await step(sql);
    } catch (cause) {
      const failure = await failureOf(sessions, cause, { sql, statement: done + 1, of });
      await giveUp(sessions, id, failure);
      return { ok: false, failure };
    }
    work.onStatement(done + 1, of);
  }
  await keeper.transaction(async () => {
    if (direction === 'up') await addHistory(keeper, file.name);
    else await removeHistory(keeper, file.name);
    await setRow(keeper, id, { state: 'DONE' });
  });
  return { ok: true, statements: of, from };
}

/** Where a broken attempt goes on. Nothing is changed. */
export async function resumptionOf(
  session: MigratorSession,
  database: string,
  row: JournalRow | null,
  statements: readonly string[],
): Promise<Resumption> {
  if (row === null) return { from: 0 };
  const { done, before, chain } = row;
  if (chainOf(statements.slice(0, done)) !== chain) return { changed: done };
  const next = statements[done];
  // The file may have lost its last ones.
  const outcome = next === undefined ? 'not applied' : await outcomeOf(before, next, session, database);
  if (outcome === 'unknown') {
    return { unknown: done + 1, of: statements.length, what: beginningOf(next ?? '') };
  }
  if (outcome === 'edited') return { changed: done + 1 };
  const from = outcome === 'applied' ? done + 1 : done;
  const lost = lostWithSession(statements, from, database);
  return lost === null ? { from } : { lost, done: from };
}

/** @returns the id of the journal's row, which says that the attempt goes on behind so many statements */
async function begin({ keeper, session }: Sessions, work: Work, done: number): Promise<number> {
  const {
    file: { name, checksum },
    direction,
    statements,
    resume,
  } = work;
  const row = { state: 'RUNNING', checksum, statements: statements.length } as const;
  if (resume === null) {
    return addRow(keeper, { ...row, name, action: actionOf(direction), connection: session.id });
  }
  const chain = chainOf(statements.slice(0, done));
  await setRow(keeper, resume.id, { ...row, done, chain, fingerprint: null, error: null });
  await takeRow(keeper, resume.id, session.id);
  return resume.id;
}

/** Says again what holds for a session alone. */
async function replay(session: MigratorSession, done: readonly string[], database: string): Promise<void> {
  for (const sql of done) if (statementKindOf(sql, { database }) === 'session') await session.query(sql);
}

/** Runs one statement after another, each with its journal. */
function stepper(sessions: Sessions, work: Work, id: number, from: number) {
  const { session, keeper, database } = sessions;
  const { statements, lockSeconds: seconds } = work;
  const before = statements.slice(0, from);
  let done = from;
  let chain = chainOf(before);
  let elsewhere = before.reduce((so, sql) => leadsElsewhere(sql, database) ?? so, false);
  /** Tables whose rows no transaction takes back; asked once. */
  let lasting: Promise<ReadonlySet<string>> | undefined;

  return async (sql: string): Promise<void> => {
    if (keeper.closed) throw lockLost();
    const kind = statementKindOf(sql, { database, elsewhere });
    done += 1;
    chain = chainOf([sql], chain);
    elsewhere = leadsElsewhere(sql, database) ?? elsewhere;
    const progress = { done, chain, fingerprint: null };
    const tried = (run: () => Promise<void>) =>
      patiently(run, {
        seconds,
        onBlocked: async () => work.onBlocked(await whoBlocks(sessions, sql)),
      });

    if (kind === 'rows' || kind === 'program') {
      lasting ??= lastingTables(keeper, database);
      const tables = await lasting;
      // A program may change any of them.
      const lasts = kind === 'program' ? tables.size > 0 : mentions(sql, tables);
      if (lasts) await setRow(keeper, id, { fingerprint: sent });
      const inTransaction = () =>
        session.transaction(async () => {
          if (kind === 'program' && !lasts) await setRow(session, id, { fingerprint: committed });
          await session.query(sql);
          await setRow(session, id, progress);
        });
      await (kind === 'rows' && !lasts ? tried(inTransaction) : inTransaction());
      return;
    }
    if (kind !== 'session' && kind !== 'harmless') {
      await setRow(keeper, id, { fingerprint: await markBefore(keeper, database, { sql, kind }) });
    }
    await tried(async () => void (await session.query(sql)));
    await setRow(keeper, id, progress);
  };
}

/** The tables of engines without transactions, in small letters. */
async function lastingTables(keeper: MigratorSession, database: string): Promise<ReadonlySet<string>> {
  const rows = await keeper.query<{ name: string }>(
    `select t.table_name as name from information_schema.tables t
      join information_schema.engines e on e.engine = t.engine
      where t.table_schema = ? and t.table_type = 'BASE TABLE' and coalesce(e.transactions, 'NO') <> 'YES'`,
    [database],
  );
  return new Set(rows.map(({ name }) => name.toLowerCase()));
}

function mentions(sql: string, tables: ReadonlySet<string>): boolean {
  if (tables.size === 0) return false;
  return codeTokens(sql).some((token) => isName(token) && tables.has(nameIn(sql, token).toLowerCase()));
}

async function failureOf(
  sessions: Sessions,
  cause: unknown,
  { sql, statement, of }: { readonly sql: string; readonly statement: number; readonly of: number },
): Promise<StatementFailure> {
  const blockers = isBlocked(cause) ? await whoBlocks(sessions, sql).catch(() => null) : null;
  return { statement, of, what: beginningOf(sql), error: signOf(cause), cause, blockers };
}

/** Writes down why it stopped. Where a connection is lost, the next run finds it interrupted, with its mark. */
async function giveUp(
  { keeper, session }: Sessions,
  id: number,
  { error, cause }: StatementFailure,
): Promise<void> {
  if (isLost(cause)) return;
  // ER_TABLE_NOT_LOCKED: LOCK TABLES keeps the session from the journal.
  if ((cause as { errno?: number }).errno === 1100) await session.query('unlock tables').catch(() => {});
  const failed = { state: 'FAILED', error };
  // A DDL statement that failed did nothing. What a program committed before it failed, stays.
  await keeper
    .query(
      `update ${keeper.table(journalTable)} set fingerprint = null where id = ? and fingerprint not in (?, ?)`,
      [id, committed, sent],
    )
    .then(() => setRow(keeper, id, failed))
    .catch(() => {});
}

const whoBlocks = async ({ session, keeper, database, others }: Sessions, sql: string) =>
  blockersOf(keeper, database, { sql, besides: [session.id, ...(await others())] });

function lockLost(): Error {
  return Object.assign(new Error('The connection that held the lock was lost.'), {
    code: 'PROTOCOL_CONNECTION_LOST',
  });
}

export function signOf(error: unknown): string {
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  const name = typeof code === 'string' ? code : 'no code';
  return typeof errno === 'number' && errno > 0 ? `${name}, ${errno}` : name;
}
