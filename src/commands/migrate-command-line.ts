import { type Command, InvalidArgumentError } from 'commander';
import { isRule, rules } from '../migrator/lint/rules.ts';
import type { CommandIo } from './command-io.ts';
import { type Ends, intoDatabases, names, sourceOption, sourcesOf, wholeNumber } from './command-options.ts';

/** Adds `tandem migrate …` with its arguments. */
export function addMigrate(program: Command, io: CommandIo, ends: Ends): void {
  const migrate = program
    .command('migrate')
    .description('the migrations of both clouds: lock, journal, checksums (docs/migrations.md)')
    .configureHelp({ showGlobalOptions: false });

  function migration(name: string, description: string): Command {
    return migrate
      .command(name)
      .description(description)
      .addOption(sourceOption('source'))
      .option('--json', 'print the result as JSON on stdout', false);
  }

  function changing(name: string, description: string): Command {
    return migration(name, description).option(
      '--lock-timeout <seconds>',
      'time to wait for another runner',
      wholeNumber,
      30,
    );
  }

  migration('status', 'show the state of each migration; change nothing').action(
    ends(async ({ source, ...options }) =>
      (await import('./migrate.ts')).migrateStatusCommand({ ...options, sources: sourcesOf(source) }, io),
    ),
  );

  for (const direction of ['up', 'down'] as const) {
    const command = changing(
      direction,
      direction === 'up'
        ? 'apply the pending migrations'
        : 'take back the last migration, or the last <count>',
    )
      .option(
        '--to <name>',
        direction === 'up' ? 'the last migration to apply' : 'the last migration to keep',
      )
      .option(
        '--table-lock-timeout <seconds>',
        'time that statements wait for locks of other sessions',
        wholeNumber,
        60,
      )
      .option('--dry-run', 'print the statements; change nothing', false)
      .option('--allow-destructive', 'run statements that lose rows', false);
    if (direction === 'down') command.argument('[count]', 'number of migrations', wholeNumber);
    else {
      command
        .option('--allow-lint <rule>', 'allow lint errors of this rule; repeatable', lintRules)
        .option('--into <databases>', intoDatabases, names)
        .option('--allow-drift', 'migrate although the clouds differ at the same level', false);
    }
    command.action(
      ends(async (...given) => {
        const { source, ...options } = command.opts();
        const count = direction === 'down' && typeof given[0] === 'number' ? { count: given[0] } : {};
        const { migrateCommand } = await import('./migrate.ts');
        return await migrateCommand(
          direction,
          {
            ...(options as Parameters<typeof migrateCommand>[1]),
            ...count,
            sources: sourcesOf(source),
          },
          io,
        );
      }),
    );
  }

  changing('repair', 'make the journal agree with the database')
    .option('--accept-checksum <name>', 'accept the edited file of this migration')
    .option('--forget <name>', 'remove a migration without a file, or one undone by hand, from the history')
    .option('--applied <name>', 'record this migration as applied, by hand or under another file name')
    .option('--statement-applied <name>', 'the uncertain statement of this migration took place')
    .option('--statement-not-applied <name>', 'the uncertain statement of this migration did not take place')
    .action(
      ends(async ({ source, ...options }) =>
        (await import('./migrate.ts')).migrateRepairCommand({ ...options, sources: sourcesOf(source) }, io),
      ),
    );

  changing('baseline', 'record existing tables as made by the migrations')
    .option('--to <name>', 'the last migration that the tables contain')
    .action(
      ends(async ({ source, ...options }) =>
        (await import('./migrate.ts')).migrateBaselineCommand(
          {
            ...options,
            sources: sourcesOf(source),
          },
          io,
        ),
      ),
    );

  migrate
    .command('create')
    .description('write a migration for both clouds from the difference between entities and snapshot')
    .argument('<name>', 'name of the migration, such as add_doctors')
    .option('--blank', 'an empty migration, for statements on rows', false)
    .option('--json', 'print the result as JSON on stdout', false)
    .action(
      ends(async (name, options) =>
        (await import('./migrate-create.ts')).migrateCreateCommand(name, options, io),
      ),
    );

  const sqlOptions = (command: Command) =>
    command
      .addOption(sourceOption('source, if the two differ'))
      .option('--out <file>', 'file to write; without it stdout')
      .option('--from <name>', 'start behind this migration; without it from an empty database')
      .option('--to <name>', 'the last migration to print')
      .option('--down', 'print the statements that take migrations back', false)
      .option('--pending', 'the migrations that are pending on the database; connects to it', false)
      .option('--live', 'let the migrations read the database as it is now', false);

  async function emitSql({ source, sql: _, ...options }: Record<string, unknown>): Promise<number> {
    const { migrateSqlCommand } = await import('./migrate-sql.ts');
    const given = options as Omit<Parameters<typeof migrateSqlCommand>[0], 'sources'>;
    return await migrateSqlCommand({ ...given, sources: sourcesOf(source as string) }, io);
  }

  sqlOptions(migrate.command('sql'))
    .description('print the SQL of the migrations and of their history, without a database')
    .action(ends(emitSql));

  sqlOptions(migrate)
    .option('--sql', 'the same as `migrate sql`')
    .action(
      ends(async (options) => (options.sql === true ? emitSql(options) : migrate.help({ error: true }))),
    );

  migration('lint', 'judge the migrations without running them (docs/lint.md)')
    .option('--live', 'the pending migrations, by the tables of the databases and their sizes', false)
    .option(
      '--ask-server',
      'as --live; the server tries each ALTER TABLE on an empty copy of the table',
      false,
    )
    .action(
      ends(async ({ source, ...options }) =>
        (await import('./migrate-lint.ts')).migrateLintCommand(
          {
            ...options,
            sources: sourcesOf(source),
          },
          io,
        ),
      ),
    );
}

/** A rule beside those given before it. */
function lintRules(rule: string, before: readonly string[] = []): readonly string[] {
  if (!isRule(rule)) throw new InvalidArgumentError('docs/lint.md lists the rules.');
  if ('destructive' in rules[rule])
    throw new InvalidArgumentError('What loses rows wants --allow-destructive.');
  return [...before, rule];
}
