import { readSchema } from '../information-schema/read.ts';
import { checkPrivileges } from '../preflight/steps/privileges.ts';
import { apply } from './apply.ts';
import { type Direction, folderOf, statementsOf } from './files.ts';
import { foreseen } from './foresee.ts';
import { ensureJournal } from './journal.ts';
import { lintMigrations, type MigrationFindings } from './lint/migrations.ts';
import { rowsOf } from './lint-sources.ts';
import { freeLock, type Holder, takeLock } from './lock.ts';
import { type Loss, lossesOf } from './losses.ts';
import type { MigrationProblem, SourceResult, Step } from './outcome.ts';
import { type Extent, type MigrationState, planOf } from './plan.ts';
import { changed, destructive, failed, locked, notTried, notVerified, refusal } from './problems.ts';
import { type OpenTarget, openTarget, problemOf, type Target } from './target.ts';
import { breakingDrift } from './verify.ts';

export interface Request extends Extent {
  /** Seconds to wait for another runner. */
  readonly lockTimeout: number;
  /** Say what would be done, and change nothing. */
  readonly dryRun?: boolean;
  /** Go on where rows would be lost. */
  readonly allowDestructive?: boolean;
  /** Whether grants are looked at first, and the tables compared with the entities afterwards. */
  readonly checked?: boolean;
}

/** Told of what happens, for whoever watches. */
export interface Progress {
  /** Before anything is changed: what the lint says, by the tables and their sizes, and which locks are to come. */
  readonly judged?: (source: Target['source'], migrations: readonly MigrationFindings[]) => void;
  /** What will be gone for good, since that is allowed. */
  readonly loses?: (source: Target['source'], losses: readonly Loss[]) => void;
  readonly waiting?: (source: Target['source'], holder: Holder) => void;
  readonly began?: (source: Target['source'], name: string, direction: Direction) => void;
  readonly statement?: (source: Target['source'], name: string, done: number, of: number) => void;
  readonly ended?: (source: Target['source'], step: Step) => void;
}

/**
 * Migrates all targets, or, where one of them is not fit for it, none. From then on each goes its own way: one that
 * fails leaves the others alone.
 */
export async function migrate(
  targets: readonly Target[],
  request: Request,
  progress: Progress = {},
): Promise<SourceResult[]> {
  const ready = await Promise.all(targets.map((target) => prepare(target, request, progress)));
  try {
    const unfit = ready.some(({ problem }) => problem !== null);
    return await Promise.all(
      ready.map(async ({ target, open, problem, ms }) => {
        const { source } = target;
        if (unfit || open === null) return { source, ok: false, steps: [], problem: problem ?? notTried, ms };
        return run(open, request, progress);
      }),
    );
  } finally {
    for (const { open } of ready) await open?.[Symbol.asyncDispose]();
  }
}

interface Prepared {
  readonly target: Target;
  readonly open: OpenTarget | null;
  readonly problem: MigrationProblem | null;
  readonly ms: number;
}

/** Everything that can be known before anything is changed: reachable, privileges, plan, losses. */
async function prepare(target: Target, request: Request, progress: Progress): Promise<Prepared> {
  const started = performance.now();
  const end = (open: OpenTarget | null, problem: MigrationProblem | null): Prepared => {
    return { target, open, problem, ms: since(started) };
  };
  let open: OpenTarget;
  try {
    open = await openTarget(target);
  } catch (error) {
    return end(null, problemOf(error, target));
  }
  try {
    return end(open, (await lacking(open, request)) ?? (await concerns(open, request, progress)));
  } catch (error) {
    return end(open, problemOf(error, target, open.orm));
  }
}

async function lacking(
  { target, session }: OpenTarget,
  { checked }: Request,
): Promise<MigrationProblem | null> {
  if (checked !== true) return null;
  const { source, database } = target;
  const { problems = [] } = await checkPrivileges(
    { name: source, database },
    { rows: (sql) => session.query(sql) },
    { role: 'migrator', user: database.migrator.user, tables: [] },
  );
  const found = problems.find(({ severity }) => severity === 'failure');
  return found === undefined ? null : { kind: 'UNREACHABLE', detail: found.detail, next: found.remedy };
}

/** The one place for what may speak against a plan: an order that is impossible, and what would go for good. */
async function concerns(
  open: OpenTarget,
  request: Request,
  progress: Progress,
): Promise<MigrationProblem | null> {
  const { direction, allowDestructive } = request;
  const { target, orm } = open;
  const { history, states } = await open.look();
  const plan = planOf(states, history, request);
  if ('refused' in plan) return refusal(target.source, plan.refused, plan.names);
  const runs: { name: string; statements: readonly string[] }[] = [];
  for (const { file, name } of plan.run) {
    if (file === null) continue;
    runs.push({ name, statements: (await foreseen(file, direction, orm)) ?? [] });
  }
  if (request.checked === true && direction === 'up' && runs.length > 0) {
    const tables = await readSchema(orm.em);
    const migrations = runs.map(({ name, statements }) => ({ name, up: statements }));
    progress.judged?.(target.source, lintMigrations(migrations, { tables, rows: await rowsOf(tables, orm) }));
  }
  const losses = await lossesOf(open, runs, direction);
  if (losses.length === 0) return null;
  if (allowDestructive !== true) return destructive(losses);
  progress.loses?.(target.source, losses);
  return null;
}

async function run(open: OpenTarget, request: Request, progress: Progress): Promise<SourceResult> {
  const { target, session } = open;
  const { source, database } = target;
  const started = performance.now();
  const steps: Step[] = [];
  const end = (problem: MigrationProblem | null): SourceResult => {
    return { source, ok: problem === null, steps, problem, ms: since(started) };
  };
  try {
    if (request.dryRun === true) {
      const { history, states } = await open.look();
      const plan = planOf(states, history, request);
      if ('refused' in plan) return end(refusal(source, plan.refused, plan.names));
      for (const state of plan.run) steps.push(await wouldRun(open, state, request.direction));
      return end(null);
    }
    const lock = {
      seconds: request.lockTimeout,
      onWait: (holder: Holder) => progress.waiting?.(source, holder),
    };
    const holder = await takeLock(session, database.name, lock);
    if (holder !== null) return end(locked(holder, request.lockTimeout));
    const problem = await underLock(open, request, progress, steps);
    await freeLock(session, database.name).catch(() => {});
    return end(problem);
  } catch (error) {
    return end(problemOf(error, target, open.orm));
  }
}

async function wouldRun(open: OpenTarget, state: MigrationState, direction: Direction): Promise<Step> {
  const statements = state.file && (await foreseen(state.file, direction, open.orm));
  return {
    name: state.name,
    direction,
    ms: 0,
    statements: statements?.length ?? 0,
    resumedAfter: state.row?.done ?? 0,
  };
}

/** Looks again, since another runner may have been at it, and runs what is to be run. */
async function underLock(
  open: OpenTarget,
  request: Request,
  progress: Progress,
  steps: Step[],
): Promise<MigrationProblem | null> {
  const { target, session, orm } = open;
  const { source } = target;
  const { history, states } = await open.look();
  const plan = planOf(states, history, request);
  if ('refused' in plan) return refusal(source, plan.refused, plan.names);
  if (plan.run.length > 0) {
    await ensureJournal(session);
    // Makes MikroORM's own table, as MikroORM does.
    await orm.migrator.getExecuted();
  }
  for (const { name, file, row, state } of plan.run) {
    if (file === null) continue;
    const { direction } = request;
    const begun = performance.now();
    const statements = await statementsOf(file, direction, orm);
    if (request.allowDestructive !== true) {
      const losses = await lossesOf(open, [{ name, statements }], direction);
      if (losses.length > 0) return destructive(losses);
    }
    progress.began?.(source, name, direction);
    const resume = state === 'INTERRUPTED' || state === 'FAILED' ? row : null;
    const onStatement = (done: number, of: number) => progress.statement?.(source, name, done, of);
    const applied = await apply(session, { file, direction, statements, resume, onStatement });
    if (!applied.ok) {
      if ('changed' in applied) return changed(source, name, applied.changed.done);
      const { cause, ...failure } = applied.failure;
      return failed(source, name, direction, failure, problemOfServer(cause, open));
    }
    const step = {
      name,
      direction,
      ms: since(begun),
      statements: applied.statements,
      resumedAfter: applied.from,
    };
    steps.push(step);
    progress.ended?.(source, step);
  }
  return request.checked === true ? verified(open) : null;
}

/** Tables and keys, against the entities, once all migrations of this build are applied. */
async function verified(open: OpenTarget): Promise<MigrationProblem | null> {
  const { source, folder } = open.target;
  if (folder !== undefined && folder !== folderOf(source)) return null;
  const { states } = await open.look();
  if (states.some(({ state }) => state !== 'APPLIED')) return null;
  const findings = await breakingDrift(open);
  return findings.length === 0 ? null : notVerified(source, findings);
}

/** Null where MySQL's number says it all. */
function problemOfServer(cause: unknown, { target, orm }: OpenTarget): MigrationProblem | null {
  try {
    return problemOf(cause, target, orm);
  } catch {
    return null;
  }
}

function since(started: number): number {
  return Math.round((performance.now() - started) * 10) / 10;
}
