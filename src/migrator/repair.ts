import { breakingDrift } from './breaking-drift.ts';
import { addHistory, addRow, ensureJournal, removeHistory, setRow } from './journal.ts';
import { isUnfinished, type MigrationState } from './migration-states.ts';
import type { MigratorSession } from './migrator-session.ts';
import { type OpenTarget, type Target, withTarget } from './open-target.ts';
import { hasHistory, lockedProblem, noSuch, otherTables } from './problems.ts';
import type { MigrationProblem } from './result.ts';
import { answers } from './statement-outcome.ts';

/** The repairs of one source. */
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
  { lockTimeout, ...asked }: Repairs & { lockTimeout: number },
): Promise<Repaired> {
  const { acceptChecksum, forget } = asked;
  return underLock(target, lockTimeout, async ({ sessions, look, orm }, done) => {
    const { keeper: session } = await sessions();
    const { states } = await look();
    for (const name of Object.values(asked)) {
      if (name !== undefined && !states.some((known) => known.name === name)) {
        return noSuch(`Neither this build nor the database has a migration ${name}.`);
      }
    }
    const kept = states.find(({ name, state }) => name === forget && isThere.has(state));
    if (kept !== undefined) {
      return noSuch(`${kept.name} is ${kept.state.toLowerCase()}, and its file is there: nothing to forget.`);
    }
    const unfit = unfitFor(asked, states);
    if (unfit !== null) return unfit;
    await ensureJournal(session);
    for (const state of states) {
      const said = await settle(session, orm, state, asked);
      if (said !== null) done.push(said);
    }
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

/** The repairs, by the names of migrations. */
export interface Repairs {
  readonly acceptChecksum?: string | undefined;
  readonly forget?: string | undefined;
  /** All of it is there, by hand or under the name that its file had before. */
  readonly applied?: string | undefined;
  /** The statement that was under way took place. */
  readonly statementApplied?: string | undefined;
  readonly statementNotApplied?: string | undefined;
}

/** Why a name is not one of those that an option is for. */
function unfitFor(
  { applied, statementApplied, statementNotApplied }: Repairs,
  states: readonly MigrationState[],
): MigrationProblem | null {
  const find = (name: string | undefined) => states.find((state) => state.name === name);
  const there = find(applied);
  if (there !== undefined && (there.file === null || there.state === 'APPLIED' || there.state === 'EDITED')) {
    return noSuch(`${there.name} is ${there.state.toLowerCase()}: nothing to write down as applied.`);
  }
  for (const name of [statementApplied, statementNotApplied]) {
    const begun = find(name);
    if (begun !== undefined && (!isUnfinished(begun) || begun.row?.before === null)) {
      return noSuch(`No statement of ${begun.name} is in doubt.`);
    }
  }
  return null;
}

/** Records the operator's answer about a migration; null where there is none. */
async function settle(
  session: MigratorSession,
  orm: OpenTarget['orm'],
  { name, file, row }: MigrationState,
  { applied, statementApplied, statementNotApplied }: Repairs,
): Promise<string | null> {
  if (name === applied && file !== null) {
    // Makes MikroORM's own table, as MikroORM does.
    await orm.migrator.getExecuted();
    await session.transaction(async () => {
      if (row !== null && row.state !== 'DONE') await setRow(session, row.id, { state: 'FORGOTTEN' });
      await removeHistory(session, name);
      await addHistory(session, name);
      const { checksum } = file;
      await addRow(session, { name, action: 'ADOPT', state: 'DONE', checksum, statements: 0 });
    });
    return `${name}: counts as applied.`;
  }
  if (row === null || (name !== statementApplied && name !== statementNotApplied)) return null;
  const took = name === statementApplied;
  await setRow(session, row.id, { fingerprint: took ? answers.applied : answers.notApplied });
  return `${name}: statement ${row.done + 1} counts as ${took ? 'done' : 'not done'}.`;
}

/** A migration in one of these states has a file, and its history is right: it cannot be forgotten. */
const isThere: ReadonlySet<MigrationState['state']> = new Set(['APPLIED', 'EDITED', 'PENDING']);

/** Takes the tables that are there for those that the migrations make, and writes them down as applied. */
export function baseline(
  target: Target,
  { to, lockTimeout }: { to?: string; lockTimeout: number },
): Promise<Repaired> {
  return underLock(target, lockTimeout, async (open, done) => {
    const { sessions, files, orm, look } = open;
    const { keeper: session } = await sessions();
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
  const { source } = target;
  const done: string[] = [];
  const end = (problem: MigrationProblem | null): Repaired => {
    return { source, ok: problem === null, done, problem };
  };
  return withTarget(
    target,
    async (open) => {
      const holder = await open.lock({ seconds, onWait: () => {} });
      return end(holder === null ? await work(open, done) : lockedProblem(holder, seconds));
    },
    end,
  );
}
