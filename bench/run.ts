import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { describeError } from '../src/commands/describe-error.ts';
import { formatSeconds } from '../src/commands/terminal.ts';
import { openCheckout } from './checkout.ts';
import { isTandem } from './contestants.ts';
import { openDatabases } from './databases.ts';
import { build, ensureInstalled } from './install.ts';
import { describeMachine } from './machine.ts';
import { help, type Options, parseOptions } from './options.ts';
import { pin } from './pinning.ts';
import { figuresIn, reportAgreement } from './report/agreement.ts';
import { toJson } from './report/json.ts';
import { writeMarkdown } from './report/markdown.ts';
import { printReport } from './report/print.ts';
import { sections } from './sections/all.ts';
import type { GridFigures } from './sections/grid.ts';
import { say, style } from './terminal.ts';

const patients = 10_000;

/** Says whether two runs of the grid agree. */
function compare(files: readonly [string, string]): void {
  const [one, other] = files.map((file) => figuresIn(readFileSync(file, 'utf8'))) as [
    GridFigures,
    GridFigures,
  ];
  printReport(reportAgreement(one, other));
}

async function run(options: Options, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  say(style('bold', 'Tandem bench'));
  if (options.contestants.some((name) => !isTandem(name))) ensureInstalled();
  if (options.build) build({ asModules: options.sections.includes('access') });
  const { against, home, contestants } = options;
  const checkout =
    against !== undefined && contestants.includes('old') ? openCheckout(against, home, options) : undefined;
  await using databases = await openDatabases(options.home, patients);
  // After the databases have started: whoever this process starts stays on its core.
  const pinning = pin();
  const machine = describeMachine(databases, pinning);
  say(`  ${machine.cores} cores; ${pinning.said}`);
  const json: Record<string, unknown> = { machine };
  for (const name of options.sections) {
    const { figures, report } = await sections[name]({ options, databases, checkout, pinning, signal });
    json[name] = figures;
    printReport(report);
    if (options.markdown) writeMarkdown(name, report, machine, options);
  }
  if (options.json) process.stdout.write(`${toJson(json)}\n`);
  say(`\nDone in ${formatSeconds(performance.now() - started)}.`);
}

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (!stop.signal.aborted) say('\nStopping …');
    // What waits for it ends contestants and databases; they also end with this process, however that ends.
    stop.abort(new Error('interrupted'));
  });
}
try {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(help);
  else if (options.compare !== undefined) compare(options.compare);
  else await run(options, stop.signal);
} catch (error) {
  say(stop.signal.aborted ? 'Interrupted.' : describeError(error));
  process.exitCode = 1;
}
