import { auditTables } from '../information-schema/own-tables.ts';
import { quoteName } from '../sql/quote.ts';

/** The table of what was written, with its database. */
export function writeTableOf(database: string): string {
  return `${quoteName(database)}.${quoteName(auditTables.writes)}`;
}

/** The table of the seals over those rows. */
export function sealTableOf(database: string): string {
  return `${quoteName(database)}.${quoteName(auditTables.seals)}`;
}

/** A column of the trail, as information_schema has it. */
export interface TrailColumn {
  readonly name: string;
  readonly type: string;
  readonly isNullable?: true;
}

/**
 * The columns of the trail's tables, the key first. Texts are compared and kept byte by byte, and lists are texts of JSON: MySQL would write
 * a JSON column in its own way, and hashes are over what was written.
 */
export const trailColumns: Readonly<Record<string, readonly TrailColumn[]>> = {
  [auditTables.writes]: [
    { name: 'id', type: 'bigint unsigned' },
    { name: 'written_at', type: 'datetime(6)' },
    { name: 'request_id', type: 'varchar(64)' },
    { name: 'subject', type: 'text', isNullable: true },
    { name: 'issuer', type: 'text', isNullable: true },
    { name: 'role', type: 'text' },
    { name: 'source', type: 'varchar(5)' },
    { name: 'operation', type: 'varchar(6)' },
    { name: 'table_name', type: 'varchar(64)' },
    { name: 'row_count', type: 'int unsigned' },
    { name: 'row_keys', type: 'mediumtext' },
    { name: 'column_names', type: 'mediumtext' },
  ],
  [auditTables.seals]: [
    { name: 'number', type: 'bigint unsigned' },
    { name: 'sealed_at', type: 'datetime(6)' },
    { name: 'highest_id', type: 'bigint unsigned' },
    { name: 'previous', type: 'char(64)' },
    { name: 'entries', type: 'mediumtext' },
    { name: 'hash', type: 'char(64)' },
  ],
};

/** How texts of the trail are compared. */
export const trailCollation = 'utf8mb4_bin';

/** Makes the tables of the trail where they are not there. */
export function tableStatements(database: string): readonly string[] {
  return Object.entries(trailColumns).map(([table, columns]) => {
    const lines = columns.map(({ name, type, isNullable }, at) => {
      const numbered = table === auditTables.writes ? ' auto_increment' : '';
      return `  ${name} ${type} ${isNullable ? 'null' : 'not null'}${at === 0 ? `${numbered} primary key` : ''}`;
    });
    return `create table if not exists ${quoteName(database)}.${quoteName(table)} (
${lines.join(',\n')}
) character set utf8mb4 collate ${trailCollation} engine = InnoDB`;
  });
}
