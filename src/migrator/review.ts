import { folderOf } from '../information-schema/migration-files.ts';
import { readSchema } from '../information-schema/read-schema.ts';
import { historyOf } from '../information-schema/schema-version.ts';
import type { Source } from '../sources/source.ts';
import { quoteName } from '../sql/quote.ts';
import { NeedsDatabase } from './empty-database.ts';
import { readJournal } from './journal.ts';
import { lintMigrations, type MigrationFindings } from './lint/migrations.ts';
import { rowsOf } from './lint-sources.ts';
import { lockHolders } from './lock.ts';
import { type Direction, filesOf, hasDown, type MigrationFile } from './migration-file.ts';
import { type MigrationState, statesOf } from './migration-states.ts';
import { offlineStatements, openOffline } from './offline.ts';
import { previewStatements } from './preview.ts';

/** One migration as a reader judges it before it runs. */
export interface MigrationReview extends Pick<MigrationState, 'name' | 'state' | 'row'> {
  /** The statements that it runs; null where only the run itself can tell, or its file is gone. */
  readonly up: readonly string[] | null;
  /** The statements that take it back; null where it has no `down`, or as above. */
  readonly down: readonly string[] | null;
  /** The lint's findings about one that has not run; null for others. */
  readonly lint: Pick<MigrationFindings, 'findings' | 'impacts'> | null;
}

/**
 * The migrations of a running server's source, asked with its own account. It changes nothing and takes no lock.
 *
 * @throws TandemError where the database is out of reach
 */
export async function reviewMigrations(source: Source): Promise<MigrationReview[]> {
  const { name, orm } = source;
  const files = await filesOf(folderOf(name));
  const query = <R>(sql: string, values: readonly unknown[] = []) =>
    source.rows<R & object>({ sql, params: values as (string | number)[] }) as Promise<R[]>;
  const asking = { query, table: quoteName };
  const history = await historyOf((sql) => query(sql));
  const journal = await readJournal(asking);
  const { runner, work } = await lockHolders(asking, orm.config.get('dbName') as string);
  const states = statesOf(files, history, journal, runner === null ? null : (work ?? runner));

  const offline = await openOffline(name);
  try {
    const reviews: MigrationReview[] = [];
    for (const { file, ...state } of states) {
      const statements = statementsFor(source, offline, state.state);
      const up = file && (await statements(file, 'up'));
      const down = file && (await hasDown(file)) ? await statements(file, 'down') : null;
      reviews.push({ name: state.name, state: state.state, row: state.row, up, down, lint: null });
    }
    return await linted(source, reviews);
  } finally {
    await offline.close(true);
  }
}

/** Of one that has run, what it runs on an empty database: its rows are others by now. */
function statementsFor(
  { orm }: Source,
  offline: Awaited<ReturnType<typeof openOffline>>,
  state: MigrationState['state'],
) {
  return async (file: MigrationFile, direction: Direction): Promise<string[] | null> => {
    if (state !== 'APPLIED') return previewStatements(file, direction, orm);
    try {
      return await offlineStatements(file, direction, offline);
    } catch (error) {
      if (error instanceof NeedsDatabase) return null;
      throw error;
    }
  };
}

async function linted(source: Source, reviews: readonly MigrationReview[]): Promise<MigrationReview[]> {
  const pending = reviews.filter(({ state }) => state !== 'APPLIED' && state !== 'UNKNOWN');
  if (pending.length === 0) return [...reviews];
  const tables = await source.read((em) => readSchema(em));
  const rows = await source.read((em) => rowsOf(tables, { em }));
  const found = lintMigrations(pending, { tables, rows });
  return reviews.map((review) => ({
    ...review,
    lint: found.find(({ name }) => name === review.name) ?? null,
  }));
}
