import { addHistory, addRow, ensureJournal, removeHistory, setRow } from './journal.ts';
import { takeLock } from './lock.ts';
import type { MigrationProblem } from './outcome.ts';
import type { MigrationState } from './plan.ts';
import { hasHistory, locked, noSuch, otherTables } from './problems.ts';
import { type OpenTarget, type Target, withTarget } from './target.ts';
import { breakingDrift } from './verify.ts';

/** What was put right in one source. */
export interface Repaired {
  readonly source: Target['source'];
  readonly ok: boolean;
  /** One sentence each. */
  readonly done: readonly string[];
  readonly problem: MigrationProblem | null;
}

type Work = (open: OpenTarget, done: string[]) => Promise<MigrationProblem | null>;

/**
 * Makes the journal agree with what is: adopts what another program applied, takes an edited file for the right one,
 * or takes a migration out of the history whose file is gone. No table but the migrator's own is touched.
 */
export function repair(
  target: Target,
  { acceptChecksum, forget, lockTimeout }: { acceptChecksum?: string; forget?: string; lockTimeout: number },
): Promise<Repaired> {
  return underLock(target, lockTimeout, async ({ session, look }, done) => {
    const { states } = await look();
    for (const name of [acceptChecksum, forget]) {
      if (name !== undefined && !states.some((known) => known.name === name)) {
        return noSuch(`Neither this build nor the database has a migration ${name}.`);
      }
    }
    const kept = states.find(({ name, state }) => name === forget && isThere.has(state));
    if (kept !== undefined) {
      return noSuch(`${kept.name} is ${kept.state.toLowerCase()}, and its file is there: nothing to forget.`);
    }
    await ensureJournal(session);
    for (const { name, file, row, state } of states) {
      const adopts = state === 'APPLIED' ? row === null : state === 'EDITED' && name === acceptChecksum;
      if (adopts && file !== null) {
        const { checksum } = file;
        await addRow(session, { name, action: 'ADOPT', state: 'DONE', checksum, statements: 0 });
        done.push(`${name}: the checksum of its file is the one that counts now.`);
      }
      if (name === forget) {
        await session.transaction(async () => {
          if (row !== null) await setRow(session, row.id, { state: 'FORGOTTEN' });
          await removeHistory(session, name);
        });
        done.push(`${name}: not in the history any more; its tables are as they were.`);
      }
    }
    return null;
  });
}

/** A migration in one of these states has a file, and its history is right: it cannot be forgotten. */
const isThere: ReadonlySet<MigrationState['state']> = new Set(['APPLIED', 'EDITED', 'PENDING']);

/** Takes the tables that are there for those that the migrations make, and writes them down as applied. */
export function baseline(
  target: Target,
  { to, lockTimeout }: { to?: string; lockTimeout: number },
): Promise<Repaired> {
  return underLock(target, lockTimeout, async (open, done) => {
    const { session, files, orm, look } = open;
    const { history } = await look();
    if (history.length > 0) return hasHistory(history.length);
    if (to !== undefined && !files.some(({ name }) => name === to)) {
      return noSuch(`This build has no migration ${to}.`);
    }
    const findings = to === undefined && target.folder === undefined ? await breakingDrift(open) : [];
    if (findings.length > 0) return otherTables(findings);
    await ensureJournal(session);
    await orm.migrator.getExecuted();
    for (const { name, checksum } of files.filter((file) => to === undefined || file.name <= to)) {
      await session.transaction(async () => {
        await addHistory(session, name);
        await addRow(session, { name, action: 'BASELINE', state: 'DONE', checksum, statements: 0 });
      });
      done.push(`${name}: counts as applied.`);
    }
    return null;
  });
}

function underLock(target: Target, seconds: number, work: Work): Promise<Repaired> {
  const { source, database } = target;
  const done: string[] = [];
  const end = (problem: MigrationProblem | null): Repaired => {
    return { source, ok: problem === null, done, problem };
  };
  return withTarget(
    target,
    async (open) => {
      const holder = await takeLock(open.session, database.name, { seconds, onWait: () => {} });
      return end(holder === null ? await work(open, done) : locked(holder, seconds));
    },
    end,
  );
}
