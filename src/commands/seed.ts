import { loadConfig } from '../config/config.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import { explanationLines } from '../errors/explanation.ts';
import { unmanagedTablesProblem } from '../migrator/unmanaged-tables.ts';
import { rowsOfOthersIn, type SeedResult, seed } from '../seeders/seed.ts';
import type { SourceName } from '../source-name.ts';
import { openSource } from '../sources/source.ts';
import { grouped } from '../util/terminal-text.ts';
import { type CommandIo, printJson } from './command-io.ts';
import { formatSeconds, terminalOn } from './terminal.ts';

/** `tandem seed`: invented patients, doctors and records in each source named. */
export async function seedCommand(
  options: {
    readonly patients: number;
    readonly sources: readonly SourceName[];
    readonly json: boolean;
    /** Names of databases that may be seeded though they hold what is of others. */
    readonly into?: readonly string[];
  },
  { env, stdout, stderr }: CommandIo,
): Promise<number> {
  const { databases, pool } = loadConfig(env);
  const { progressLine } = terminalOn(stderr);
  // Of all before any is changed.
  for (const name of options.sources) {
    const database = databases[name].name;
    if (options.into?.includes(database)) continue;
    await using source = await openSource(name, databases[name], pool);
    const strangers = await rowsOfOthersIn(source);
    if (strangers.length === 0) continue;
    const problem = unmanagedTablesProblem(database, strangers, 'tandem seed');
    stderr.write(`${explanationLines(problem, { label: `${name} ${problem.kind}` }).join('\n')}\n`);
    return exitCodes.migrate[problem.kind];
  }
  const results: Partial<Record<SourceName, SeedResult>> = {};
  for (const name of options.sources) {
    const started = performance.now();
    await using source = await openSource(name, databases[name], pool);
    const line = progressLine(name.toLowerCase());
    const result = await seed(source, options.patients, (done) =>
      line.update(`${grouped(done)} of ${grouped(options.patients)} patients`),
    );
    line.done(`${describeSeed(result)} in ${formatSeconds(performance.now() - started)}`);
    results[name] = result;
  }
  if (options.json) printJson(stdout, results);
  return 0;
}

export function describeSeed({ doctors, patients, records, leftAlone }: SeedResult): string {
  const added =
    doctors + patients + records === 0
      ? 'nothing to add'
      : `${grouped(patients)} patients, ${grouped(doctors)} doctors and ${grouped(records)} records added`;
  return leftAlone === 0 ? added : `${added}, ${grouped(leftAlone)} rows of other origin left unchanged`;
}
