import { MikroORM, type SqlEntityManager } from '@mikro-orm/mysql';
import type { Pool } from 'mysql2';
import type { DatabaseConfig, PoolConfig } from '../config.ts';
import { fromMysql } from '../errors/from-mysql.ts';
import type { SourceName } from '../source-name.ts';
import { namesIn } from './names.ts';
import { ormOptions } from './orm-options.ts';

/** SQL with a question mark for each parameter. */
export interface Prepared {
  readonly sql: string;
  readonly params: readonly (string | number)[];
}

/** One cloud: an ORM with a connection pool of its own. It shares no state with the other. */
export interface Source extends AsyncDisposable {
  readonly name: SourceName;
  readonly pool: PoolConfig;
  readonly orm: MikroORM;
  /**
   * Runs a read. The entity manager is for plain rows (`createQueryBuilder(…).execute()`), not for entities.
   * @throws TandemError for every failure of the database
   */
  read<T>(work: (em: SqlEntityManager) => Promise<T>): Promise<T>;
  /**
   * Runs a SELECT as a prepared statement, past the ORM's own execution, whose mapping of results costs as much
   * as the statement. Rows are plain objects under the names that the SQL gives; dates are text.
   * @throws TandemError for every failure of the database
   */
  rows<R extends object>(statement: Prepared): Promise<R[]>;
  /** The same, rows as arrays in the order of the columns. */
  arrays(statement: Prepared): Promise<unknown[][]>;
  /**
   * Runs a unit of work in one transaction, which is rolled back when `work` throws.
   * @throws TandemError for every failure of the database
   */
  write<T>(work: (em: SqlEntityManager) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens a source without connecting: the process starts with any database down, and the first statement
 * connects. Whoever opens it closes it.
 */
export async function openSource(
  name: SourceName,
  database: DatabaseConfig,
  pool: PoolConfig,
): Promise<Source> {
  const orm = await MikroORM.init(ormOptions(name, database, database.runtime, pool));
  const rows = orm.em.fork();
  const names = namesIn(orm.getMetadata());

  async function coded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw fromMysql(error, name, names) ?? error;
    }
  }
  const close = () => orm.close(true);
  const connection = orm.em.getConnection();

  async function select<R>({ sql, params }: Prepared, rowsAsArray: boolean): Promise<R[]> {
    const client = (await connection.getNativeClient()) as unknown as Pool;
    return new Promise((resolve, reject) => {
      client.execute({ sql, values: [...params], rowsAsArray }, (error, rows) => {
        if (error === null) resolve(rows as R[]);
        else reject(fromMysql(error, name, names) ?? error);
      });
    });
  }

  return {
    name,
    pool,
    orm,
    read: (work) => coded(() => work(rows)),
    rows: (statement) => select(statement, false),
    arrays: (statement) => select(statement, true),
    write: (work) => coded(() => orm.em.fork().transactional(work)),
    close,
    [Symbol.asyncDispose]: close,
  };
}
