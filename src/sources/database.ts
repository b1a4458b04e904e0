import { MikroORM } from '@mikro-orm/mysql';
import { MysqlDialect } from 'kysely';
import type { Account, DatabaseConfig, PoolConfig } from '../config.ts';
import type { SourceName } from '../source-name.ts';
import type { SourceObserver } from './observer.ts';
import { ormOptions } from './orm-options.ts';
import { connector } from './pool/connect.ts';
import { controlSettings, createControl } from './pool/control.ts';
import { passwordsOf } from './pool/passwords.ts';
import { createPool, type Pool } from './pool/pool.ts';

/** An ORM on a pool of ours: whatever it sends goes through the pool, with its limits and deadlines. */
export interface Database {
  readonly orm: MikroORM;
  readonly pool: Pool;
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/** Opens a database for an account without connecting: the first statement connects. Whoever opens it closes it. */
export async function openDatabase(
  name: SourceName,
  database: DatabaseConfig,
  account: Account,
  limits: PoolConfig,
  { observer, silent = false }: { readonly observer?: SourceObserver; readonly silent?: boolean } = {},
): Promise<Database> {
  const timeoutMs = limits.connectTimeoutMs;
  const passwords = passwordsOf(account, timeoutMs);
  const connect = connector(database, account, passwords);
  const pool = createPool({
    source: name,
    limits,
    observer,
    connect: connect({ timeoutMs, settings: sessionSettings(limits) }),
    control: (hooks) =>
      createControl({ ...hooks, timeoutMs, connect: connect({ timeoutMs, settings: controlSettings }) }),
  });
  const options = ormOptions(name, database, account, limits);
  const orm = await MikroORM.init({
    ...options,
    migrations: { ...options.migrations, silent },
    // Kysely asks no more of a pool and its connections than these.
    driverOptions: new MysqlDialect({
      pool: {
        getConnection: (lease) => pool.acquire(lease as never),
        end: (ended) => ended(undefined),
      },
    }),
  });
  return {
    orm,
    pool,
    async close(closing) {
      await pool.close(closing);
      passwords.close();
      await orm.close(true);
    },
  };
}

/**
 * The server's own bounds, for when this process is gone and can end nothing: a SELECT that runs on, and a session that
 * nobody uses.
 * https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_max_execution_time
 */
function sessionSettings({ statementTimeoutMs, maxLifetimeMs }: PoolConfig): string {
  if (statementTimeoutMs === 0) return '';
  const ms = statementTimeoutMs + 1000;
  return `max_execution_time = ${ms}, wait_timeout = ${Math.ceil(maxLifetimeMs / 1000) + 60}`;
}
