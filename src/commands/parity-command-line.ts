import { type Command, InvalidArgumentError, Option } from 'commander';
import { defaultPace } from '../parity/throttle.ts';
import type { CommandIo } from './command-io.ts';
import { type Ends, names, percent, sinceTime, wholeNumber } from './command-options.ts';

/** `tandem parity` with its arguments. */
export function addParity(program: Command, io: CommandIo, ends: Ends): void {
  program
    .command('parity')
    .description('compare the rows of both clouds (docs/parity.md)')
    .argument('[tables...]', 'these tables alone; * stands for any characters')
    .addOption(
      new Option('--format <format>', 'format of the report')
        .choices(['text', 'json', 'junit'])
        .default('text'),
    )
    .option('--json', 'the same as --format json', false)
    .option('--junit', 'the same as --format junit', false)
    .option('--out <file>', 'file to write; without it stdout')
    .option(
      '--since <column>',
      'rows of which this column is newer than the last run alone, or than column=time',
      sinceTime,
    )
    .option(
      '--throttle <percent>',
      'part of the time in which statements run, 1 to 100',
      percent,
      defaultPace.throttle,
    )
    .option(
      '--settle <ms>',
      'milliseconds in which a change of one cloud reaches the other',
      wholeNumber,
      defaultPace.settleMs,
    )
    .option('--resume', 'go on with the last run, where it did not end', false)
    .addOption(
      new Option('--repair <direction>', 'plan what makes one cloud as the other is').choices([
        'azure-to-gcp',
        'gcp-to-azure',
      ]),
    )
    .option('--apply', 'with --repair: write the rows', false)
    .option('--over <tables>', 'with --repair: tables whose triggers and cascades may run', names)
    .action(
      ends(async (tables, { json, junit, format, settle, since, repair, apply, over, ...options }) => {
        const { parityCommand, repairCommand } = await import('./parity.ts');
        const shared = { ...options, tables, settleMs: settle };
        if (repair === undefined) {
          if (apply || over !== undefined)
            throw new InvalidArgumentError('--apply and --over belong to --repair.');
          const chosen = json ? 'json' : junit ? 'junit' : format;
          return parityCommand({ ...shared, format: chosen, since: since ?? null }, io);
        }
        if (junit || format === 'junit' || since !== undefined || options.resume)
          throw new InvalidArgumentError('--repair takes neither --junit, --since nor --resume.');
        const request = { ...shared, direction: repair, apply, over: over ?? [] };
        return repairCommand({ ...request, json: json || format === 'json' }, io);
      }),
    );
}
