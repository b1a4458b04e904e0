import type { MikroORM } from '@mikro-orm/mysql';
import { MysqlDialect } from 'kysely';
import type { Account, DatabaseConfig } from '../config/groups/database.ts';
import type { PoolConfig } from '../config/groups/pool.ts';
import type { SourceName } from '../source-name.ts';
import { discover } from './discover-entities.ts';
import type { SourceObserver } from './observer.ts';
import { ormOptions } from './orm-options.ts';
import { controlSettings, leaseSettings } from './pool/control-link.ts';
import { createControlSession } from './pool/control-session.ts';
import { connector } from './pool/open-connection.ts';
import { passwordsOf } from './pool/passwords.ts';
import { createPool, type Pool } from './pool/pool.ts';
import { type SessionSettings, setStatement } from './pool/session-settings.ts';
import { shareSlotsByLocks } from './pool/share-slots-by-locks.ts';
import { timeoutSettings } from './pool/statement-timeout.ts';

/** An ORM on a pool of ours: whatever it sends goes through the pool, with its limits and deadlines. */
export interface Database {
  readonly orm: MikroORM;
  readonly pool: Pool;
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

interface Options {
  readonly observer?: SourceObserver;
  readonly silent?: boolean;
  /** The settings of its sessions besides those of all. */
  readonly settings?: SessionSettings;
}

/** A pool of connections to one server for an account; it connects when it is used. */
export function openPool(
  name: SourceName,
  database: DatabaseConfig,
  account: Account,
  limits: PoolConfig,
  { observer, settings }: Pick<Options, 'observer' | 'settings'> = {},
): { readonly pool: Pool; close(options?: { readonly timeoutMs?: number }): Promise<void> } {
  const { connectTimeoutMs: timeoutMs, max, shared: lasting = false } = limits;
  const passwords = passwordsOf(account, timeoutMs);
  const connect = connector(database, account, passwords);
  const pool = createPool({
    source: name,
    limits,
    observer,
    connect: connect({ timeoutMs, setUp: setStatement({ ...timeoutSettings(limits), ...settings }) }),
    control: (hooks) =>
      createControlSession({
        ...hooks,
        timeoutMs,
        lasting,
        connect: connect({ timeoutMs, setUp: setStatement(lasting ? leaseSettings : controlSettings) }),
      }),
    ...(lasting && {
      share: (hooks) => shareSlotsByLocks({ ...hooks, user: account.user, max }),
    }),
  });
  return {
    pool,
    async close(closing) {
      await pool.close(closing);
      passwords.close();
    },
  };
}

/** Opens a database for an account without connecting: the first statement connects. The caller closes it. */
export async function openDatabase(
  name: SourceName,
  database: DatabaseConfig,
  account: Account,
  limits: PoolConfig,
  { silent = false, ...hooks }: Options = {},
): Promise<Database> {
  const { pool, close } = openPool(name, database, account, limits, hooks);
  const options = ormOptions(name, database, account, limits);
  const orm = await discover({
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
      await close(closing);
      await orm.close(true);
    },
  };
}
