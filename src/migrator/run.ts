import { apply } from './apply.ts';
import { type Direction, folderOf, statementsOf } from './files.ts';
import { ensureJournal } from './journal.ts';
import { freeLock, type Holder, takeLock } from './lock.ts';
import { lossesOf } from './losses.ts';
import { type MigrationProblem, type SourceResult, type Step, since } from './outcome.ts';
import { isUnfinished, planOf } from './plan.ts';
import { prepare, type Todo } from './prepare.ts';
import { changed, destructive, failed, locked, notTried, notVerified, refusal } from './problems.ts';
import type { Progress, Request } from './request.ts';
import { type OpenTarget, problemOf, type Target } from './target.ts';
import { breakingDrift } from './verify.ts';

/**
 * Migrates all targets, or, where one of them is not fit for it, none. From then on each goes its own way: one that
 * fails leaves the others alone.
 */
export async function migrate(
  targets: readonly Target[],
  request: Request,
  progress: Progress = {},
): Promise<SourceResult[]> {
  const ready = await prepare(targets, request, progress);
  try {
    const unfit = ready.some(({ problem }) => problem !== null);
    return await Promise.all(
      ready.map(async ({ target, open, todo, problem, ms }): Promise<SourceResult> => {
        const { source } = target;
        if (unfit || open === null) return { source, ok: false, steps: [], problem: problem ?? notTried, ms };
        if (request.dryRun !== true) return run(open, request, progress);
        const steps = todo.map((one) => wouldRun(one, request.direction));
        return { source, ok: true, steps, problem: null, ms };
      }),
    );
  } finally {
    for (const { open } of ready) await open?.[Symbol.asyncDispose]();
  }
}

function wouldRun({ name, statements, row }: Todo, direction: Direction): Step {
  return { name, direction, ms: 0, statements: statements?.length ?? 0, resumedAfter: row?.done ?? 0 };
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
  const { direction } = request;
  for (const planned of plan.run) {
    const { name, file } = planned;
    const begun = performance.now();
    const statements = await statementsOf(file, direction, orm);
    if (request.allowDestructive !== true) {
      const losses = await lossesOf(open, [{ name, statements }], direction);
      if (losses.length > 0) return destructive(losses);
    }
    progress.began?.(source, name, direction);
    const resume = isUnfinished(planned) ? planned.row : null;
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
