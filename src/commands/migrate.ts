import { explainFinding, findingLabel } from '../drift/formats/words.ts';
import { explanationLines } from '../errors/explanation.ts';
import { describeBlockers } from '../migrator/blockers.ts';
import type { RuleId } from '../migrator/lint/rules.ts';
import { describeFindings, describeImpacts } from '../migrator/lint/text.ts';
import type { Direction } from '../migrator/migration-file.ts';
import { baseline, type Repairs, repair } from '../migrator/repair.ts';
import type { Progress } from '../migrator/request.ts';
import {
  exitCodeOf,
  type MigrationProblem,
  resultForPrograms,
  type SourceResult,
} from '../migrator/result.ts';
import { migrate } from '../migrator/run-migrations.ts';
import { migrationStatusOf, type StatusLine, statusExitCode } from '../migrator/status.ts';
import type { SourceName } from '../source-name.ts';
import { rowsInWords } from '../util/terminal-text.ts';
import { type CommandIo, type Output, printJson, printLine } from './command-io.ts';
import { targetsOf } from './migration-targets.ts';
import { formatSeconds, terminalOn } from './terminal.ts';

interface Common {
  readonly sources: readonly SourceName[];
  readonly json: boolean;
}

interface Locking extends Common {
  /** Seconds to wait for another runner. */
  readonly lockTimeout: number;
}

/** `tandem migrate up` and `down`. */
export async function migrateCommand(
  direction: Direction,
  {
    sources,
    json,
    ...options
  }: Locking & {
    readonly to?: string;
    readonly count?: number;
    readonly tableLockTimeout?: number;
    readonly dryRun: boolean;
    readonly allowDestructive: boolean;
    readonly allowLint?: readonly RuleId[];
    readonly allowDrift?: boolean;
    readonly into?: readonly string[];
  },
  { env, stdout, stderr }: CommandIo,
): Promise<number> {
  const request = { direction, checked: true, ...options };
  const results = await migrate(targetsOf(sources, env), request, progressOn(stderr));
  const exitCode = exitCodeOf(results);
  if (json) printJson(stdout, { ok: exitCode === 0, exitCode, sources: results.map(resultForPrograms) });
  else {
    for (const result of results)
      for (const line of linesOf(result, direction, options.dryRun)) printLine(stdout, line);
  }
  return exitCode;
}

/** `tandem migrate status`. */
export async function migrateStatusCommand(
  { sources, json }: Common,
  { env, stdout }: CommandIo,
): Promise<number> {
  const found = await Promise.all(targetsOf(sources, env).map(migrationStatusOf));
  const exitCode = statusExitCode(found);
  if (json) {
    printJson(stdout, { exitCode, sources: found.map(resultForPrograms) });
    return exitCode;
  }
  for (const { source, migrations, problem, left } of found) {
    printLine(stdout, source);
    if (problem !== null) for (const line of problemLines(problem)) printLine(stdout, line);
    for (const line of migrations)
      printLine(
        stdout,
        `  ${line.state.toLowerCase().padEnd(11)} ${line.name}  ${aboutLine(line)}`.trimEnd(),
      );
    if (left !== null) {
      printLine(
        stdout,
        `  A dead runner left a statement on the server: connection ${left}. The next runner ends it, or waits for it.`,
      );
    }
  }
  return exitCode;
}

/** `tandem migrate repair`. */
export async function migrateRepairCommand(
  { sources, json, ...options }: Locking & Repairs,
  { env, stdout }: CommandIo,
): Promise<number> {
  const results = await Promise.all(targetsOf(sources, env).map((target) => repair(target, options)));
  return report(results, json, stdout);
}

/** `tandem migrate baseline`. */
export async function migrateBaselineCommand(
  { sources, json, ...options }: Locking & { readonly to?: string },
  { env, stdout }: CommandIo,
): Promise<number> {
  const results = await Promise.all(targetsOf(sources, env).map((target) => baseline(target, options)));
  return report(results, json, stdout);
}

function report(results: Awaited<ReturnType<typeof repair>>[], json: boolean, stdout: Output): number {
  const exitCode = exitCodeOf(results);
  if (json) {
    printJson(stdout, { ok: exitCode === 0, exitCode, sources: results.map(resultForPrograms) });
    return exitCode;
  }
  for (const { source, done, problem } of results) {
    printLine(stdout, source);
    for (const line of done) printLine(stdout, `  ${line}`);
    if (problem !== null) for (const line of problemLines(problem)) printLine(stdout, line);
    else if (done.length === 0) printLine(stdout, '  nothing to do');
  }
  return exitCode;
}

/** Prints the progress of a run. */
function progressOn(stderr: Output): Progress {
  const { say, sayAbout, style } = terminalOn(stderr);
  return {
    judged(source, migrations) {
      for (const line of describeImpacts(migrations)) sayAbout(source, line);
      const lines = describeFindings(migrations);
      if (lines.length > 0) sayAbout(source, 'the lint says:');
      for (const line of lines) say(line);
    },
    drifted(comparison) {
      for (const found of comparison.findings) {
        const word = found.breaking ? style('red', 'breaking') : style('yellow', 'cosmetic');
        const what = `${findingLabel(found)} ${found.object}, ${found.property}: ${explainFinding(comparison, found).cause}`;
        sayAbout('drift', `${word}  ${what}`);
      }
    },
    loses(source, losses) {
      for (const { what, rows, migration } of losses) {
        sayAbout(source, `${style('yellow', 'goes')} ${what}, ${rowsInWords(rows)} (${migration})`);
      }
    },
    waiting: (source, { connection, account, host }) =>
      sayAbout(source, `waits for another runner: connection ${connection}, ${account} from ${host}`),
    late(source, names) {
      for (const name of names) {
        sayAbout(
          source,
          style('yellow', `${name} is older than the last one that is applied, and runs after it`),
        );
      }
    },
    blocked: (source, _name, blockers) =>
      sayAbout(source, `waits for a lock, and tries again. ${describeBlockers(blockers)}`),
    began: (source, name, direction) => sayAbout(source, style('dim', `${direction} ${name} …`)),
    statement: (source, _name, done, of) => sayAbout(source, style('dim', `statement ${done} of ${of} done`)),
  };
}

function linesOf(result: SourceResult, direction: Direction, dryRun: boolean): string[] {
  const { source, steps, problem, ms } = result;
  const count = `${steps.length} ${steps.length === 1 ? 'migration' : 'migrations'}`;
  const did = dryRun ? 'would be run' : direction === 'up' ? 'applied' : 'taken back';
  const summary = steps.length === 0 ? 'nothing to do' : `${count} ${did}`;
  const head =
    problem === null ? `${source}  ${summary} in ${formatSeconds(ms)}` : `${source}  stopped after ${count}`;
  return [
    head,
    ...steps.map(({ name, statements, resumedAfter, ms: took }) => {
      const resumed = resumedAfter === 0 ? '' : `, ${resumedAfter} of them before`;
      return `  ${direction} ${name}  ${statements} ${statements === 1 ? 'statement' : 'statements'}${resumed}${dryRun ? '' : `, ${formatSeconds(took)}`}`;
    }),
    ...(problem === null ? [] : problemLines(problem)),
  ];
}

function aboutLine({ state, journal, late }: StatusLine): string {
  if (late) return 'older than the last one that is applied: it runs after that';
  if (journal === null) return state === 'APPLIED' ? 'by another program; `repair` adopts its checksum' : '';
  const { action, account, host, startedAt, ms, statements, done, error } = journal;
  if (state === 'PENDING') return `taken back at ${startedAt} by ${account} from ${host}`;
  const who = `${action.toLowerCase()} at ${startedAt} by ${account} from ${host}`;
  if (state === 'INTERRUPTED' || state === 'FAILED') {
    return `${done} of ${statements} statements done; ${error ?? 'its runner died'}; ${who}`;
  }
  if (state === 'RUNNING') return `${done} of ${statements} statements done, and its runner is at it; ${who}`;
  return ms === null ? who : `${who}, ${ms} ms`;
}

function problemLines(problem: MigrationProblem): string[] {
  return explanationLines(problem, { label: problem.kind, indent: '  ' });
}
