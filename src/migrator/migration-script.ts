import { MigrationStorage } from '@mikro-orm/migrations';
import type { MikroORM } from '@mikro-orm/mysql';
import { isTableOrColumnMissing } from '../errors/missing-table.ts';
import { folderOf } from '../information-schema/migration-files.ts';
import { historyTable } from '../information-schema/own-tables.ts';
import type { SourceName } from '../source-name.ts';
import { quoteName, quoteText } from '../sql/quote.ts';
import { statementSplitter } from '../sql/split-statements.ts';
import { NeedsDatabase } from './empty-database.ts';
import { type Direction, filesOf, hasDown, type MigrationFile } from './migration-file.ts';
import { offlineStatements, openOffline, recordStatements } from './offline.ts';
import { openTarget, type Target } from './open-target.ts';

/** Which migrations, in their order. */
export interface Span {
  /** The last one that is applied already: those after it. */
  readonly from?: string | undefined;
  /** The last one to have. */
  readonly to?: string | undefined;
  /** Take them back, from the last one on. */
  readonly down?: boolean | undefined;
}

/** SQL, or the name that no migration has. */
export type Script =
  | { readonly sql: string; readonly migrations: readonly string[] }
  | { readonly noSuch: string }
  /** It has no way back. */
  | { readonly noDown: string };

/**
 * The SQL of a source's migrations with the history that they leave, without a database.
 *
 * @throws NeedsDatabase where a migration asks what only a database can tell, or one that is not empty any more
 */
export async function offlineScript(
  source: SourceName,
  span: Span,
  folder: string = folderOf(source),
): Promise<Script> {
  const files = select(await filesOf(folder), span);
  if ('noSuch' in files) return files;
  const orm = await openOffline(source);
  const next = 'The database is not empty there: run it with --live.';
  try {
    return await script(files, span, orm, (file, direction) =>
      span.from === undefined && direction === 'up'
        ? offlineStatements(file, direction, orm)
        : recordStatements(
            file,
            direction,
            orm,
            async () => {
              throw new NeedsDatabase(file.name, 'reads rows', next);
            },
            { entities: false },
          ),
    );
  } finally {
    await orm.close(true);
  }
}

/**
 * The SQL of a source's migrations, or of the pending ones alone, for the database as it is now: what they read, they
 * read there. Nothing is changed.
 *
 * @throws TandemError where the database is out of reach
 */
export async function liveScript(
  target: Target,
  span: Span,
  { pending }: { readonly pending: boolean },
): Promise<Script> {
  await using open = await openTarget(target);
  const { states } = await open.look();
  const files = select(
    states.flatMap(({ state, file }) => (file === null || (pending && state === 'APPLIED') ? [] : [file])),
    span,
  );
  if ('noSuch' in files) return files;
  // Awaited here: leaving the block closes the connection.
  const read = async (file: MigrationFile, sql: string) => {
    try {
      return await open.orm.em.execute<Record<string, unknown>[]>(sql);
    } catch (error) {
      if (!isTableOrColumnMissing(error)) throw error;
      const next = 'Emit those before it with --to, apply them, and then come back.';
      throw new NeedsDatabase(file.name, 'reads what a migration before it makes', next);
    }
  };
  return await script(files, span, open.orm, (file, direction) =>
    recordStatements(file, direction, open.orm, (sql) => read(file, sql), { entities: false }),
  );
}

function select(
  files: readonly MigrationFile[],
  { from, to }: Span,
): readonly MigrationFile[] | { readonly noSuch: string } {
  const noSuch = [from, to].find((name) => name !== undefined && !files.some((file) => file.name === name));
  if (noSuch !== undefined) return { noSuch };
  const at = (name: string) => files.findIndex((file) => file.name === name);
  const first = from === undefined ? 0 : at(from) + 1;
  return files.slice(first, to === undefined ? files.length : at(to) + 1);
}

async function script(
  files: readonly MigrationFile[],
  { down = false }: Span,
  orm: MikroORM,
  statementsIn: (file: MigrationFile, direction: Direction) => Promise<string[]>,
): Promise<Script> {
  const ordered = down ? files.toReversed() : files;
  const direction = down ? 'down' : 'up';
  // The bytes of the file are UTF-8, whatever the client takes for its own.
  const parts = ['set names utf8mb4;', `${await historySql(orm)};`];
  for (const file of ordered) {
    if (down && !(await hasDown(file))) return { noDown: file.name };
    const statements = (await statementsIn(file, direction)).flatMap(statementSplitter());
    const history = quoteName(historyTable);
    parts.push(
      `\n-- ${file.name}`,
      ...statements.map((statement) => `${statement};`),
      down
        ? `delete from ${history} where \`name\` = ${quoteText(file.name)};`
        : `insert into ${history} (\`name\`) values (${quoteText(file.name)});`,
    );
  }
  return { sql: `${parts.join('\n')}\n`, migrations: ordered.map(({ name }) => name) };
}

/** How MikroORM makes its history: MikroORM's own statement, for a database without the table. */
async function historySql(orm: MikroORM): Promise<string> {
  const sent: string[] = [];
  const connection = {
    async execute(sql: string) {
      sent.push(sql);
      return [];
    },
  };
  const driver = orm.em.getDriver();
  const settings = {
    config: orm.config,
    getConnection: () => connection,
    getPlatform: () => driver.getPlatform(),
  };
  await new MigrationStorage(settings as never, orm.config.get('migrations')).ensureTable();
  const create = sent.find((sql) => sql.startsWith('create table'));
  if (create === undefined) throw new Error('MikroORM made no table for its history.');
  return create.replace('create table', 'create table if not exists').replace(/;$/, '');
}
