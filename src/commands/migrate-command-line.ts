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
      .addOption(sourceOption('which one'))
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

  migration('status', 'say how each migration stands; changes nothing').action(
    ends(async ({ source, ...options }) =>
      (await import('./migrate.ts')).migrateStatusCommand({ ...options, sources: sourcesOf(source) }, io),
    ),
  );

  for (const direction of ['up', 'down'] as const) {
    const command = changing(
      direction,
      direction === 'up' ? 'apply what is pending' : 'take back the last one, or the last so many',
    )
      .option('--to <name>', direction === 'up' ? 'the last one to apply' : 'the last one that stays')
      .option(
        '--table-lock-timeout <seconds>',
        'how long statements wait for locks that other sessions hold',
        wholeNumber,
        60,
      )
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
        .option('--into <databases>', intoDatabases, names)
        .option('--allow-drift', 'go on where the clouds differ at the same level', false);
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

  changing('repair', 'make the journal agree with what is there')
    .option('--accept-checksum <name>', 'the file of this migration was edited, and that is right')
    .option(
      '--forget <name>',
      'take out of the history what has no file any more, or was begun and undone by hand',
    )
    .option('--applied <name>', 'all of this migration is there, by hand or under another name of its file')
    .option('--statement-applied <name>', 'the statement of it that is in doubt took place')
    .option('--statement-not-applied <name>', 'the statement of it that is in doubt did not take place')
    .action(
      ends(async ({ source, ...options }) =>
        (await import('./migrate.ts')).migrateRepairCommand({ ...options, sources: sourcesOf(source) }, io),
      ),
    );

  changing('baseline', 'take the tables that are there for those of the migrations')
    .option('--to <name>', 'the last migration that they hold')
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
    .description(
      'write the same migration for both clouds, from what the entities and the snapshot differ in',
    )
    .argument('<name>', 'such as add_doctors')
    .option('--blank', 'one of rows alone, to be written by hand', false)
    .option('--json', 'print the result as JSON on stdout', false)
    .action(
      ends(async (name, options) =>
        (await import('./migrate-create.ts')).migrateCreateCommand(name, options, io),
      ),
    );

  const sqlOptions = (command: Command) =>
    command
      .addOption(sourceOption('which one, where they differ'))
      .option('--out <file>', 'where to; stdout without it')
      .option('--from <name>', 'the last migration that is applied already; without it an empty database')
      .option('--to <name>', 'the last one to have')
      .option('--down', 'take them back, from the last one on', false)
      .option('--pending', 'those that the database has not; asks it', false)
      .option('--live', 'let the migrations read the database as it is now', false);

  async function emitSql({ source, sql: _, ...options }: Record<string, unknown>): Promise<number> {
    const { migrateSqlCommand } = await import('./migrate-sql.ts');
    const given = options as Omit<Parameters<typeof migrateSqlCommand>[0], 'sources'>;
    return await migrateSqlCommand({ ...given, sources: sourcesOf(source as string) }, io);
  }

  sqlOptions(migrate.command('sql'))
    .description('print the SQL of the migrations, with the history that they leave, without a database')
    .action(ends(emitSql));

  sqlOptions(migrate)
    .option('--sql', 'the same as `migrate sql`')
    .action(
      ends(async (options) => (options.sql === true ? emitSql(options) : migrate.help({ error: true }))),
    );

  migration('lint', 'judge the migrations without running them (docs/lint.md)')
    .option('--live', 'the pending ones, by the databases’ tables and their sizes', false)
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
