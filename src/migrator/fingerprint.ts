import { createHash } from 'node:crypto';
import { ownTables } from '../sources/own-tables.ts';
import type { MigratorSession } from './session.ts';

/**
 * A hash over all that DDL can change in the connection's database, but for rows. It tells whether a DDL statement, of
 * whose end nobody heard, took place: MySQL's are atomic, each for itself.
 * https://dev.mysql.com/doc/refman/8.4/en/atomic-ddl.html
 */
export async function fingerprintOf(session: MigratorSession): Promise<string> {
  const rows = await session.query<{ line: string }>(sql);
  const lines = rows.map(({ line }) => line).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

const own = ownTables.map((table) => `'${table}'`).join(', ');

const line = (view: string, where: string, columns: readonly string[]) =>
  `select cast(json_array('${view}', ${columns.join(', ')}) as char) as line from information_schema.${view} where ${where}`;

const sql = [
  line('tables', `table_schema = database() and table_name not in (${own})`, [
    'table_name',
    'table_type',
    'engine',
    'table_collation',
    'row_format',
    'create_options',
    'table_comment',
  ]),
  line('columns', `table_schema = database() and table_name not in (${own})`, [
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
  ]),
  line('statistics', `table_schema = database() and table_name not in (${own})`, [
    'table_name',
    'index_name',
    'non_unique',
    'seq_in_index',
    'column_name',
    'collation',
    'sub_part',
    'index_type',
    'index_comment',
  ]),
  line('key_column_usage', 'table_schema = database()', [
    'table_name',
    'constraint_name',
    'column_name',
    'ordinal_position',
    'referenced_table_name',
    'referenced_column_name',
  ]),
  line('referential_constraints', 'constraint_schema = database()', [
    'table_name',
    'constraint_name',
    'update_rule',
    'delete_rule',
  ]),
  line('check_constraints', 'constraint_schema = database()', ['constraint_name', 'check_clause']),
  line('views', 'table_schema = database()', ['table_name', 'view_definition']),
  line('triggers', 'trigger_schema = database()', ['trigger_name', 'event_object_table', 'action_statement']),
  line('routines', 'routine_schema = database()', ['routine_name', 'routine_type', 'routine_definition']),
].join(' union all ');
