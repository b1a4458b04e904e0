import type { Command } from 'commander';
import type { CommandIo } from './command-io.ts';
import type { Ends } from './command-options.ts';

/** `tandem local …` with its arguments. */
export function addLocal(program: Command, io: CommandIo, ends: Ends): void {
  const local = program
    .command('local')
    .description('the two local databases of the demo and the tests (docs/local.md)');

  local
    .command('start')
    .description('start the servers; they run until `local stop`')
    .action(ends(async () => (await import('./local.ts')).localStart(io)));

  local
    .command('status')
    .description('show whether the servers run, their ports and their data')
    .option('--json', 'print the status as JSON on stdout', false)
    .action(ends(async (options) => (await import('./local.ts')).localStatusCommand(options, io)));

  local
    .command('stop')
    .description('stop the servers; the data stays')
    .action(ends(async () => (await import('./local.ts')).localStop(io)));

  local
    .command('reset')
    .description('stop the servers and delete their data')
    .action(ends(async () => (await import('./local.ts')).localReset(io)));
}
