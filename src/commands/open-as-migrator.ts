import { loadConfig } from '../config/config.ts';
import type { Asked } from '../drift/report.ts';
import { fromMysql } from '../errors/from-mysql.ts';
import type { SourceName } from '../source-name.ts';
import { namesIn } from '../sources/api-names.ts';
import { openDatabase } from '../sources/database.ts';
import type { CommandIo } from './command-io.ts';
import { localScratch } from './local-scratch.ts';

/** Milliseconds: the API's deadlines are for requests, and a catalogue of many tables takes longer. */
const deadlines = {
  statementTimeoutMs: 600_000,
  transactionTimeoutMs: 600_000,
} as const;

/** A source with the migrator's account, which sees more of the catalogue. The caller closes it. */
export async function openAsMigrator(
  source: SourceName,
  { env, localHome }: CommandIo,
): Promise<Asked & AsyncDisposable> {
  const { databases, pool } = loadConfig(env);
  const database = databases[source];
  const limits = { ...pool, ...deadlines };
  const { orm, close } = await openDatabase(source, database, database.migrator, limits, { silent: true });
  const coded = (error: unknown) => fromMysql(error as Error, source, namesIn(orm.getMetadata())) ?? error;
  const { scratch } = database;
  return {
    source,
    orm,
    ignored: database.ignoredTables ?? [],
    read: (work) =>
      work(orm.em.fork()).catch((error) => {
        throw coded(error);
      }),
    inScratch:
      scratch === undefined
        ? null
        : async (work) => {
            // One connection for work beside that for control: what a statement sets holds for the next.
            const one = await openDatabase(
              source,
              { ...database, name: scratch },
              database.migrator,
              { ...limits, max: 2 },
              { silent: true },
            );
            try {
              return await work(one.orm.em.fork());
            } catch (error) {
              throw coded(error);
            } finally {
              await one.close();
            }
          },
    elsewhere: (observed) => localScratch(source, observed, { limits, home: localHome }),
    [Symbol.asyncDispose]: close,
  };
}
