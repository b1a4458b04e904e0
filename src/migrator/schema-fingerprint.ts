import { createHash } from 'node:crypto';
import { ownTables } from '../information-schema/own-tables.ts';
import { quoteText } from '../sql/quote.ts';
import type { MigratorSession } from './migrator-session.ts';

/**
 * A hash over all that DDL can change in a database, but for rows. It shows whether a DDL statement took place whose answer
 * was lost: MySQL's are atomic, each for itself. https://dev.mysql.com/doc/refman/8.4/en/atomic-ddl.html
 */
export interface Fingerprint {
  /** 40 hexadecimal digits. */
  readonly hash: string;
  /** Whether InnoDB's numbers of the tables are in it, which only an account with PROCESS may read. */
  readonly ids: boolean;
  /** The server's version: another one may write the same schema in another way. */
  readonly version: string;
}

/**
 * @param ids whether the hash needs InnoDB's numbers; else it has them where the account may read them
 * @returns null where it needs them and the account may not read them
 */
export async function fingerprintOf(
  session: Pick<MigratorSession, 'query'>,
  database: string,
  ids?: boolean,
): Promise<Fingerprint | null> {
  const numbers = ids === false ? null : await numbersOf(session, database);
  if (ids === true && numbers === null) return null;
  const rows = await session.query<{ line: string }>(
    definitions.replaceAll(placeholder, quoteText(database)),
  );
  const [{ version } = { version: '' }] = await session.query<{ version: string }>(
    'select version() as version',
  );
  const lines = [...rows.map(({ line }) => line), ...(numbers ?? [])].sort();
  return { hash: sha(lines.join('\n')).slice(0, 40), ids: numbers !== null, version };
}

export const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Numbers tell tables apart that look alike: they change with TRUNCATE, and go along where tables or partitions change places. */
async function numbersOf(
  session: Pick<MigratorSession, 'query'>,
  database: string,
): Promise<string[] | null> {
  // In the names of files MySQL writes other characters as numbers.
  if (!/^\w+$/.test(database)) return null;
  const own = ownTables.map((table) => quoteText(`${database}/${table}`)).join(', ');
  const [{ others } = { others: 1 }] = await session.query<{ others: number }>(
    `select count(*) as others from information_schema.tables where table_schema = ${quoteText(database)} and table_type = 'BASE TABLE' and engine <> 'InnoDB'`,
  );
  // They have none.
  if (Number(others) > 0) return null;
  try {
    const rows = await session.query<{ name: string; number: number }>(
      `select name, table_id as number from information_schema.innodb_tables where name like ${quoteText(`${database.replaceAll('_', '\\_')}/%`)} and name not like ${quoteText('%/fts\\_%')} and name not in (${own})`,
    );
    return rows.map(({ name, number }) => `${name} ${number}`);
  } catch (error) {
    // ER_SPECIFIC_ACCESS_DENIED_ERROR
    if ((error as { errno?: number }).errno === 1227) return null;
    throw error;
  }
}

const own = ownTables.map((name) => quoteText(name)).join(', ');
const placeholder = '?schema?';

// Hashed by the server, so that no character set of the session comes in between.
const line = (view: string, where: string, columns: readonly string[]) =>
  `select sha2(json_array('${view}', ${columns.join(', ')}), 256) as line from information_schema.${view} where ${where}`;
/** MySQL shows times in the session's time zone. */
const at = (column: string) => `unix_timestamp(${column})`;
const ofTables = `table_schema = ${placeholder} and table_name not in (${own})`;

const definitions = [
  line('schemata', `schema_name = ${placeholder}`, ['default_character_set_name', 'default_collation_name']),
  line('tables', ofTables, [
    'table_name',
    'table_type',
    'engine',
    'table_collation',
    'row_format',
    'create_options',
    'table_comment',
    at('create_time'),
  ]),
  line('columns', ofTables, [
    'table_name',
    'ordinal_position',
    'column_name',
    'column_default',
    'is_nullable',
    'column_type',
    'collation_name',
    'extra',
    'column_comment',
    'generation_expression',
    'srs_id',
  ]),
  line('statistics', ofTables, [
    'table_name',
    'index_name',
    'non_unique',
    'seq_in_index',
    'column_name',
    'collation',
    'sub_part',
    'index_type',
    'index_comment',
    'is_visible',
    'expression',
  ]),
  line('partitions', `${ofTables} and partition_name is not null`, [
    'table_name',
    'partition_name',
    'subpartition_name',
    'partition_ordinal_position',
    'subpartition_ordinal_position',
    'partition_method',
    'subpartition_method',
    'partition_expression',
    'subpartition_expression',
    'partition_description',
    'partition_comment',
  ]),
  line('key_column_usage', ofTables, [
    'table_name',
    'constraint_name',
    'column_name',
    'ordinal_position',
    'referenced_table_name',
    'referenced_column_name',
  ]),
  line('table_constraints', ofTables, ['table_name', 'constraint_name', 'constraint_type', 'enforced']),
  line('referential_constraints', `constraint_schema = ${placeholder}`, [
    'table_name',
    'constraint_name',
    'update_rule',
    'delete_rule',
    'unique_constraint_name',
    'referenced_table_name',
  ]),
  line('check_constraints', `constraint_schema = ${placeholder}`, ['constraint_name', 'check_clause']),
  line('views', `table_schema = ${placeholder}`, [
    'table_name',
    'view_definition',
    'check_option',
    'definer',
    'security_type',
  ]),
  line('triggers', `trigger_schema = ${placeholder}`, [
    'trigger_name',
    'event_object_table',
    'event_manipulation',
    'action_timing',
    'action_order',
    'action_statement',
    'definer',
    at('created'),
  ]),
  line('routines', `routine_schema = ${placeholder}`, [
    'routine_name',
    'routine_type',
    'routine_definition',
    'dtd_identifier',
    'is_deterministic',
    'sql_data_access',
    'security_type',
    'routine_comment',
    'definer',
    at('created'),
    at('last_altered'),
  ]),
  line('parameters', `specific_schema = ${placeholder}`, [
    'specific_name',
    'routine_type',
    'ordinal_position',
    'parameter_mode',
    'parameter_name',
    'dtd_identifier',
  ]),
  // One that has an end changes, or goes, by itself.
  line('events', `event_schema = ${placeholder} and event_type = 'RECURRING' and ends is null`, [
    'event_name',
    'event_definition',
    'interval_value',
    'interval_field',
    at('starts'),
    'status',
    'on_completion',
    'event_comment',
    'definer',
    at('created'),
  ]),
].join(' union all ');
