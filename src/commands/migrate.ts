import { loadConfig } from '../config.ts';
import { kindOf, valuesOf } from '../drift/formats/words.ts';
import type { Direction } from '../migrator/files.ts';
import type { RuleId } from '../migrator/lint/rules.ts';
import { describeFindings, describeImpacts, rowsInWords } from '../migrator/lint/text.ts';
import { exitCodeOf, type MigrationProblem, type SourceResult } from '../migrator/outcome.ts';
import { baseline, repair } from '../migrator/repair.ts';
import type { Progress } from '../migrator/request.ts';
import { migrate } from '../migrator/run.ts';
import { type StatusLine, statusExitCode, statusOf } from '../migrator/status.ts';
import type { Target } from '../migrator/target.ts';
import type { SourceName } from '../source-name.ts';
import { say, sayAbout, seconds, style } from './terminal.ts';

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
    readonly dryRun: boolean;
    readonly allowDestructive: boolean;
    readonly allowLint?: readonly RuleId[];
    readonly allowDrift?: boolean;
  },
): Promise<void> {
  const request = { direction, checked: true, ...options };
  const results = await migrate(targetsOf(sources), request, progress);
  process.exitCode = exitCodeOf(results);
  if (json) {
    printJson({ ok: process.exitCode === 0, exitCode: process.exitCode, sources: results });
    return;
  }
  for (const result of results) for (const line of linesOf(result, direction, options.dryRun)) print(line);
}

/** `tandem migrate status`. */
export async function migrateStatusCommand({ sources, json }: Common): Promise<void> {
  const found = await Promise.all(targetsOf(sources).map(statusOf));
  process.exitCode = statusExitCode(found);
  if (json) {
    printJson({ exitCode: process.exitCode, sources: found });
    return;
  }
  for (const { source, migrations, problem } of found) {
    print(source);
    if (problem !== null) for (const line of problemLines(problem)) print(line);
    for (const line of migrations)
      print(`  ${line.state.toLowerCase().padEnd(11)} ${line.name}  ${aboutLine(line)}`.trimEnd());
  }
}

/** `tandem migrate repair`. */
export async function migrateRepairCommand({
  sources,
  json,
  ...options
}: Locking & { readonly acceptChecksum?: string; readonly forget?: string }): Promise<void> {
  const results = await Promise.all(targetsOf(sources).map((target) => repair(target, options)));
  report(results, json);
}

/** `tandem migrate baseline`. */
export async function migrateBaselineCommand({
  sources,
  json,
  ...options
}: Locking & { readonly to?: string }): Promise<void> {
  const results = await Promise.all(targetsOf(sources).map((target) => baseline(target, options)));
  report(results, json);
}

function report(results: Awaited<ReturnType<typeof repair>>[], json: boolean): void {
  process.exitCode = exitCodeOf(results);
  if (json) {
    printJson({ ok: process.exitCode === 0, exitCode: process.exitCode, sources: results });
    return;
  }
  for (const { source, done, problem } of results) {
    print(source);
    for (const line of done) print(`  ${line}`);
    if (problem !== null) for (const line of problemLines(problem)) print(line);
    else if (done.length === 0) print('  nothing to do');
  }
}

function targetsOf(sources: readonly SourceName[]): Target[] {
  const { databases, pool } = loadConfig();
  return sources.map((source) => ({ source, database: databases[source], pool }));
}

const progress: Progress = {
  judged(source, migrations) {
    for (const line of describeImpacts(migrations)) sayAbout(source, line);
    const lines = describeFindings(migrations);
    if (lines.length > 0) sayAbout(source, 'the lint says:');
    for (const line of lines) say(line);
  },
  drifted(comparison) {
    for (const found of comparison.findings) {
      const word = found.breaking ? style('red', 'breaking') : style('yellow', 'cosmetic');
      const what = `${kindOf(found)} ${found.object}, ${found.property}: ${valuesOf(comparison, found)}`;
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
  began: (source, name, direction) => sayAbout(source, style('dim', `${direction} ${name} …`)),
  statement: (source, _name, done, of) => sayAbout(source, style('dim', `statement ${done} of ${of} done`)),
};

function linesOf(result: SourceResult, direction: Direction, dryRun: boolean): string[] {
  const { source, steps, problem, ms } = result;
  const count = `${steps.length} ${steps.length === 1 ? 'migration' : 'migrations'}`;
  const did = dryRun ? 'would be run' : direction === 'up' ? 'applied' : 'taken back';
  const summary = steps.length === 0 ? 'nothing to do' : `${count} ${did}`;
  const head =
    problem === null ? `${source}  ${summary} in ${seconds(ms)}` : `${source}  stopped after ${count}`;
  return [
    head,
    ...steps.map(({ name, statements, resumedAfter, ms: took }) => {
      const resumed = resumedAfter === 0 ? '' : `, ${resumedAfter} of them before`;
      return `  ${direction} ${name}  ${statements} ${statements === 1 ? 'statement' : 'statements'}${resumed}${dryRun ? '' : `, ${seconds(took)}`}`;
    }),
    ...(problem === null ? [] : problemLines(problem)),
  ];
}

function aboutLine({ state, journal }: StatusLine): string {
  if (journal === null) return state === 'APPLIED' ? 'by another program; `repair` adopts its checksum' : '';
  const { action, account, host, startedAt, ms, statements, done, error } = journal;
  const who = `${action.toLowerCase()} at ${startedAt} by ${account} from ${host}`;
  if (state === 'INTERRUPTED' || state === 'FAILED') {
    return `${done} of ${statements} statements done; ${error ?? 'its runner died'}; ${who}`;
  }
  return ms === null ? who : `${who}, ${ms} ms`;
}

function problemLines({ kind, detail, next }: MigrationProblem): string[] {
  return [`  ${kind}: ${detail}`, `  Next: ${next}`];
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
