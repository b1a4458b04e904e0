import 'reflect-metadata';
import { describeError } from '../src/commands/describe-error.ts';
import { say, seconds, style } from '../src/commands/terminal.ts';
import { compete } from './compete.ts';
import { openDatabases } from './databases.ts';
import { build, ensureInstalled } from './install.ts';
import { help, type Options, parseOptions } from './options.ts';
import { pin } from './pinning.ts';
import { alignTable, workloadTable, workloadTitle } from './report/table.ts';
import { targetsOf, targetTable } from './targets.ts';

const patients = 10_000;

async function run(options: Options, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  say(style('bold', 'Tandem bench'));
  ensureInstalled();
  if (options.build) build();
  // Before the databases start: they inherit nothing that matters, but this process is to stay on its core.
  const pinning = pin();
  say(`  ${pinning.said}`);
  await using databases = await openDatabases(options.home, patients);
  const competition = await compete(databases, options, pinning, signal);

  for (const workload of options.only) {
    say(`\n${style('bold', workloadTitle(workload))}`);
    say(alignTable(workloadTable(competition, workload)));
  }
  for (const { contestant, workload } of competition.absent) {
    say(`  ${contestant} does not know ${workload}.`);
  }
  const targets = targetsOf(competition);
  say(`\n${style('bold', 'Targets')}`);
  say(alignTable(targetTable(targets)));
  say(`\nDone in ${seconds(performance.now() - started)}.`);
}

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    say(`\nStopping …`);
    stop.abort(new Error('interrupted'));
    setTimeout(() => process.on(name, () => process.exit(130)), 500).unref();
  });
}
try {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(help);
  else await run(options, stop.signal);
} catch (error) {
  say(stop.signal.aborted ? 'Interrupted.' : describeError(error));
  process.exitCode = 1;
}
