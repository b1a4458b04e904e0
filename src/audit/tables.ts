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

/**
 * Makes the tables of the trail where they are not there. Texts are compared and kept byte by byte, and lists are texts of JSON: MySQL
 * would write a JSON column in its own way, and hashes are over what was written.
 */
export function tableStatements(database: string): readonly string[] {
  const options = 'character set utf8mb4 collate utf8mb4_bin engine = InnoDB';
  return [
    `create table if not exists ${writeTableOf(database)} (
  id bigint unsigned not null auto_increment primary key,
  written_at datetime(6) not null,
  request_id varchar(64) not null,
  subject text null,
  issuer text null,
  role text not null,
  source varchar(5) not null,
  operation varchar(6) not null,
  table_name varchar(64) not null,
  row_count int unsigned not null,
  row_keys mediumtext not null,
  column_names mediumtext not null
) ${options}`,
    `create table if not exists ${sealTableOf(database)} (
  number bigint unsigned not null primary key,
  sealed_at datetime(6) not null,
  highest_id bigint unsigned not null,
  previous char(64) not null,
  entries mediumtext not null,
  hash char(64) not null
) ${options}`,
  ];
}

/** An account as GRANT names it. */
export interface GrantedAccount {
  readonly user: string;
  readonly host: string;
}

/** Lets the server add to the trail, and do nothing else to it. */
export function grantOf(database: string, { user, host }: GrantedAccount): string {
  return `grant insert on ${writeTableOf(database)} to ${nameOf(user)}@${nameOf(host)}`;
}

/** Lets the account of `tandem audit` read the trail and add seals. */
export function sealerGrantsOf(database: string, { user, host }: GrantedAccount): readonly string[] {
  const account = `${nameOf(user)}@${nameOf(host)}`;
  return [
    `grant select on ${writeTableOf(database)} to ${account}`,
    `grant select, insert on ${sealTableOf(database)} to ${account}`,
  ];
}

/** A part of an account's name: https://dev.mysql.com/doc/refman/8.4/en/account-names.html */
function nameOf(part: string): string {
  return quoteName(part);
}
