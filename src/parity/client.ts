import type { Config } from '../config/config.ts';
import type { DatabaseConfig } from '../config/groups/database.ts';
import type { PoolConfig } from '../config/groups/pool.ts';
import { fromMysql } from '../errors/from-mysql.ts';
import { TandemError } from '../errors/tandem-error.ts';
import type { CatalogueConnection } from '../information-schema/catalogue-connection.ts';
import type { SourceName } from '../source-name.ts';
import { namesIn } from '../sources/api-names.ts';
import { openDatabase } from '../sources/database.ts';
import type { Session } from '../sources/pool/session.ts';
import type { Value } from '../sql/literal.ts';

/** Where parity asks one cloud: a few connections of its own, with the migrator's account. */
export interface ParityClient extends CatalogueConnection, AsyncDisposable {
  /** Lets what runs finish for so many milliseconds, and closes all connections. */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
  readonly source: SourceName;
  readonly database: string;
  readonly ignoredTables: readonly string[];
  /** Runs a statement that changes nothing, again where its connection was lost. @throws TandemError */
  rows<R extends object>(sql: string): Promise<R[]>;
  /** Runs a statement that changes something, once. @throws TandemError, or the driver's error of what the statement says */
  run(sql: string, values?: readonly Value[]): Promise<Outcome>;
  /** A connection of its own, for what lasts as long as a session does. @throws TandemError */
  session(): Promise<ParitySession>;
  /** Runs statements in one transaction, which is rolled back where `work` throws. */
  transaction<T>(work: (run: RunStatement) => Promise<T>): Promise<T>;
}

export interface Outcome {
  readonly affectedRows: number;
  /** That got a GTID: one, or none where nothing changed or the server gives none. */
  readonly transactions: number;
}

/** A connection that its holder releases. */
export interface ParitySession {
  /** @throws TandemError, or the driver's error of what the statement says */
  rows<R extends object>(sql: string): Promise<R[]>;
  destroy(): void;
  release(): void;
}

export type RunStatement = <R = { readonly affectedRows: number }>(
  sql: string,
  values?: readonly Value[],
) => Promise<R>;

/** The connections that chunks, the search for the next one, the record, the lock and control need at the same time. */
const connections = 5;

/** The account's connections, where it shares them with the servers; else as many as it needs. */
function limitsOf({ migrator, runtime }: DatabaseConfig, { shared, ...pool }: PoolConfig): PoolConfig {
  const isShared = shared && migrator === runtime;
  return { ...pool, ...limits, ...(isShared && { shared, max: pool.max }) };
}

const limits = {
  max: connections,
  min: 0,
  // A table without a key is read by one statement.
  statementTimeoutMs: 600_000,
  transactionTimeoutMs: 600_000,
} as const;

/** Zero dates and days that there are not are compared as they stand, and an id of 0 is written as 0. */
const sqlMode =
  'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';

const mostAttempts = 3;

/** As mysql2 has it of a statement that answers no rows. */
interface DriverOutcome {
  readonly affectedRows: number;
  readonly stateChanges?: { readonly gtids: readonly string[] };
}

/** Opens it without connecting. The caller closes it. */
export async function openParityClient(
  source: SourceName,
  { databases, pool }: Pick<Config, 'databases' | 'pool'>,
): Promise<ParityClient> {
  const config = databases[source];
  const {
    orm,
    pool: sessions,
    close,
  } = await openDatabase(source, config, config.migrator, limitsOf(config, pool), {
    silent: true,
    settings: { sql_mode: sqlMode, transaction_isolation: 'READ-COMMITTED', session_track_gtids: 'OWN_GTID' },
  });
  const coded = (error: unknown) => fromMysql(error, source, namesIn(orm.getMetadata())) ?? error;

  const leased = () =>
    new Promise<Session>((resolve, reject) =>
      sessions.acquire((error, session) => (session === undefined ? reject(coded(error)) : resolve(session))),
    );
  const runOn = <R>(session: Session, sql: string, values: readonly Value[] = []) =>
    new Promise<R>((resolve, reject) =>
      session.query(sql, values, (error, result) => (error === null ? resolve(result) : reject(error))),
    );
  const onOne = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const session = await leased();
    try {
      return await work(session);
    } catch (error) {
      throw coded(error);
    } finally {
      session.release();
    }
  };

  async function rows<R extends object>(sql: string): Promise<R[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await onOne((session) => runOn<R[]>(session, sql));
      } catch (error) {
        if (!isLost(error) || attempt === mostAttempts) throw error;
      }
    }
  }

  return {
    source,
    database: config.name,
    ignoredTables: config.ignoredTables ?? [],
    rows,
    execute: <T>(sql: string) => rows(sql) as Promise<T>,
    async run(sql, values) {
      const { affectedRows, stateChanges } = await onOne((session) =>
        runOn<DriverOutcome>(session, sql, values),
      );
      return { affectedRows, transactions: stateChanges?.gtids.length ?? 0 };
    },
    async session() {
      const session = await leased();
      return {
        rows: (sql) =>
          runOn<never>(session, sql).catch((error) => {
            throw coded(error);
          }),
        destroy: () => session.destroy(),
        release: () => session.release(),
      };
    },
    transaction: (work) =>
      onOne(async (session) => {
        await runOn(session, 'begin');
        try {
          const result = await work((sql, values) => runOn(session, sql, values));
          await runOn(session, 'commit');
          return result;
        } catch (error) {
          await runOn(session, 'rollback').catch(() => session.destroy());
          throw error;
        }
      }),
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

function isLost(error: unknown): boolean {
  return (
    error instanceof TandemError && (error.reason === 'CONNECTION_LOST' || error.reason === 'SESSION_ENDED')
  );
}
