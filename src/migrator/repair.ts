import { addHistory, addRow, ensureJournal, removeHistory, setRow } from './journal.ts';
import { takeLock } from './lock.ts';
import type { MigrationProblem } from './outcome.ts';
import { locked } from './problems.ts';
import { type OpenTarget, openTarget, problemOf, type Target } from './target.ts';
import { breakingDrift, objectsIn } from './verify.ts';

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
    await ensureJournal(session);
    for (const { name, file, row, state } of states) {
      if (
        file !== null &&
        (state === 'APPLIED' ? row === null : state === 'EDITED' && name === acceptChecksum)
      ) {
        await addRow(session, {
          name,
          action: 'ADOPT',
          state: 'DONE',
          checksum: file.checksum,
          statements: 0,
        });
        done.push(`${name}: the checksum of its file is the one that counts now.`);
      }
      if (name !== forget) continue;
      if (state === 'APPLIED' || state === 'EDITED' || state === 'PENDING') {
        return noSuch(`${name} is ${state.toLowerCase()}, and its file is there: nothing to forget.`);
      }
      await session.transaction(async () => {
        if (row !== null) await setRow(session, row.id, { state: 'FORGOTTEN' });
        await removeHistory(session, name);
      });
      done.push(`${name}: not in the history any more; its tables are as they were.`);
    }
    const known = (wanted?: string) => wanted === undefined || states.some(({ name }) => name === wanted);
    return known(acceptChecksum) && known(forget)
      ? null
      : noSuch('No migration has that name, neither in this build nor in the database.');
  });
}

function noSuch(detail: string): MigrationProblem {
  return { kind: 'NO_SUCH', detail, next: '`tandem migrate status` lists the names and their states.' };
}

/** Takes the tables that are there for those that the migrations make, and writes them down as applied. */
export function baseline(
  target: Target,
  { to, lockTimeout }: { to?: string; lockTimeout: number },
): Promise<Repaired> {
  return underLock(target, lockTimeout, async (open, done) => {
    const { session, files, orm, look } = open;
    const { history } = await look();
    const refuse = (detail: string, next: string): MigrationProblem => ({
      kind: 'NOT_BASELINE',
      detail,
      next,
    });
    if (history.length > 0) {
      return refuse(
        `The database has a history of ${history.length}.`,
        'There is nothing to do: `tandem migrate status`.',
      );
    }
    if (to !== undefined && !files.some(({ name }) => name === to)) {
      return noSuch(`This build has no migration ${to}.`);
    }
    const findings = to === undefined && target.folder === undefined ? await breakingDrift(open) : [];
    if (findings.length > 0) {
      return refuse(
        `The tables are not those of the migrations: ${objectsIn(findings)}.`,
        'Where they are those of an earlier state, name the last migration of it with --to; an empty database needs `tandem migrate up`.',
      );
    }
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

async function underLock(target: Target, seconds: number, work: Work): Promise<Repaired> {
  const { source, database } = target;
  const done: string[] = [];
  const end = (problem: MigrationProblem | null): Repaired => ({
    source,
    ok: problem === null,
    done,
    problem,
  });
  let open: OpenTarget | undefined;
  try {
    open = await openTarget(target);
    const holder = await takeLock(open.session, database.name, { seconds, onWait: () => {} });
    return end(holder === null ? await work(open, done) : locked(holder, seconds));
  } catch (error) {
    return end(problemOf(error, target, open?.orm));
  } finally {
    await open?.[Symbol.asyncDispose]();
  }
}
