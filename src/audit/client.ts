import type { Config } from '../config/config.ts';
import type { Account } from '../config/groups/database.ts';
import { fromMysql } from '../errors/from-mysql.ts';
import type { SourceName } from '../source-name.ts';
import { namesIn } from '../sources/api-names.ts';
import { openDatabase } from '../sources/database.ts';
import type { Session } from '../sources/pool/session.ts';
import type { Value } from '../sql/literal.ts';

/** One connection to a source, for work on its trail. Its locks last until it closes. */
export interface AuditClient extends AsyncDisposable {
  readonly source: SourceName;
  /** The database that holds the trail. */
  readonly database: string;
  /** @throws TandemError for every failure of the database; the driver's error of what a statement says */
  run<R = unknown>(sql: string, values?: readonly Value[]): Promise<R>;
}

/** One for work beside that for control. */
const limits = { max: 2, min: 0, statementTimeoutMs: 600_000, transactionTimeoutMs: 600_000 } as const;

/**
 * Opens it without connecting. The caller closes it.
 *
 * @param database that of the trail
 * @param account absent: the auditor's, or the migrator's where it has none
 */
export async function openAuditClient(
  source: SourceName,
  { databases, pool }: Pick<Config, 'databases' | 'pool'>,
  { database, account }: { readonly database: string; readonly account?: Account },
): Promise<AuditClient> {
  const config = databases[source];
  const opened = await openDatabase(
    source,
    // Every account may log in to this one; its statements name the database of the trail.
    { ...config, name: 'information_schema' },
    account ?? config.auditor ?? config.migrator,
    { ...pool, ...limits },
    { silent: true },
  );
  const names = namesIn(opened.orm.getMetadata());
  const coded = (error: unknown) => fromMysql(error, source, names) ?? error;
  let leased: Promise<Session> | undefined;
  const lease = () =>
    new Promise<Session>((resolve, reject) =>
      opened.pool.acquire((error, session) =>
        session === undefined ? reject(coded(error)) : resolve(session),
      ),
    );
  return {
    source,
    database,
    async run<R>(sql: string, values: readonly Value[] = []) {
      leased ??= lease();
      const session = await leased;
      return new Promise<R>((resolve, reject) =>
        session.query(sql, values, (error, result) =>
          error === null ? resolve(result) : reject(coded(error)),
        ),
      );
    },
    async [Symbol.asyncDispose]() {
      const session = await leased?.catch(() => undefined);
      session?.release();
      await opened.close();
    },
  };
}
