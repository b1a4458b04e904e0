#!/usr/bin/env node
import 'reflect-metadata';
import { Command, InvalidArgumentError, Option } from 'commander';
import { describeError } from './commands/describe-error.ts';
import { isRule, rules } from './migrator/lint/rules.ts';
import { type SourceName, sourceNames } from './source-name.ts';

// Commands are imported when they run: `--help` need not load an ORM.
const program = new Command('tandem')
  .description('One GraphQL API over one MySQL schema that lives in two clouds, Azure and Google Cloud.')
  .showHelpAfterError('Run with --help for what can be given.')
  // What stands behind a subcommand is the subcommand's, though `migrate` has an option of that name itself.
  .enablePositionalOptions()
  .configureHelp({ showGlobalOptions: true });

program
  .command('demo')
  .description('bring up two local databases, migrate and seed them, and serve')
  .option('--patients <count>', 'invented patients on each side', wholeNumber, 100)
  .action(async (options) => (await import('./commands/demo.ts')).demo(options));

program
  .command('serve')
  .description('serve the API on the configured databases')
  .action(async () => (await import('./commands/serve.ts')).serve());

program
  .command('preflight')
  .description('check each database from DNS to schema, and say what to do (docs/preflight.md)')
  .addOption(new Option('--source <source>', 'which one').choices(['azure', 'gcp', 'all']).default('all'))
  .option('--json', 'print the report as JSON on stdout', false)
  .option('--strict', 'fail on warnings, too', false)
  .action(async ({ source, ...options }) =>
    (await import('./commands/preflight.ts')).preflightCommand({ ...options, sources: sourcesOf(source) }),
  );

program
  .command('seed')
  .description('add invented patients and records; rows that are there stay as they are')
  .option('--patients <count>', 'patients, from the first one on', wholeNumber, 100)
  .addOption(new Option('--source <source>', 'where to').choices(['azure', 'gcp', 'all']).default('all'))
  .option('--json', 'print the result as JSON on stdout', false)
  .action(async ({ source, ...options }) =>
    (await import('./commands/seed.ts')).seedCommand({ ...options, sources: sourcesOf(source) }),
  );

program
  .command('erd')
  .description('draw the tables that are there, and what differs between both clouds (docs/erd.md)')
  .addOption(new Option('--source <source>', 'which one').choices(['azure', 'gcp', 'all']).default('all'))
  .addOption(
    new Option('--format <format>', 'mermaid, unless the name of --out ends in .svg or .png').choices([
      'mermaid',
      'svg',
      'png',
    ]),
  )
  .option('--out <file>', 'where to; stdout without it')
  .action(async ({ source, ...options }) =>
    (await import('./commands/erd.ts')).erdCommand({ ...options, sources: sourcesOf(source) }),
  );

program
  .command('drift')
  .description('compare both clouds, the entities and the histories of migrations (docs/drift.md)')
  .addOption(new Option('--source <source>', 'which one').choices(['azure', 'gcp', 'all']).default('all'))
  .addOption(
    new Option('--format <format>', 'how to print it')
      .choices(['text', 'json', 'junit', 'markdown'])
      .default('text'),
  )
  .option('--json', 'the same as --format json', false)
  .option('--out <file>', 'where to; stdout without it')
  .addOption(
    new Option('--fail-on <findings>', 'what makes the exit code 2')
      .choices(['any', 'breaking'])
      .default('any'),
  )
  .action(async ({ source, json, format, ...options }) =>
    (await import('./commands/drift.ts')).driftCommand({
      ...options,
      format: json ? 'json' : format,
      sources: sourcesOf(source),
    }),
  );

program
  .command('persist')
  .description('write the manifest of persisted documents (docs/http.md)')
  .argument('<files...>', 'files with operations and fragments, or patterns such as "src/**/*.graphql"')
  .option('--out <file>', 'where to; stdout without it')
  .option('--typename', 'ask for __typename in every selection, as Apollo Client does', false)
  .action(async (files, options) => (await import('./commands/persist.ts')).persistCommand(files, options));

const migrate = program
  .command('migrate')
  .description('the migrations of both clouds: lock, journal, checksums (docs/migrations.md)')
  .configureHelp({ showGlobalOptions: false });

function migration(name: string, description: string): Command {
  return migrate
    .command(name)
    .description(description)
    .addOption(new Option('--source <source>', 'which one').choices(['azure', 'gcp', 'all']).default('all'))
    .option('--json', 'print the result as JSON on stdout', false);
}

function changing(name: string, description: string): Command {
  return migration(name, description).option(
    '--lock-timeout <seconds>',
    'how long to wait for another runner',
    wholeNumber,
    30,
  );
}

migration('status', 'say how each migration stands; changes nothing').action(async ({ source, ...options }) =>
  (await import('./commands/migrate.ts')).migrateStatusCommand({ ...options, sources: sourcesOf(source) }),
);

for (const direction of ['up', 'down'] as const) {
  const command = changing(
    direction,
    direction === 'up' ? 'apply what is pending' : 'take back the last one, or the last so many',
  )
    .option('--to <name>', direction === 'up' ? 'the last one to apply' : 'the last one that stays')
    .option('--dry-run', 'say what would be run; change nothing', false)
    .option('--allow-destructive', 'go on where rows would be lost', false);
  if (direction === 'down') command.argument('[count]', 'how many', wholeNumber);
  else {
    command
      .option(
        '--allow-lint <rule>',
        'go on where the lint finds an error of this rule; may be repeated',
        lintRules,
      )
      .option('--allow-drift', 'go on where the clouds differ at the same level', false);
  }
  command.action(async (...given) => {
    const { source, ...options } = command.opts();
    const count = direction === 'down' && typeof given[0] === 'number' ? { count: given[0] } : {};
    const { migrateCommand } = await import('./commands/migrate.ts');
    await migrateCommand(direction, {
      ...(options as Parameters<typeof migrateCommand>[1]),
      ...count,
      sources: sourcesOf(source),
    });
  });
}

changing('repair', 'make the journal agree with what is there')
  .option('--accept-checksum <name>', 'the file of this migration was edited, and that is right')
  .option(
    '--forget <name>',
    'take out of the history what has no file any more, or was begun and undone by hand',
  )
  .action(async ({ source, ...options }) =>
    (await import('./commands/migrate.ts')).migrateRepairCommand({ ...options, sources: sourcesOf(source) }),
  );

changing('baseline', 'take the tables that are there for those of the migrations')
  .option('--to <name>', 'the last migration that they hold')
  .action(async ({ source, ...options }) =>
    (await import('./commands/migrate.ts')).migrateBaselineCommand({
      ...options,
      sources: sourcesOf(source),
    }),
  );

migrate
  .command('create')
  .description('write the same migration for both clouds, from what the entities and the snapshot differ in')
  .argument('<name>', 'such as add_doctors')
  .option('--blank', 'one of rows alone, to be written by hand', false)
  .option('--json', 'print the result as JSON on stdout', false)
  .action(async (name, options) =>
    (await import('./commands/migrate-create.ts')).migrateCreateCommand(name, options),
  );

const sqlOptions = (command: Command) =>
  command
    .addOption(
      new Option('--source <source>', 'which one, where they differ')
        .choices(['azure', 'gcp', 'all'])
        .default('all'),
    )
    .option('--out <file>', 'where to; stdout without it')
    .option('--from <name>', 'the last migration that is applied already; without it an empty database')
    .option('--to <name>', 'the last one to have')
    .option('--pending', 'those that the database has not; asks it', false)
    .option('--live', 'let the migrations read the database as it is now', false);

async function emitSql({ source, sql: _, ...options }: Record<string, unknown>): Promise<void> {
  const { migrateSqlCommand } = await import('./commands/migrate-sql.ts');
  const given = options as Omit<Parameters<typeof migrateSqlCommand>[0], 'sources'>;
  await migrateSqlCommand({ ...given, sources: sourcesOf(source as string) });
}

sqlOptions(migrate.command('sql'))
  .description('print the SQL of the migrations, with the history that they leave, without a database')
  .action(emitSql);

sqlOptions(migrate)
  .option('--sql', 'the same as `migrate sql`')
  .action(async (options) => (options.sql === true ? emitSql(options) : migrate.help({ error: true })));

migration('lint', 'judge the migrations without running them (docs/lint.md)')
  .option('--live', 'the pending ones, by the databases’ tables and their sizes', false)
  .action(async ({ source, ...options }) =>
    (await import('./commands/migrate-lint.ts')).migrateLintCommand({
      ...options,
      sources: sourcesOf(source),
    }),
  );

const local = program
  .command('local')
  .description('the two local databases of the demo and the tests (docs/local.md)');

local
  .command('start')
  .description('start them; they stay up until `local stop`')
  .action(async () => (await import('./commands/local.ts')).localStart());

local
  .command('status')
  .description('say whether they run, where, and on what data')
  .option('--json', 'print it as JSON on stdout', false)
  .action(async (options) => (await import('./commands/local.ts')).localStatusCommand(options));

local
  .command('stop')
  .description('stop them; the data stays')
  .action(async () => (await import('./commands/local.ts')).localStop());

local
  .command('reset')
  .description('stop them and delete their data')
  .action(async () => (await import('./commands/local.ts')).localReset());

function wholeNumber(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 0 || count > 10_000_000) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 10,000,000.');
  }
  return count;
}

/** A rule beside those given before it. */
function lintRules(rule: string, before: readonly string[] = []): readonly string[] {
  if (!isRule(rule)) throw new InvalidArgumentError('docs/lint.md lists the rules.');
  if ('destructive' in rules[rule])
    throw new InvalidArgumentError('What loses rows wants --allow-destructive.');
  return [...before, rule];
}

function sourcesOf(choice: string): readonly SourceName[] {
  return choice === 'all' ? sourceNames : [choice.toUpperCase() as SourceName];
}

// Whoever reads has enough, such as `| head`: that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
