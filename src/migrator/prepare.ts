import { compareSources } from '../drift/drift.ts';
import type { Comparison } from '../drift/finding.ts';
import { type SchemaSnapshot, takeSnapshot } from '../drift/snapshot.ts';
import { checkPrivileges } from '../preflight/steps/privileges.ts';
import { settled } from '../util/settle-all.ts';
import { lossesOf } from './data-loss.ts';
import { existingTables } from './existing-tables.ts';
import { lintMigrations, type MigrationFindings } from './lint/migrations.ts';
import { rowsOf } from './lint-sources.ts';
import {
  isUnfinished,
  lateOnes,
  type MigrationState,
  migrationPlanOf,
  type Planned,
} from './migration-states.ts';
import { migrationProblemOf, type OpenTarget, openTarget, type Target } from './open-target.ts';
import { previewStatements } from './preview.ts';
import {
  destructiveProblem,
  driftProblem,
  lintErrors,
  lockedProblem,
  needsBaseline,
  refusal,
  stopped,
} from './problems.ts';
import { readOnlyProblem } from './read-only-server.ts';
import type { Progress, Request } from './request.ts';
import type { LintError, MigrationProblem } from './result.ts';
import { resumptionOf } from './resume-from.ts';
import { unmanagedTables, unmanagedTablesProblem } from './unmanaged-tables.ts';

/** A source as it is before anything is changed. */
export interface PreparedDatabase {
  readonly target: Target;
  /** Null where it is out of reach. */
  readonly open: OpenTarget | null;
  /** The migrations to run, in their order. */
  readonly todo: readonly PlannedMigration[];
  /** Its tables, if the runner read them. */
  readonly observed: SchemaSnapshot | null;
  /** Why it must stay as it is. */
  readonly problem: MigrationProblem | null;
}

/** A migration to run. */
export interface PlannedMigration extends Planned {
  /** Null where the runner cannot know them before those in front of it have run. */
  readonly statements: readonly string[] | null;
}

/**
 * Looks at each source and then at both side by side, under the locks, so that no other runner is at it meanwhile.
 * It changes nothing. It adds what it opens to `opened`, which the caller closes.
 */
export async function prepare(
  targets: readonly Target[],
  request: Request,
  progress: Progress,
  opened: OpenTarget[],
): Promise<PreparedDatabase[]> {
  const reached = await settled(targets.map((target) => reach(target, request, opened)));
  const locked: PreparedDatabase[] = [];
  // One after the other: two runners that took them in turns could wait for each other's.
  for (const source of reached) locked.push(await goOn(source, (open) => lock(open, request, progress)));
  const examined = await settled(
    locked.map((source) => goOn(source, (open) => examine(open, request, progress))),
  );
  return compare(examined, request, progress);
}

async function reach(
  target: Target,
  { checked = false }: Request,
  opened: OpenTarget[],
): Promise<PreparedDatabase> {
  const prepared = { target, open: null, todo: [], observed: null, problem: null };
  try {
    const open = await openTarget(target);
    opened.push(open);
    const reached = { ...prepared, open };
    return checked ? goOn(reached, async () => ({ problem: await missingPrivilege(open) })) : reached;
  } catch (error) {
    return { ...prepared, problem: migrationProblemOf(error, target) };
  }
}

/** Looks further at a source without a problem so far. An error of its database becomes its problem. */
async function goOn(
  prepared: PreparedDatabase,
  find: (open: OpenTarget) => Promise<Partial<PreparedDatabase>>,
): Promise<PreparedDatabase> {
  const { target, open, problem } = prepared;
  if (open === null || problem !== null) return prepared;
  try {
    return { ...prepared, ...(await find(open)) };
  } catch (error) {
    return { ...prepared, problem: migrationProblemOf(error, target, open.orm) };
  }
}

/** A dry run changes nothing, and waits for no lock. */
async function lock(
  { target, lock: take }: OpenTarget,
  { dryRun = false, lockTimeout }: Request,
  progress: Progress,
): Promise<Partial<PreparedDatabase>> {
  if (dryRun) return {};
  const holder = await take({
    seconds: lockTimeout,
    onWait: (other) => progress.waiting?.(target.source, other),
  });
  return holder === null ? {} : { problem: lockedProblem(holder, lockTimeout) };
}

/** All that one source alone tells: plan, lint, and what would go for good. */
async function examine(
  open: OpenTarget,
  request: Request,
  progress: Progress,
): Promise<Partial<PreparedDatabase>> {
  const { target, orm } = open;
  const { source } = target;
  const { direction, checked = false, allowDestructive = false, allowLint = [], into = [] } = request;
  const { history, journal, states } = await open.look();
  const plan = migrationPlanOf(states, history, request);
  if ('refused' in plan) return { problem: refusal(source, plan.refused, plan.names, renamedIn(states)) };
  const late = lateOnes(states);
  if (direction === 'up' && late.length > 0) progress.late?.(source, late);
  const todo: PlannedMigration[] = [];
  for (const planned of plan.run) {
    todo.push({ ...planned, statements: await previewStatements(planned.file, direction, orm) });
  }
  const frozen = todo.length === 0 ? null : await readOnlyProblem(open);
  if (frozen !== null) return { problem: frozen };
  if (direction === 'up' && history.length === 0 && journal.length === 0) {
    const all = todo.flatMap(({ statements }) => statements ?? []);
    const there = await existingTables(open.session, target.database.name, all);
    if (there.length > 0) return { problem: needsBaseline(source, there) };
    const { name } = target.database;
    const others =
      checked && todo.length > 0 && !into.includes(name)
        ? await unmanagedTables(orm, (sql) => open.session.query(sql))
        : [];
    if (others.length > 0) return { problem: unmanagedTablesProblem(name, others, 'tandem migrate up') };
  }
  for (const { name, row, statements, ...state } of todo.filter(isUnfinished)) {
    if (row === null || statements === null || state.state === 'RUNNING') continue;
    const found = await resumptionOf(open.session, open.target.database.name, row, statements);
    if (!('from' in found)) return { problem: stopped(source, name, direction, found) };
  }

  const observed =
    checked && direction === 'up' && todo.length > 0
      ? await takeSnapshot(source, orm.em.fork(), target.database.ignoredTables)
      : null;
  let errors: LintError[] = [];
  if (observed !== null) {
    const judged = lintMigrations(
      todo.map(({ name, statements }) => ({ name, up: statements })),
      { tables: observed.schema, rows: await rowsOf(observed.schema, orm) },
    );
    progress.judged?.(source, judged);
    errors = errorsAhead(judged, todo).filter(({ rule }) => !allowLint.includes(rule));
  }
  const losses = await lossesOf(open, todo, direction);
  if (losses.length > 0) {
    if (!allowDestructive) return { problem: destructiveProblem(losses) };
    progress.loses?.(source, losses);
  }
  return { todo, observed, problem: errors.length === 0 ? null : lintErrors(errors) };
}

/** A file that is gone and one that is pending with the same SQL, as where it was renamed; null where there is none. */
function renamedIn(states: readonly MigrationState[]): { readonly from: string; readonly to: string } | null {
  for (const { name, state, row } of states) {
    if (state !== 'MISSING' || row === null) continue;
    const to = states.find((one) => one.state === 'PENDING' && one.file?.checksum === row.checksum);
    if (to !== undefined) return { from: name, to: to.name };
  }
  return null;
}

async function missingPrivilege({ target, session }: OpenTarget): Promise<MigrationProblem | null> {
  const { source, database } = target;
  const { problems = [] } = await checkPrivileges(
    { name: source, database },
    { rows: (sql) => session.query(sql) },
    { role: 'migrator', user: database.migrator.user, tables: [] },
  );
  const found = problems.find(({ severity }) => severity === 'failure');
  return found === undefined ? null : { kind: 'UNREACHABLE', cause: found.cause, remedy: found.remedy };
}

/** The lint's errors in the statements still to run. The check of data loss refuses destructive ones, by their rows. */
function errorsAhead(judged: readonly MigrationFindings[], todo: readonly PlannedMigration[]): LintError[] {
  return judged.flatMap(({ name, findings }) => {
    const done = todo.find((one) => one.name === name && isUnfinished(one))?.row?.done ?? 0;
    return findings
      .filter(({ severity, statement }) => severity === 'error' && statement > done)
      .filter((finding) => !finding.destructive)
      .map((finding) => ({ ...finding, migration: name }));
  });
}

/** Refuses both where they differ in what could break something, though only migrations should change them. */
function compare(
  ready: PreparedDatabase[],
  { allowDrift = false }: Request,
  progress: Progress,
): PreparedDatabase[] {
  const comparison = comparisonOf(ready);
  if (comparison === null || comparison.findings.length === 0) return ready;
  progress.drifted?.(comparison);
  const breaking = comparison.findings.filter((finding) => finding.breaking);
  if (breaking.length === 0 || allowDrift) return ready;
  return ready.map((source) => ({ ...source, problem: driftProblem(breaking) }));
}

/** Null for a single source, for sources that are not at one level, and where there is nothing to run. */
function comparisonOf(ready: readonly PreparedDatabase[]): Comparison | null {
  if (ready.some(({ problem, todo }) => problem !== null || todo.some(isUnfinished))) return null;
  const [left, right] = ready.map(({ observed }) => observed);
  if (!left || !right || left.history.join() !== right.history.join()) return null;
  return compareSources(left, right);
}
