import { readFileSync } from 'node:fs';
import mysql, { type Pool, type PoolOptions } from 'mysql2';

export type Source = 'AZURE' | 'GCP';

/** Both databases' pools, on the same terms as Tandem's: TLS with the host name checked, 20 connections. */
export function openPools(more: PoolOptions = {}): Record<Source, Pool> {
  return {
    AZURE: mysql.createPool({ ...settingsOf('AZURE'), ...more }),
    GCP: mysql.createPool({ ...settingsOf('GCP'), ...more }),
  };
}

/** How to reach a database, from the settings that Tandem reads too. */
export function settingsOf(source: Source) {
  const setting = (name: string) => process.env[`${source}_DB_${name}`] as string;
  return {
    host: setting('HOST'),
    port: Number(setting('PORT')),
    user: setting('USER'),
    password: setting('PASSWORD'),
    database: setting('NAME'),
    charset: 'utf8mb4',
    connectionLimit: 20,
    // Texts as MySQL sends them: nobody here needs Date objects.
    dateStrings: true,
    ssl: {
      ca: readFileSync(setting('SSL_CA'), 'utf8'),
      minVersion: 'TLSv1.2' as const,
      rejectUnauthorized: true,
      verifyIdentity: true,
    },
  };
}

/** The port that the harness wants this server on. */
export const port = Number(process.env.PORT);
