import mysql, { type Connection, type ConnectionOptions } from 'mysql2/promise';
import type { Account, DatabaseConfig } from '../../src/config.ts';

/** A connection of the driver alone, as the application makes its own: for what a test does behind its back. */
export function connect(
  { host, port, name, tls, runtime }: DatabaseConfig,
  account: Account = runtime,
  options: ConnectionOptions = {},
): Promise<Connection> {
  return mysql.createConnection({
    host,
    port,
    ...account,
    database: name,
    connectTimeout: 3000,
    ssl: { ...(tls.ca === undefined ? {} : { ca: tls.ca }), verifyIdentity: tls.mode === 'VERIFY_IDENTITY' },
    ...options,
  });
}
