import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { isTableMissing } from '../errors/missing-table.ts';
import { historyTable, journalTable } from '../information-schema/own-tables.ts';
import type { Direction } from './migration-file.ts';
import type { MigratorSession } from './migrator-session.ts';

/** One attempt at a migration, or the note that it counts as applied. */
export interface JournalRow {
  readonly id: number;
  /** The server's number of the connection that ran it. */
  readonly connection: number;
  readonly name: string;
  /** BASELINE: the tables were there already. ADOPT: another program ran it, or its file was edited and accepted. */
  readonly action: 'UP' | 'DOWN' | 'BASELINE' | 'ADOPT';
  /** RUNNING while no session holds the lock: the runner died. FORGOTTEN: `repair` gave it up. */
  readonly state: 'RUNNING' | 'FAILED' | 'DONE' | 'FORGOTTEN';
  readonly checksum: string;
  readonly statements: number;
  readonly done: number;
  /** Hash over the finished statements, in their order. */
  readonly chain: string;
  /** The mark of the statement that the runner sent last; null where none is under way. */
  readonly before: string | null;
  /** MySQL's name and number of what stopped it. */
  readonly error: string | null;
  readonly account: string;
  readonly host: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly ms: number | null;
}

/** Makes the journal where it is not there, and sees to it that MikroORM's history is there too. */
export async function ensureJournal(session: MigratorSession): Promise<void> {
  await session.query(
    `create table if not exists ${session.table(journalTable)} (
      id int not null auto_increment primary key,
      name varchar(255) not null,
      action varchar(10) not null,
      state varchar(10) not null,
      checksum char(64) character set ascii not null,
      statements int not null,
      done int not null,
      chain char(64) character set ascii not null,
      fingerprint char(64) character set ascii null,
      error varchar(100) null,
      account varchar(128) not null,
      host varchar(255) not null,
      connection_id bigint not null,
      started_at datetime(3) not null,
      ended_at datetime(3) null
    ) character set utf8mb4 engine = InnoDB`,
  );
}

/** All of a database, oldest first; none where there is no journal. */
export async function readJournal(session: Pick<MigratorSession, 'query' | 'table'>): Promise<JournalRow[]> {
  return orNone(
    session.query<JournalRow>(
      `select id, connection_id as connection, name, action, state, checksum, statements, done, chain, fingerprint as \`before\`, error, account, host,
        cast(started_at as char) as startedAt, cast(ended_at as char) as endedAt,
        cast(round(timestampdiff(microsecond, started_at, ended_at) / 1000) as signed) as ms
      from ${session.table(journalTable)} order by id`,
    ),
  );
}

export interface NewRow {
  readonly name: string;
  readonly action: JournalRow['action'];
  readonly state: JournalRow['state'];
  readonly checksum: string;
  readonly statements: number;
  /** The connection that runs it; the session's own without it. */
  readonly connection?: number;
}

/** @returns the id of the new row */
export async function addRow(session: MigratorSession, row: NewRow): Promise<number> {
  const done = row.state === 'DONE';
  await session.query(
    `insert into ${session.table(journalTable)}
      (name, action, state, checksum, statements, done, chain, account, host, connection_id, started_at, ended_at)
      values (?, ?, ?, ?, ?, ?, ?, current_user(), ?, ?, now(3), ${done ? 'now(3)' : 'null'})`,
    [
      row.name,
      row.action,
      row.state,
      row.checksum,
      row.statements,
      done ? row.statements : 0,
      noneDone,
      hostname(),
      row.connection ?? session.id,
    ],
  );
  const [{ id } = { id: 0 }] = await session.query<{ id: number }>('select last_insert_id() as id');
  return Number(id);
}

/** The runner that goes on with an attempt. */
export async function takeRow(session: MigratorSession, id: number, connection: number): Promise<void> {
  await session.query(
    `update ${session.table(journalTable)} set account = current_user(), host = ?, connection_id = ? where id = ?`,
    [hostname(), connection, id],
  );
}

export async function setRow(
  session: MigratorSession,
  id: number,
  values: Readonly<Record<string, string | number | null>>,
): Promise<void> {
  const columns = Object.keys(values);
  const ended = 'state' in values ? `, ended_at = ${values.state === 'RUNNING' ? 'null' : 'now(3)'}` : '';
  await session.query(
    `update ${session.table(journalTable)} set ${columns.map((column) => `${column} = ?`).join(', ')}${ended} where id = ?`,
    [...Object.values(values), id],
  );
}

export async function addHistory(session: MigratorSession, name: string): Promise<void> {
  await session.query(`insert into ${session.table(historyTable)} (name) values (?)`, [name]);
}

export async function removeHistory(session: MigratorSession, name: string): Promise<void> {
  await session.query(`delete from ${session.table(historyTable)} where name in (?, ?, ?)`, [
    name,
    `${name}.ts`,
    `${name}.js`,
  ]);
}

/** The chain of a migration without a finished statement. */
const noneDone = '0'.repeat(64);

export function chainOf(statements: readonly string[], after = noneDone): string {
  return statements.reduce(
    (chain, sql) => createHash('sha256').update(chain).update(sql).digest('hex'),
    after,
  );
}

export const actionOf = (direction: Direction) => (direction === 'up' ? 'UP' : 'DOWN');

async function orNone<T>(rows: Promise<T[]>): Promise<T[]> {
  try {
    return await rows;
  } catch (error) {
    if (isTableMissing(error)) return [];
    throw error;
  }
}
