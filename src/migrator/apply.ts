import type { Direction, MigrationFile } from './files.ts';
import { fingerprintOf } from './fingerprint.ts';
import { actionOf, addHistory, addRow, chainOf, type JournalRow, removeHistory, setRow } from './journal.ts';
import type { MigratorSession } from './session.ts';

/** What stopped a migration: nothing of the statement's values. */
export interface Failure {
  /** From 1. */
  readonly statement: number;
  readonly of: number;
  /** How the statement begins, such as: alter table `patients`. */
  readonly what: string;
  /** MySQL's name and number, or the driver's code. */
  readonly error: string;
  readonly cause: unknown;
}

export type Applied =
  | { readonly ok: true; readonly statements: number; readonly from: number }
  | { readonly ok: false; readonly failure: Failure }
  /** What was done of it, and what the file says now, do not go together. */
  | { readonly ok: false; readonly changed: { readonly done: number } };

interface Work {
  readonly file: MigrationFile;
  readonly direction: Direction;
  readonly statements: readonly string[];
  /** The attempt to go on with. */
  readonly resume: JournalRow | null;
  readonly onStatement: (done: number, of: number) => void;
}

/**
 * Runs one migration, statement by statement, and writes down before each that it begins and afterwards that it is done.
 * Rows change in one transaction with the journal. MySQL commits DDL by itself, so before it the journal keeps a
 * fingerprint of the schema, which tells later whether the statement took place.
 */
export async function apply(session: MigratorSession, work: Work): Promise<Applied> {
  const { file, direction, statements, resume, onStatement } = work;
  const of = statements.length;
  let done = resume === null ? 0 : await settled(session, resume, of);
  if (
    resume !== null &&
    done === resume.done + 1 &&
    chainOf(statements.slice(0, done - 1)) === resume.chain
  ) {
    await setRow(session, resume.id, { done, chain: chainOf(statements.slice(0, done)), fingerprint: null });
  } else if (resume !== null && chainOf(statements.slice(0, done)) !== resume.chain) {
    return { ok: false, changed: { done } };
  }
  const { checksum, name } = file;
  const row = { name, action: actionOf(direction), state: 'RUNNING', checksum, statements: of } as const;
  const id = resume?.id ?? (await addRow(session, row));
  if (resume !== null) await setRow(session, id, { state: 'RUNNING', checksum, statements: of, error: null });
  const from = done;
  // What a session was told is gone with it.
  for (const sql of statements.slice(0, done)) if (isSetting(sql)) await session.query(sql);

  for (; done < of; done++) {
    const sql = statements[done] as string;
    const progress = { done: done + 1, chain: chainOf(statements.slice(0, done + 1)), fingerprint: null };
    try {
      if (changesRows(sql)) {
        await session.transaction(async () => {
          await session.query(sql);
          await setRow(session, id, progress);
        });
      } else if (isSetting(sql)) {
        await session.query(sql);
        await setRow(session, id, progress);
      } else {
        await setRow(session, id, { fingerprint: await fingerprintOf(session) });
        await session.query(sql);
        await setRow(session, id, progress);
      }
    } catch (cause) {
      const error = signOf(cause);
      // Fails where the connection is lost: then the next run finds it interrupted.
      await setRow(session, id, { state: 'FAILED', fingerprint: null, error }).catch(() => {});
      return { ok: false, failure: { statement: done + 1, of, what: beginningOf(sql), error, cause } };
    }
    onStatement(done + 1, of);
  }
  await session.transaction(async () => {
    if (direction === 'up') await addHistory(session, name);
    else await removeHistory(session, name);
    await setRow(session, id, { state: 'DONE' });
  });
  return { ok: true, statements: of, from };
}

/** How many statements of a broken attempt took place, with the one that was under way. */
async function settled(session: MigratorSession, row: JournalRow, of: number): Promise<number> {
  if (row.before === null || row.done >= of) return row.done;
  return (await fingerprintOf(session)) === row.before ? row.done : row.done + 1;
}

const changesRows = (sql: string) => /^\s*(insert|update|delete|replace|with)\b/i.test(sql);
const isSetting = (sql: string) => /^\s*set\b/i.test(sql);

/** Words and names up to the table, and none of the values that follow. */
export function beginningOf(sql: string): string {
  const words = sql.trim().replaceAll(/\s+/g, ' ');
  return (
    /^[a-z ]+`[^`]+`/i.exec(words)?.[0] ??
    /^[a-z]+( (table|view|index|trigger|into|from))?/i.exec(words)?.[0] ??
    ''
  );
}

export function signOf(error: unknown): string {
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  const name = typeof code === 'string' ? code : 'no code';
  return typeof errno === 'number' && errno > 0 ? `${name}, ${errno}` : name;
}
