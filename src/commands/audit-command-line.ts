import type { Command } from 'commander';
import type { CommandIo } from './command-io.ts';
import { type Ends, sourceOption, sourcesOf, wholeNumber } from './command-options.ts';

/** `tandem audit …` with its arguments. */
export function addAudit(program: Command, io: CommandIo, ends: Ends): void {
  const audit = program.command('audit').description('the trail of writes (docs/audit.md)');
  audit
    .command('install')
    .description('make the tables of the trail on each source')
    .addOption(sourceOption('source'))
    .option('--print', 'print all statements for an administrator, and run none', false)
    .action(
      ends(async ({ source, print }) =>
        (await import('./audit.ts')).auditInstallCommand({ sources: sourcesOf(source), print }, io),
      ),
    );

  audit
    .command('seal')
    .description('chain the committed rows of the trail by hashes, and export each seal')
    .addOption(sourceOption('source'))
    .requiredOption('--out <file>', 'file to which seals are added')
    .option('--every <seconds>', 'seal again after so many seconds, until SIGINT or SIGTERM', wholeNumber)
    .action(
      ends(async ({ source, ...options }) =>
        (await import('./audit.ts')).auditSealCommand({ ...options, sources: sourcesOf(source) }, io),
      ),
    );
  audit
    .command('verify')
    .description('verify that the rows of the trail are as they were sealed')
    .addOption(sourceOption('source'))
    .option('--seals <file>', 'exported seals, each of which must still be there')
    .option('--json', 'print the report as JSON on stdout', false)
    .action(
      ends(async ({ source, ...options }) =>
        (await import('./audit.ts')).auditVerifyCommand({ ...options, sources: sourcesOf(source) }, io),
      ),
    );
}
