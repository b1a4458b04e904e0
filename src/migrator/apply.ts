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
  if (resume !== null && chainOf(statements.slice(0, resume.done)) !== resume.chain) {
    return { ok: false, changed: { done: resume.done } };
  }
  const from = resume === null ? 0 : await doneOf(session, resume, of);
  const id = await begin(session, work, from);
  // What a session was told is gone with it.
  for (const sql of statements.slice(0, from)) if (isSetting(sql)) await session.query(sql);

  for (let done = from; done < of; done++) {
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
    if (direction === 'up') await addHistory(session, file.name);
    else await removeHistory(session, file.name);
    await setRow(session, id, { state: 'DONE' });
  });
  return { ok: true, statements: of, from };
}

/** How many statements of a broken attempt took place, with the one that was under way. */
async function doneOf(session: MigratorSession, row: JournalRow, of: number): Promise<number> {
  if (row.before === null || row.done >= of) return row.done;
  return (await fingerprintOf(session)) === row.before ? row.done : row.done + 1;
}

/** @returns the id of the journal's row, which says that the attempt goes on behind so many statements */
async function begin(
  session: MigratorSession,
  { file: { name, checksum }, direction, statements, resume }: Work,
  done: number,
): Promise<number> {
  const row = { state: 'RUNNING', checksum, statements: statements.length } as const;
  if (resume === null) return addRow(session, { ...row, name, action: actionOf(direction) });
  const chain = chainOf(statements.slice(0, done));
  await setRow(session, resume.id, { ...row, done, chain, fingerprint: null, error: null });
  return resume.id;
}

const changesRows = (sql: string) => /^(insert|update|delete|replace|with)\b/i.test(bare(sql));
const isSetting = (sql: string) => /^set\b/i.test(bare(sql));

/** Without the comments in front, such as an exemption from the lint. */
const bare = (sql: string) => sql.replace(/^(?:\s+|\/\*(?!!)[\s\S]*?\*\/|(?:#|--\s)[^\n]*\n)+/, '');

/** Words and names up to the table, and none of the values that follow. */
export function beginningOf(sql: string): string {
  const words = bare(sql).replaceAll(/\s+/g, ' ');
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
