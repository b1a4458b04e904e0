import type { Connection, RowDataPacket } from 'mysql2/promise';
import { inject } from 'vitest';
import type { DatabaseConfig } from '../../src/config/groups/database.ts';
import type { PoolConfig } from '../../src/config/groups/pool.ts';
import { historyTable, journalTable } from '../../src/information-schema/own-tables.ts';
import { migrateUp } from '../../src/migrator/up.ts';
import type { SourceName } from '../../src/source-name.ts';
import { connect } from './driver.ts';

/** Tables with rows that a migrated database has from the start: what the runner remembers. */
const remembered = [historyTable, journalTable];

/**
 * Makes an empty database what the migrations make of it, history and journal included, by copying one on the same server
 * that was migrated. The first call on a server migrates that one.
 */
export async function copyTemplate(
  source: SourceName,
  database: DatabaseConfig,
  pool: PoolConfig,
): Promise<void> {
  const template = `${inject('databasePrefix')}template`;
  const connection = await connect(database, database.migrator);
  try {
    let ready = migrated.get(source);
    if (ready === undefined) {
      ready = migrateTemplate(source, { ...database, name: template }, pool, connection);
      migrated.set(source, ready);
    }
    await ready;
    const tables = await tablesOf(connection, template);
    // Tables refer to others that come later.
    await connection.query('set foreign_key_checks = 0');
    for (const table of tables) {
      const [[made]] = await connection.query<RowDataPacket[]>(`show create table ${template}.\`${table}\``);
      await connection.query(made?.['Create Table']);
    }
    for (const table of remembered) {
      await connection.query(`insert into \`${table}\` select * from ${template}.\`${table}\``);
    }
  } finally {
    await connection.end();
  }
}

/** The templates that this process has seen to. */
const migrated = new Map<SourceName, Promise<void>>();

async function migrateTemplate(
  source: SourceName,
  database: DatabaseConfig,
  pool: PoolConfig,
  connection: Connection,
): Promise<void> {
  await connection.query(`create database if not exists ${database.name}`);
  const tables = await tablesOf(connection, database.name);
  if (!tables.includes(journalTable)) await migrateUp(source, database, pool);
}

async function tablesOf(connection: Connection, database: string): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    'select table_name as name from information_schema.tables where table_schema = ? order by table_name',
    [database],
  );
  return rows.map(({ name }) => name);
}
