import { journalTable } from '../information-schema/own-tables.ts';
import { beginningOf } from '../sql/beginning.ts';
import { statementKindOf } from '../sql/statement-kind.ts';
import type { Blockers } from './blockers.ts';
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
import { isBlocked } from './lock-timeouts.ts';
import type { Direction, MigrationFile } from './migration-file.ts';
import type { MigratorSession } from './migrator-session.ts';
import { isLost } from './refused-statement.ts';
import { type Resumption, resumptionOf } from './resume-from.ts';
import { createStepper, type StepperOptions } from './run-statements.ts';
import { findBlockers, type Sessions } from './sessions.ts';
import { committed, sent } from './statement-outcome.ts';

/** The error that stopped a migration: nothing of the statement's values. */
export interface StatementFailure {
  /** From 1. */
  readonly statement: number;
  readonly of: number;
  /** How the statement begins, such as: alter table `patients`. */
  readonly what: string;
  /** MySQL's name and number, or the driver's code. */
  readonly error: string;
  readonly cause: unknown;
  /** The sessions that held the lock for which it waited in vain. */
  readonly blockers: Blockers | null;
}

export type Applied =
  | { readonly ok: true; readonly statements: number; readonly from: number }
  | { readonly ok: false; readonly failure: StatementFailure }
  | { readonly ok: false; readonly stopped: Exclude<Resumption, { readonly from: number }> };

interface Work extends StepperOptions {
  readonly file: MigrationFile;
  readonly direction: Direction;
  /** The attempt to go on with. */
  readonly resume: JournalRow | null;
  readonly onStatement: (done: number, of: number) => void;
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
  const step = createStepper(sessions, work, id, from);
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

async function failureOf(
  sessions: Sessions,
  cause: unknown,
  { sql, statement, of }: { readonly sql: string; readonly statement: number; readonly of: number },
): Promise<StatementFailure> {
  const blockers = isBlocked(cause) ? await findBlockers(sessions, sql).catch(() => null) : null;
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
  // A DDL statement that failed did nothing. Changes that a program committed before it failed, stay.
  await keeper
    .query(
      `update ${keeper.table(journalTable)} set fingerprint = null where id = ? and fingerprint not in (?, ?)`,
      [id, committed, sent],
    )
    .then(() => setRow(keeper, id, failed))
    .catch(() => {});
}

export function signOf(error: unknown): string {
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  const name = typeof code === 'string' ? code : 'no code';
  return typeof errno === 'number' && errno > 0 ? `${name}, ${errno}` : name;
}
