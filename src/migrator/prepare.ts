import { compareSources } from '../drift/drift.ts';
import type { Comparison } from '../drift/finding.ts';
import { type Observed, observe } from '../drift/observe.ts';
import { checkPrivileges } from '../preflight/steps/privileges.ts';
import { foreseen } from './foresee.ts';
import { lintMigrations, type MigrationFindings } from './lint/migrations.ts';
import { rowsOf } from './lint-sources.ts';
import { lossesOf } from './losses.ts';
import { type LintError, type MigrationProblem, since } from './outcome.ts';
import { isUnfinished, type Planned, planOf } from './plan.ts';
import { destructive, drifted, lintErrors, refusal } from './problems.ts';
import type { Progress, Request } from './request.ts';
import { type OpenTarget, openTarget, problemOf, type Target } from './target.ts';

/** A source as it is before anything is changed. Whoever has it prepared closes `open`. */
export interface Prepared extends Examined {
  readonly target: Target;
  /** Null where it is out of reach. */
  readonly open: OpenTarget | null;
  readonly ms: number;
}

interface Examined {
  /** What is to be run, in its order. */
  readonly todo: readonly Todo[];
  /** Its tables, where they were looked at. */
  readonly observed: Observed | null;
  /** Why it must stay as it is. */
  readonly problem: MigrationProblem | null;
}

/** A migration that is to be run. */
export interface Todo extends Planned {
  /** Null where they cannot be told before those in front of it have run. */
  readonly statements: readonly string[] | null;
}

/** Looks at each source, and then at both side by side. Nothing is changed. */
export async function prepare(
  targets: readonly Target[],
  request: Request,
  progress: Progress,
): Promise<Prepared[]> {
  const ready = await Promise.all(targets.map((target) => prepareOne(target, request, progress)));
  if (ready.some(({ problem }) => problem !== null)) return ready;
  const comparison = compareAtOneLevel(ready);
  if (comparison === null || comparison.findings.length === 0) return ready;
  progress.drifted?.(comparison);
  const breaking = comparison.findings.filter((finding) => finding.breaking);
  if (breaking.length === 0 || request.allowDrift === true) return ready;
  return ready.map((source) => ({ ...source, problem: drifted(breaking) }));
}

async function prepareOne(target: Target, request: Request, progress: Progress): Promise<Prepared> {
  const started = performance.now();
  let open: OpenTarget | null = null;
  try {
    open = await openTarget(target);
    const examined = await examine(open, request, progress);
    return { target, open, ...examined, ms: since(started) };
  } catch (error) {
    const problem = problemOf(error, target, open?.orm);
    return { target, open, todo: [], observed: null, problem, ms: since(started) };
  }
}

/** All that one source alone tells: privileges, plan, lint, and what would go for good. */
async function examine(open: OpenTarget, request: Request, progress: Progress): Promise<Examined> {
  const { target, orm } = open;
  const { source } = target;
  const { direction, checked = false, allowDestructive = false, allowLint = [] } = request;
  const refuse = (problem: MigrationProblem): Examined => ({ todo: [], observed: null, problem });

  const missing = checked ? await missingPrivilege(open) : null;
  if (missing !== null) return refuse(missing);
  const { history, states } = await open.look();
  const plan = planOf(states, history, request);
  if ('refused' in plan) return refuse(refusal(source, plan.refused, plan.names));
  const todo: Todo[] = [];
  for (const planned of plan.run) {
    todo.push({ ...planned, statements: await foreseen(planned.file, direction, orm) });
  }

  const observed =
    checked && direction === 'up' && todo.length > 0 ? await observe(source, orm.em.fork()) : null;
  let errors: LintError[] = [];
  if (observed !== null) {
    const judged = lintMigrations(
      todo.map(({ name, statements }) => ({ name, up: statements ?? [] })),
      { tables: observed.schema, rows: await rowsOf(observed.schema, orm) },
    );
    progress.judged?.(source, judged);
    errors = errorsAhead(judged, todo).filter(({ rule }) => !allowLint.includes(rule));
  }
  const losses = await lossesOf(open, todo, direction);
  if (losses.length > 0) {
    if (!allowDestructive) return refuse(destructive(losses));
    progress.loses?.(source, losses);
  }
  return { todo, observed, problem: errors.length === 0 ? null : lintErrors(errors) };
}

async function missingPrivilege({ target, session }: OpenTarget): Promise<MigrationProblem | null> {
  const { source, database } = target;
  const { problems = [] } = await checkPrivileges(
    { name: source, database },
    { rows: (sql) => session.query(sql) },
    { role: 'migrator', user: database.migrator.user, tables: [] },
  );
  const found = problems.find(({ severity }) => severity === 'failure');
  return found === undefined ? null : { kind: 'UNREACHABLE', detail: found.detail, next: found.remedy };
}

/** What the lint calls an error, of the statements that are still to come. What is destructive is refused by its rows. */
function errorsAhead(judged: readonly MigrationFindings[], todo: readonly Todo[]): LintError[] {
  return judged.flatMap(({ name, findings }) => {
    const done = todo.find((one) => one.name === name && isUnfinished(one))?.row?.done ?? 0;
    return findings
      .filter(({ severity, statement }) => severity === 'error' && statement > done)
      .filter((finding) => !finding.destructive)
      .map((finding) => ({ ...finding, migration: name }));
  });
}

/** Null for a single source, for sources that are not at one level, and where nothing is to be run. */
function compareAtOneLevel(ready: readonly Prepared[]): Comparison | null {
  const [left, right] = ready.map(({ observed }) => observed);
  if (!left || !right || left.history.join() !== right.history.join()) return null;
  if (ready.some(({ todo }) => todo.some(isUnfinished))) return null;
  return compareSources(left, right);
}
