import type { MikroORM } from '@mikro-orm/mysql';
import type { CatalogueConnection } from '../information-schema/catalogue-connection.ts';
import { folderOf } from '../information-schema/migration-files.ts';
import type { SchemaModel } from '../information-schema/model.ts';
import { readSchema } from '../information-schema/read-schema.ts';
import type { SourceName } from '../source-name.ts';
import { quoteName } from '../sql/quote.ts';
import { statementSplitter } from '../sql/split-statements.ts';
import { lintMigrations, type MigrationFindings, type MigrationSql } from './lint/migrations.ts';
import { askServer } from './lint-server.ts';
import { filesOf, hasDown, type MigrationFile } from './migration-file.ts';
import { offlineMigrations, openOffline } from './offline.ts';
import { openTarget, type Target } from './open-target.ts';
import { previewStatements } from './preview.ts';

/** All migrations of a folder, judged in their order from an empty database on, without a database. */
export async function lintFolder(
  source: SourceName,
  folder: string = folderOf(source),
): Promise<MigrationFindings[]> {
  const orm = await openOffline(source);
  try {
    return lintMigrations(await offlineMigrations(await filesOf(folder), orm));
  } finally {
    await orm.close(true);
  }
}

/**
 * The pending migrations of a database, judged by its tables and their sizes. With `ask` the server itself says how it
 * carries out each ALTER TABLE, on an empty table of the same shape.
 *
 * @throws TandemError where the database is out of reach
 */
export async function lintLive(
  target: Target,
  { ask = false }: { readonly ask?: boolean } = {},
): Promise<MigrationFindings[]> {
  await using open = await openTarget(target);
  const { states } = await open.look();
  const migrations: MigrationSql[] = [];
  for (const { state, file } of states) {
    if (state === 'APPLIED' || file === null) continue;
    const up = await previewStatements(file, 'up', open.orm);
    // If a part of it has run already, its `down` takes back more than the rest.
    const down = state === 'PENDING' ? await downOf(file, open.orm) : undefined;
    migrations.push({ name: file.name, up, down });
  }
  const tables = await readSchema(open.orm.em);
  const statements = migrations.flatMap(({ up }) => (up ?? []).flatMap(statementSplitter()));
  const verdicts = ask ? await askServer(open.orm.em, statements) : null;
  return lintMigrations(migrations, { tables, rows: await rowsOf(tables, open.orm), verdicts });
}

async function downOf(file: MigrationFile, orm: MikroORM): Promise<MigrationSql['down']> {
  if (!(await hasDown(file))) return null;
  return (await previewStatements(file, 'down', orm)) ?? undefined;
}

/**
 * Sizes by table. Where the server’s estimate is 0, a query looks whether there is a row: an estimate may lag, and
 * the lint takes an empty table for harmless.
 */
export async function rowsOf(
  { tables }: Pick<SchemaModel, 'tables'>,
  { em }: { readonly em: CatalogueConnection },
): Promise<Record<string, number>> {
  const estimates = await em.execute<{ name: string; count: number | null }[]>(
    'select table_name as name, table_rows as count from information_schema.tables where table_schema = database()',
  );
  const sizes = new Map(estimates.map(({ name, count }) => [name, Number(count ?? 0)]));
  return Object.fromEntries(
    await Promise.all(
      tables.map(async ({ name }): Promise<[string, number]> => {
        const estimate = sizes.get(name) ?? 0;
        if (estimate > 10_000) return [name, estimate];
        const [row] = await em.execute<{ count: number }[]>(
          `select count(*) as count from ${quoteName(name)}`,
        );
        return [name, Number(row?.count ?? 0)];
      }),
    ),
  );
}
