import { historyOf, levelOf, migrationsOf } from '../information-schema/schema-version.ts';
import type { Log } from '../log/log.ts';
import type { Source } from '../sources/source.ts';

/**
 * Says in the log where a database's schema is not the one of this build, and which migrations make the difference:
 * an operator should not have to wait for the first error.
 *
 * @throws TandemError where the source does not answer
 */
export async function checkLevel(source: Source, log: Log): Promise<void> {
  const known = await migrationsOf(source.name);
  const { level, missing, unknown } = levelOf(await historyOf((sql) => source.ask(sql)), known);
  if (level === 'CURRENT') return;
  const next =
    level === 'OUTDATED'
      ? `run \`tandem migrate up --source ${source.name.toLowerCase()}\``
      : 'start the build that these migrations belong to';
  log.warn({ source: source.name, schema: level, missing, unknown, next }, 'schema differs from this build');
}
