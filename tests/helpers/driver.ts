import mysql, { type Connection, type ConnectionOptions } from 'mysql2/promise';
import type { Account, DatabaseConfig } from '../../src/config/groups/database.ts';

/** The password of an account that has a fixed one. */
export function passwordOf({ user, password }: Account): string {
  if (typeof password !== 'string') throw new Error(`${user} has a command for a password.`);
  return password;
}

/** How the driver reaches a database, as the application does. */
export function optionsOf(
  { host, port, name, tls, runtime }: DatabaseConfig,
  account: Account = runtime,
): ConnectionOptions {
  return {
    host,
    port,
    user: account.user,
    password: passwordOf(account),
    database: name,
    // Not the deadline of a pool: a machine that is busy must not fail a test.
    connectTimeout: 30_000,
    ssl: { ...(tls.ca === undefined ? {} : { ca: tls.ca }), verifyIdentity: tls.mode === 'VERIFY_IDENTITY' },
  };
}

/** A connection of the driver alone, as the application makes its own: for what a test does behind its back. */
export function connect(
  database: DatabaseConfig,
  account: Account = database.runtime,
  options: ConnectionOptions = {},
): Promise<Connection> {
  return mysql.createConnection({ ...optionsOf(database, account), ...options });
}
