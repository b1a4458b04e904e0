import { folderOf } from '../information-schema/migration-files.ts';
import { elapsedSince } from '../util/elapsed.ts';
import { settled } from '../util/settle-all.ts';
import { applyMigration } from './apply-migration.ts';
import type { Blockers } from './blockers.ts';
import { breakingDrift } from './breaking-drift.ts';
import { lossesOf } from './data-loss.ts';
import { ensureJournal } from './journal.ts';
import { lockSeconds } from './lock-timeouts.ts';
import type { Direction } from './migration-file.ts';
import { isUnfinished, type Planned } from './migration-states.ts';
import { recordStatements } from './offline.ts';
import { migrationProblemOf, type OpenTarget, type Target } from './open-target.ts';
import { type PlannedMigration, prepare } from './prepare.ts';
import { destructiveProblem, failed, notTried, notVerified, stopped } from './problems.ts';
import { isLost, lackOf } from './refused-statement.ts';
import type { Progress, Request } from './request.ts';
import type { MigrationProblem, MigrationStep, SourceResult } from './result.ts';

/**
 * Migrates all targets, or, where one of them is not fit for it, none. From then on each goes its own way: one that
 * fails leaves the others alone.
 */
export async function migrate(
  targets: readonly Target[],
  request: Request,
  progress: Progress = {},
): Promise<SourceResult[]> {
  const started = performance.now();
  const opened: OpenTarget[] = [];
  try {
    const ready = await prepare(targets, request, progress, opened);
    const unfit = ready.some(({ problem }) => problem !== null);
    return await settled(
      ready.map(async ({ target: { source }, open, todo, problem }): Promise<SourceResult> => {
        const end = (steps: readonly MigrationStep[], stopped: MigrationProblem | null): SourceResult => {
          return { source, ok: stopped === null, steps, problem: stopped, ms: elapsedSince(started) };
        };
        if (unfit || open === null) return end([], problem ?? notTried);
        if (request.dryRun === true) {
          const steps = todo.map((one) => wouldRun(one, request.direction));
          return end(steps, null);
        }
        const ran = await run(open, todo, request, progress);
        return end(ran.steps, ran.problem);
      }),
    );
  } finally {
    for (const open of opened) await open[Symbol.asyncDispose]();
  }
}

interface Ran {
  readonly steps: readonly MigrationStep[];
  readonly problem: MigrationProblem | null;
}

/** Runs the migrations, until the first one that stops. */
async function run(
  open: OpenTarget,
  todo: readonly PlannedMigration[],
  request: Request,
  progress: Progress,
): Promise<Ran> {
  const { target, orm } = open;
  const steps: MigrationStep[] = [];
  try {
    if (todo.length > 0) {
      await ensureJournal((await open.sessions()).keeper);
      // Makes MikroORM's own table, as MikroORM does.
      await orm.migrator.getExecuted();
    }
    for (const planned of todo) {
      const ended = await runOne(open, planned, request, progress);
      if ('kind' in ended) return { steps, problem: ended };
      steps.push(ended);
      progress.ended?.(target.source, ended);
    }
    return { steps, problem: request.checked === true ? await verified(open) : null };
  } catch (error) {
    return { steps, problem: migrationProblemOf(error, target, orm) };
  }
}

async function runOne(
  open: OpenTarget,
  planned: Planned,
  { direction, allowDestructive = false, tableLockTimeout = lockSeconds }: Request,
  progress: Progress,
): Promise<MigrationStep | MigrationProblem> {
  const { target, orm } = open;
  const { source } = target;
  const { name, file, row } = planned;
  const started = performance.now();
  // Asked again, since those before it may have changed what it reads.
  const sessions = await open.sessions();
  const statements = await recordStatements(file, direction, orm, (sql) => sessions.session.query(sql));
  const losses = allowDestructive ? [] : await lossesOf(open, [{ name, statements }], direction);
  if (losses.length > 0) return destructiveProblem(losses);
  progress.began?.(source, name, direction);
  const resume = isUnfinished(planned) ? row : null;
  const onStatement = (done: number, of: number) => progress.statement?.(source, name, done, of);
  const onBlocked = (blockers: Blockers) => progress.blocked?.(source, name, blockers);
  const applied = await applyMigration(sessions, {
    file,
    direction,
    statements,
    resume,
    lockSeconds: tableLockTimeout,
    onStatement,
    onBlocked,
  });
  if (applied.ok) {
    return {
      name,
      direction,
      ms: elapsedSince(started),
      statements: applied.statements,
      resumedAfter: applied.from,
    };
  }
  if ('stopped' in applied) return stopped(source, name, direction, applied.stopped);
  const { failure } = applied;
  const { cause } = failure;
  const sql = statements[failure.statement - 1] ?? '';
  const why = isLost(cause) ? 'lost' : lackOf(cause, { source, database: target.database.name, sql });
  return failed(source, name, direction, failure, why);
}

function wouldRun(todo: PlannedMigration, direction: Direction): MigrationStep {
  const { name, statements, row } = todo;
  const resumedAfter = isUnfinished(todo) ? (row?.done ?? 0) : 0;
  return { name, direction, ms: 0, statements: statements?.length ?? 0, resumedAfter };
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
