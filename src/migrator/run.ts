import { readSchema } from '../information-schema/read.ts';
import { checkPrivileges } from '../preflight/steps/privileges.ts';
import { apply } from './apply.ts';
import { type Direction, folderOf, statementsOf } from './files.ts';
import { ensureJournal } from './journal.ts';
import { lintMigrations, type MigrationFindings } from './lint/migrations.ts';
import { rowsOf } from './lint-sources.ts';
import { freeLock, type Holder, takeLock } from './lock.ts';
import { type Loss, lossesOf } from './losses.ts';
import { offlineStatements } from './offline.ts';
import { type MigrationProblem, refusal, type SourceResult, type Step } from './outcome.ts';
import { type Extent, type MigrationState, planOf } from './plan.ts';
import { type OpenTarget, openTarget, problemOf, type Target } from './target.ts';
import { breakingDrift, objectsIn } from './verify.ts';

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

const notTried: MigrationProblem = {
  kind: 'NOT_TRIED',
  detail: 'Ready, and left as it was, since the other source is not.',
  next: 'Mend the other one, or name this one alone with --source.',
};

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
    { rows: (sql: string) => session.query(sql), close() {} } as unknown as Parameters<
      typeof checkPrivileges
    >[1],
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
    // What it runs may depend on what those before it make: then as on an empty database.
    const statements = await statementsOf(file, direction, orm)
      .catch(() => offlineStatements(file, direction, orm))
      .catch(() => []);
    runs.push({ name, statements });
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

function destructive(losses: readonly Loss[]): MigrationProblem {
  const list = losses.map(({ migration, what, rows }) =>
    rows === 0 ? `${what} (${migration})` : `${what} with ${rows} rows (${migration})`,
  );
  return {
    kind: 'DESTRUCTIVE',
    detail: `Rows would be lost: ${list.join('; ')}.`,
    next: 'Where that is meant, and a backup is at hand, run it again with --allow-destructive.',
    losses,
  };
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
  const statements =
    state.file === null ? [] : await statementsOf(state.file, direction, open.orm).catch(() => []);
  return {
    name: state.name,
    direction,
    ms: 0,
    statements: statements.length,
    resumedAfter: state.row?.done ?? 0,
  };
}

function locked(holder: Holder, seconds: number): MigrationProblem {
  const { connection, account, host, since: begun } = holder;
  const time = begun === null ? '' : `, at a migration since ${begun}`;
  return {
    kind: 'LOCKED',
    detail: `Another runner migrates this database: connection ${connection}, ${account} from ${host}${time}. Waited ${seconds} s.`,
    next: 'Wait until it has finished, or give --lock-timeout more seconds. Where its process is gone, the server frees the lock as soon as it has ended the statement.',
    holder,
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
      if ('changed' in applied) return changed(open, name, applied.changed.done);
      const { cause, ...failure } = applied.failure;
      return failed(open, name, direction, failure, cause);
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

function changed({ target }: OpenTarget, name: string, done: number): MigrationProblem {
  const on = `--source ${target.source.toLowerCase()}`;
  return {
    kind: 'CHANGED',
    detail: `${name} stopped after ${done} statements, and its file has others there now.`,
    next: `Restore the statements that are done, and change only those after them; or undo them by hand and run \`tandem migrate repair ${on} --forget ${name}\`.`,
  };
}

function failed(
  { target, orm }: OpenTarget,
  name: string,
  direction: Direction,
  failure: { statement: number; of: number; what: string; error: string },
  cause: unknown,
): MigrationProblem {
  const { statement, of, what, error } = failure;
  const where = `${name}, statement ${statement} of ${of} (${what})`;
  const on = `--source ${target.source.toLowerCase()}`;
  const again = `\`tandem migrate ${direction} ${on}\``;
  let meant: MigrationProblem | null = null;
  try {
    meant = problemOf(cause, target, orm);
  } catch {
    // MySQL's number says it all.
  }
  if (meant?.kind === 'UNREACHABLE') {
    const detail = `The connection was lost at ${where}: ${error}.`;
    const next = `When the server answers again, ${again} finds out whether that statement took place, and goes on.`;
    return { kind: 'CONNECTION_LOST', detail, next, failure };
  }
  return {
    kind: 'FAILED',
    detail: `Stopped at ${where}: ${error}. ${doneBefore(statement)}`,
    next: `Mend that statement in the file, or what it stumbled over in the database, and run ${again}: it goes on with statement ${statement}.`,
    failure,
  };
}

function doneBefore(statement: number): string {
  if (statement === 1) return 'Nothing of it took place.';
  return statement === 2
    ? 'The one before it is done and stays.'
    : `The ${statement - 1} before it are done and stay.`;
}

/** Tables and keys, against the entities, once all migrations of this build are applied. */
async function verified(open: OpenTarget): Promise<MigrationProblem | null> {
  const { source, folder } = open.target;
  if (folder !== undefined && folder !== folderOf(source)) return null;
  const { states } = await open.look();
  if (states.some(({ state }) => state !== 'APPLIED')) return null;
  const findings = await breakingDrift(open);
  if (findings.length === 0) return null;
  return {
    kind: 'NOT_VERIFIED',
    detail: `All migrations are applied, and the tables are not those of the entities: ${objectsIn(findings)}.`,
    next: `Somebody changed the tables by hand, or an entity has no migration yet: \`tandem drift --source ${source.toLowerCase()}\` says what would mend it.`,
  };
}

function since(started: number): number {
  return Math.round((performance.now() - started) * 10) / 10;
}
