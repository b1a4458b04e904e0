import { loadConfig } from '../config.ts';
import type { Asked } from '../drift/report.ts';
import { fromMysql } from '../errors/from-mysql.ts';
import type { SourceName } from '../source-name.ts';
import { openDatabase } from '../sources/database.ts';
import { namesIn } from '../sources/names.ts';

/** Milliseconds: the API's deadlines are for requests, and a catalogue of many tables takes longer. */
const deadlines = {
  statementTimeoutMs: 600_000,
  transactionTimeoutMs: 600_000,
} as const;

/** A source with the migrator's account, which sees more of the catalogue. Whoever opens it closes it. */
export async function openAsMigrator(
  source: SourceName,
  env: NodeJS.ProcessEnv,
): Promise<Asked & AsyncDisposable> {
  const { databases, pool } = loadConfig(env);
  const { orm, close } = await openDatabase(
    source,
    databases[source],
    databases[source].migrator,
    { ...pool, ...deadlines },
    {
      silent: true,
    },
  );
  return {
    source,
    orm,
    read: (work) =>
      work(orm.em.fork()).catch((error) => {
        throw fromMysql(error, source, namesIn(orm.getMetadata())) ?? error;
      }),
    [Symbol.asyncDispose]: close,
  };
}
