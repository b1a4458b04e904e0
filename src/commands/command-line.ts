import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { defaultPace } from '../parity/pace.ts';
import type { CommandIo } from './command-io.ts';
import {
  claimOption,
  driftParts,
  type Ends,
  intoDatabases,
  names,
  percent,
  sideOption,
  sinceTime,
  sourceOption,
  sourcesOf,
  wholeNumber,
} from './command-options.ts';
import { describeError } from './describe-error.ts';
import { addMigrate } from './migrate-command-line.ts';
import { settingsHelp } from './settings-help.ts';

/** Runs `tandem …`: parses the arguments, runs the command, and resolves with the exit code. It never rejects. */
export async function runCommandLine(args: readonly string[], io: CommandIo): Promise<number> {
  let exitCode = 0;
  const program = describeCommands(io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said it already.
    if (error instanceof CommanderError) return error.exitCode;
    io.stderr.write(`${describeError(error)}\n`);
    return 1;
  }
}

/** All commands with their arguments; `ended` gets the exit code of the one that ran. */
function describeCommands(io: CommandIo, ended: (exitCode: number) => void): Command {
  const ends: Ends =
    (run) =>
    async (...given) =>
      ended(await run(...given));

  // Commands are imported when they run: `--help` need not load an ORM.
  const program = new Command('tandem')
    .description('One GraphQL API over one MySQL schema that lives in two clouds, Azure and Google Cloud.')
    .showHelpAfterError('Run with --help for the arguments and options.')
    // What stands behind a subcommand is the subcommand's, though `migrate` has an option of that name itself.
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    })
    // Subcommands take this on; the caller ends the process, not commander.
    .exitOverride();

  program
    .command('demo')
    .description('start two local databases, migrate and seed them, and serve the API')
    .option('--patients <count>', 'number of invented patients in each cloud', wholeNumber, 100)
    .action(ends(async (options) => (await import('./demo.ts')).demo(options, io)));

  program
    .command('serve')
    .description('serve the API on the configured databases')
    .addHelpText('after', () => settingsHelp())
    .action(ends(async () => (await import('./serve.ts')).serve(io)));

  program
    .command('preflight')
    .description('check each database from DNS to schema, with remedies (docs/preflight.md)')
    .addOption(sourceOption('source'))
    .option('--json', 'print the report as JSON on stdout', false)
    .option('--strict', 'fail on warnings too', false)
    .action(
      ends(async ({ source, ...options }) =>
        (await import('./preflight.ts')).preflightCommand({ ...options, sources: sourcesOf(source) }, io),
      ),
    );

  program
    .command('seed')
    .description('add invented patients and records; existing rows stay unchanged')
    .option('--patients <count>', 'number of patients', wholeNumber, 100)
    .addOption(sourceOption('source'))
    .option('--into <databases>', intoDatabases, names)
    .option('--json', 'print the result as JSON on stdout', false)
    .action(
      ends(async ({ source, ...options }) =>
        (await import('./seed.ts')).seedCommand({ ...options, sources: sourcesOf(source) }, io),
      ),
    );

  program
    .command('erd')
    .description('draw the tables of the databases, and the differences of both clouds (docs/erd.md)')
    .addOption(sourceOption('source'))
    .addOption(
      new Option('--format <format>', 'mermaid, unless the name of --out ends in .svg or .png').choices([
        'mermaid',
        'svg',
        'png',
      ]),
    )
    .option('--out <file>', 'file to write; without it stdout')
    .option('--tables <names>', 'these tables alone, separated by commas; * stands for any characters', names)
    .option('--around <table>', 'this table, and those that foreign keys join to it')
    .option('--depth <n>', 'number of foreign keys between --around and other tables', wholeNumber)
    .action(
      ends(async ({ source, ...options }) =>
        (await import('./erd.ts')).erdCommand({ ...options, sources: sourcesOf(source) }, io),
      ),
    );

  program
    .command('generate-entities')
    .description('write an entity for each table of a database (docs/tables.md)')
    .addOption(
      new Option('--source <source>', 'the database to read').choices(['azure', 'gcp']).default('azure'),
    )
    .option('--tables <names>', 'these tables alone, separated by commas; * stands for any characters', names)
    .option('--out <directory>', 'directory to write files to; without it stdout')
    .option('--force', 'replace files that are there', false)
    .action(
      ends(async ({ source, ...options }) =>
        (await import('./generate-entities.ts')).generateEntitiesCommand(
          { ...options, source: source === 'gcp' ? 'GCP' : 'AZURE' },
          io,
        ),
      ),
    );

  program
    .command('drift')
    .description('compare both clouds, the entities and the histories of migrations (docs/drift.md)')
    .addOption(sourceOption('source'))
    .addOption(
      new Option('--format <format>', 'format of the report')
        .choices(['text', 'json', 'junit', 'markdown'])
        .default('text'),
    )
    .option('--json', 'the same as --format json', false)
    .option('--out <file>', 'file to write; without it stdout')
    .addOption(
      new Option('--fail-on <findings>', 'findings that give exit code 2')
        .choices(['any', 'breaking'])
        .default('any'),
    )
    .option('--only <parts>', 'azure-gcp, entities or histories alone; repeatable', driftParts)
    .option('--tables <names>', 'these tables alone, separated by commas; * stands for any characters', names)
    .action(
      ends(async ({ source, json, format, ...options }) =>
        (await import('./drift.ts')).driftCommand(
          {
            ...options,
            format: json ? 'json' : format,
            sources: sourcesOf(source),
          },
          io,
        ),
      ),
    );

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

  program
    .command('cutover')
    .description('make the other cloud the one that takes the changes (docs/cutover.md)')
    .command('plan')
    .description('look at what stands in the way; it changes nothing')
    .addOption(sideOption('--from <source>', 'the cloud that takes the changes now').makeOptionMandatory())
    .addOption(sideOption('--to <source>', 'the cloud that shall take them').makeOptionMandatory())
    .option('--json', 'print the report as JSON on stdout', false)
    .action(
      ends(async ({ from, to, json }) => {
        if (from === to) throw new InvalidArgumentError('--from and --to must be two sources.');
        return (await import('./cutover.ts')).cutoverPlanCommand({ from, to, json }, io);
      }),
    );

  program
    .command('persist')
    .description('write the manifest of persisted documents (docs/http.md)')
    .argument('<files...>', 'files with operations and fragments, or patterns such as "src/**/*.graphql"')
    .option('--out <file>', 'file to write; without it stdout')
    .option('--typename', 'add __typename to every selection, as Apollo Client does', false)
    .action(
      ends(async (files, options) => (await import('./persist.ts')).persistCommand(files, options, io)),
    );

  program
    .command('token')
    .description('make a token for the local server, which acts in one role (docs/access.md)')
    .requiredOption('--role <role>', 'role in which the token acts')
    .option('--subject <name>', 'name of the caller', 'local')
    .option('--claim <name=value>', 'a claim for row rules; repeatable', claimOption, {})
    .option('--hours <n>', 'hours until it expires', wholeNumber, 8)
    .option('--out <file>', 'file to write, which its owner alone may read', '.tandem/token')
    .option('--print', 'print it on stdout instead', false)
    .action(ends(async (options) => (await import('./token.ts')).tokenCommand(options, io)));

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
    .option('--every <seconds>', 'do so again and again, until a signal', wholeNumber)
    .action(
      ends(async ({ source, ...options }) =>
        (await import('./audit.ts')).auditSealCommand({ ...options, sources: sourcesOf(source) }, io),
      ),
    );
  audit
    .command('verify')
    .description('look whether the trail is as it was sealed')
    .addOption(sourceOption('source'))
    .option('--seals <file>', 'exported seals, each of which must still be there')
    .option('--json', 'print the report as JSON on stdout', false)
    .action(
      ends(async ({ source, ...options }) =>
        (await import('./audit.ts')).auditVerifyCommand({ ...options, sources: sourcesOf(source) }, io),
      ),
    );

  addMigrate(program, io, ends);

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

  return program;
}
