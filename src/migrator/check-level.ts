import type { Log } from '../log.ts';
import { type SourceName, sourceNames } from '../source-name.ts';
import type { Source } from '../sources/source.ts';
import { levelOf, migrationsOf } from './level.ts';

/**
 * Says in the log where a database's schema is not the one of this build, and which migrations make the difference:
 * whoever starts a server should not have to wait for the first error. A source that is away is told of elsewhere.
 */
export async function checkLevels(sources: Readonly<Record<SourceName, Source>>, log: Log): Promise<void> {
  await Promise.all(sourceNames.map((name) => checkLevel(sources[name], log)));
}

async function checkLevel(source: Source, log: Log): Promise<void> {
  try {
    const known = await migrationsOf(source.name);
    const { level, missing, unknown } = levelOf(await historyOf(source), known);
    if (level === 'CURRENT') return;
    const next =
      level === 'OUTDATED'
        ? `run \`tandem migrate up --source ${source.name.toLowerCase()}\``
        : 'start the build that these migrations belong to';
    log.warn(
      { source: source.name, schema: level, missing, unknown, next },
      'schema differs from this build',
    );
  } catch (error) {
    log.debug({ source: source.name, err: error }, 'schema not checked');
  }
}

/** A database that was never migrated has no history, and no table of it. */
async function historyOf(source: Source): Promise<string[]> {
  const [there] = await source.ask<{ n: number }>(
    "select count(*) as n from information_schema.tables where table_schema = database() and table_name = 'mikro_orm_migrations'",
  );
  if (Number(there?.n) === 0) return [];
  const rows = await source.ask<{ name: string }>('select name from mikro_orm_migrations order by id');
  return rows.map(({ name }) => name);
}
