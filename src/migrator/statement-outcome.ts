import type { StatementKind } from '../sql/statement-kind.ts';
import type { MigratorSession } from './migrator-session.ts';
import { type Fingerprint, fingerprintOf, sha } from './schema-fingerprint.ts';

// The journal's mark of the statement that was sent last, in 64 characters: by it the next runner, which finds it
// there, can tell whether that statement took place.

/** The runner writes it in the transaction that the statement belongs to; a later runner finds it only if the statement committed by itself. */
export const committed = 'committed';

/** A statement that no transaction can take back, such as one on a MyISAM table. */
export const sent = 'sent';

/** The answers that `repair` takes. */
export const answers = { applied: 'applied', notApplied: 'not applied' } as const;

/** Whether a statement took place; `edited` where it did, and reads otherwise now. */
export type StatementOutcome = 'applied' | 'not applied' | 'unknown' | 'edited';

/** Of a DDL statement: the schema before it. */
export async function markBefore(
  session: Pick<MigratorSession, 'query'>,
  database: string,
  { sql, kind }: { readonly sql: string; readonly kind: StatementKind },
): Promise<string> {
  const print = (await fingerprintOf(session, database)) as Fingerprint;
  return [
    kind.charAt(0),
    print.ids ? 'i' : 'n',
    sha(print.version).slice(0, 8),
    sha(sql).slice(0, 14),
    print.hash,
  ].join('');
}

/** The outcome that a mark shows, of the statement that stands at its place now. */
export async function outcomeOf(
  mark: string | null,
  sql: string,
  session: Pick<MigratorSession, 'query'>,
  database: string,
): Promise<StatementOutcome> {
  if (mark === null || mark === answers.notApplied) return 'not applied';
  if (mark === answers.applied) return 'applied';
  const [, kind, ids, version, statement, hash] =
    /^([smt])([in])([0-9a-f]{8})([0-9a-f]{14})([0-9a-f]{40})$/.exec(mark) ?? [];
  // Of another kind, or of an older release, which looked at less.
  if (hash === undefined) return 'unknown';
  const now = await fingerprintOf(session, database, ids === 'i');
  if (now === null || sha(now.version).slice(0, 8) !== version) return 'unknown';
  if (now.hash !== hash) return sha(sql).slice(0, 14) === statement ? 'applied' : 'edited';
  return kind === 's' || (kind === 'm' && now.ids) ? 'not applied' : 'unknown';
}
