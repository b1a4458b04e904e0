import { MikroORM } from '@mikro-orm/mysql';
import type { PoolConfig } from '../config/groups/pool.ts';
import type { SourceName } from '../source-name.ts';
import { ormOptions } from '../sources/orm-options.ts';
import { statementSplitter } from '../sql/split-statements.ts';
import { emptyAnswer, NeedsDatabase, reads } from './empty-database.ts';
import type { MigrationSql } from './lint/migrations.ts';
import {
  type Direction,
  hasDown,
  type MigrationFile,
  queryText,
  statementsOf,
  UnfitFile,
} from './migration-file.ts';

/** Options of an ORM that knows entities and dialect, and has no database. */
export function offlineOptions(source: SourceName) {
  const nobody = { user: 'nobody', password: '' };
  // No server listens on port 0: a connection all the same fails at once.
  const database = {
    host: '127.0.0.1',
    port: 0,
    name: 'offline',
    tls: { mode: 'VERIFY_IDENTITY' },
    runtime: nobody,
    migrator: nobody,
  } as const;
  return ormOptions(source, database, nobody, {
    max: 2,
    connectTimeoutMs: 1,
    idleTimeoutMs: 1,
  } as PoolConfig);
}

/** A source's ORM without its database. The caller closes it. */
export function openOffline(source: SourceName): Promise<MikroORM> {
  return MikroORM.init(offlineOptions(source));
}

/**
 * The statements that a migration runs on a database without rows, found without one: its reads get the answers that an empty database
 * would give.
 *
 * @throws NeedsDatabase where it asks what only a database can tell
 */
export function offlineStatements(
  file: MigrationFile,
  direction: Direction,
  orm: MikroORM,
): Promise<string[]> {
  const answer = async (sql: string) => emptyAnswer(sql, file.name);
  return recordStatements(file, direction, orm, answer, { entities: false });
}

/**
 * Records the statements of a migration: it reads by `answer`, and its writes meanwhile are not done but come first, as they would.
 *
 * @throws UnfitFile where it then reads: that answer would depend on what is not done yet
 */
export async function recordStatements(
  file: MigrationFile,
  direction: Direction,
  orm: MikroORM,
  answer: (sql: string) => Promise<Record<string, unknown>[]>,
  { entities = true }: { readonly entities?: boolean } = {},
): Promise<string[]> {
  const written: string[] = [];
  const statements = await statementsOf(file, direction, orm, (migration) => {
    migration.execute = async (query: Parameters<typeof queryText>[0], params: unknown[] = []) => {
      const sql =
        typeof query === 'string' ? orm.em.getPlatform().formatQuery(query, params) : queryText(query, orm);
      if (reads(sql)) {
        if (written.length > 0) throw new UnfitFile(file.path, readsBack, readFirst);
        return answer(sql);
      }
      written.push(sql);
      return [];
    };
    if (entities) return;
    migration.getEntityManager = () => {
      throw new NeedsDatabase(file.name, 'asks for an entity manager');
    };
  });
  return [...written.flatMap(statementSplitter()), ...statements];
}

const readsBack = 'It reads by execute() after it has written by execute().';
const readFirst =
  'Hand what it writes to addSql(), which the journal knows; what reads it belongs into the migration after it.';

/** Migrations as the lint takes them, without a database. */
export async function offlineMigrations(
  files: readonly MigrationFile[],
  orm: MikroORM,
): Promise<MigrationSql[]> {
  const migrations: MigrationSql[] = [];
  for (const file of files) {
    const up = await offlineStatements(file, 'up', orm);
    const down = (await hasDown(file)) ? await offlineStatements(file, 'down', orm) : null;
    migrations.push({ name: file.name, up, down });
  }
  return migrations;
}
