import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { addAudit } from './audit-command-line.ts';
import type { CommandIo } from './command-io.ts';
import {
  claimOption,
  driftParts,
  type Ends,
  intoDatabases,
  names,
  sideOption,
  sourceOption,
  sourcesOf,
  wholeNumber,
} from './command-options.ts';
import { describeError } from './describe-error.ts';
import { addLocal } from './local-command-line.ts';
import { addMigrate } from './migrate-command-line.ts';
import { addParity } from './parity-command-line.ts';
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
    // Commander says what it finds out itself, and then throws an error of its own; of one that an action throws it says nothing.
    if (error instanceof InvalidArgumentError) {
      io.stderr.write(`error: ${error.message}\n\nRun with --help for the arguments and options.\n`);
      return error.exitCode;
    }
    if (error instanceof CommanderError) return error.exitCode;
    io.stderr.write(`${describeError(error)}\n`);
    return 1;
  }
}

/** All commands with their arguments; `ended` gets the exit code of the one that ran. */
export function describeCommands(io: CommandIo, ended: (exitCode: number) => void): Command {
  const ends: Ends =
    (run) =>
    async (...given) =>
      ended(await run(...given));

  // Commands are imported when they run: `--help` need not load an ORM.
  const program = new Command('tandem')
    .description('One GraphQL API over one MySQL schema that lives in two clouds, Azure and Google Cloud.')
    .showHelpAfterError('Run with --help for the arguments and options.')
    // Options behind a subcommand are the subcommand's, though `migrate` has an option of that name itself.
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

  addParity(program, io, ends);

  program
    .command('cutover')
    .description('make the other cloud the one that takes the changes (docs/cutover.md)')
    .command('plan')
    .description('report what stands in the way; changes nothing')
    .addOption(sideOption('--from <source>', 'the cloud that takes the changes now').makeOptionMandatory())
    .addOption(sideOption('--to <source>', 'the cloud that will take them').makeOptionMandatory())
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

  addAudit(program, io, ends);
  addMigrate(program, io, ends);
  addLocal(program, io, ends);

  return program;
}
