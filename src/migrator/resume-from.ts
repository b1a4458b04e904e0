import { beginningOf } from '../sql/beginning.ts';
import { chainOf, type JournalRow } from './journal.ts';
import { lostWithSession } from './lost-session-state.ts';
import type { MigratorSession } from './migrator-session.ts';
import { outcomeOf } from './statement-outcome.ts';

/** Where a broken attempt goes on, or why the runner cannot know. */
export type Resumption =
  | { readonly from: number }
  /** The statements that were done, and those of the file now, do not go together. */
  | { readonly changed: number }
  /** Whether this statement took place, from 1, and how it begins. */
  | { readonly unknown: number; readonly of: number; readonly what: string }
  /** The state of the lost session that the statements behind this one need. */
  | { readonly lost: string; readonly done: number };

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
