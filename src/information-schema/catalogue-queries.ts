/**
 * The queries of the catalogue, one a kind of object, and what their rows hold.
 * https://dev.mysql.com/doc/refman/8.4/en/information-schema.html
 */
export const catalogueQueries = {
  database: `
    select schema_name as name, default_character_set_name as charset, default_collation_name as collation
    from information_schema.schemata
    where schema_name = database()`,
  tables: `
    select table_name as name, engine as engine, table_collation as collation, table_comment as comment,
      create_options as options
    from information_schema.tables
    where table_schema = database() and table_type = 'BASE TABLE'
    order by table_name`,
  columns: `
    select table_name as tableName, column_name as name, column_type as type, is_nullable as nullable,
      column_default as \`default\`, extra as extra, generation_expression as expression,
      character_set_name as charset, collation_name as collation, column_comment as comment,
      srs_id as srid
    from information_schema.columns
    where table_schema = database()
    order by table_name, ordinal_position`,
  indexes: `
    select table_name as tableName, index_name as name, seq_in_index as place, non_unique as nonUnique, column_name as columnName,
      expression as expression, sub_part as length, collation as direction, index_type as kind,
      is_visible as visible, index_comment as comment
    from information_schema.statistics
    where table_schema = database()
    order by table_name, index_name, seq_in_index`,
  // A unique key that is called like a foreign key has rows of its own, which refer to nothing.
  foreignKeys: `
    select k.table_name as tableName, k.constraint_name as name, k.column_name as columnName,
      nullif(k.referenced_table_schema, k.table_schema) as referencedSchema,
      k.referenced_table_name as referencedTable, k.referenced_column_name as referencedColumn,
      r.delete_rule as onDelete, r.update_rule as onUpdate
    from information_schema.key_column_usage k
    join information_schema.referential_constraints r
      on r.constraint_schema = k.constraint_schema and r.constraint_name = k.constraint_name
      and r.table_name = k.table_name
    where k.table_schema = database() and k.referenced_table_name is not null
    order by k.table_name, k.constraint_name, k.ordinal_position`,
  checks: `
    select t.table_name as tableName, t.constraint_name as name, c.check_clause as clause, t.enforced as enforced
    from information_schema.table_constraints t
    join information_schema.check_constraints c
      on c.constraint_schema = t.constraint_schema and c.constraint_name = t.constraint_name
    where t.constraint_schema = database() and t.constraint_type = 'CHECK'
    order by t.table_name, t.constraint_name`,
  partitions: `
    select table_name as tableName, partition_name as name, subpartition_name as subpartition,
      partition_method as method, partition_expression as expression,
      subpartition_method as subMethod, subpartition_expression as subExpression,
      partition_description as \`values\`, partition_comment as comment
    from information_schema.partitions
    where table_schema = database() and partition_name is not null
    order by table_name, partition_ordinal_position, subpartition_ordinal_position`,
  views: `
    select table_name as name, view_definition as definition, security_type as security,
      check_option as checkOption, is_updatable as updatable
    from information_schema.views
    where table_schema = database()
    order by table_name`,
  triggers: `
    select trigger_name as name, event_object_table as tableName, action_timing as timing,
      event_manipulation as event, action_order as position, action_statement as body, sql_mode as sqlMode
    from information_schema.triggers
    where trigger_schema = database()
    order by trigger_name`,
  routines: `
    select routine_name as name, routine_type as kind, dtd_identifier as \`returns\`, routine_definition as body,
      is_deterministic as \`deterministic\`, sql_data_access as dataAccess, security_type as security,
      routine_comment as comment, character_set_name as charset, collation_name as collation, sql_mode as sqlMode
    from information_schema.routines
    where routine_schema = database() and routine_type in ('PROCEDURE', 'FUNCTION')
    order by routine_type, routine_name`,
  parameters: `
    select specific_name as routine, routine_type as kind, parameter_name as name, parameter_mode as mode,
      dtd_identifier as type, character_set_name as charset, collation_name as collation
    from information_schema.parameters
    where specific_schema = database() and ordinal_position > 0
    order by routine_type, specific_name, ordinal_position`,
  // An event without STARTS has the second of the statement that created it or set its schedule.
  events: `
    select event_name as name, cast(execute_at as char) as at, interval_value as value, interval_field as unit,
      cast(nullif(nullif(starts, convert_tz(created, @@session.time_zone, time_zone)),
        convert_tz(last_altered, @@session.time_zone, time_zone)) as char) as starts,
      cast(ends as char) as ends, if(time_zone = 'SYSTEM', @@system_time_zone, time_zone) as timeZone, status as status,
      on_completion as onCompletion, event_definition as body, event_comment as comment, sql_mode as sqlMode
    from information_schema.events
    where event_schema = database()
    order by event_name`,
} as const;

type YesNo = 'YES' | 'NO';

/** A row of each query. */
export interface Rows {
  database: { name: string; charset: string; collation: string };
  tables: { name: string; engine: string; collation: string; comment: string; options: string | null };
  columns: {
    tableName: string;
    name: string;
    type: string;
    nullable: YesNo;
    default: string | null;
    extra: string;
    expression: string | null;
    charset: string | null;
    collation: string | null;
    comment: string;
    srid: number | null;
  };
  indexes: {
    tableName: string;
    name: string;
    /** From 1. */
    place: number;
    nonUnique: number;
    columnName: string | null;
    expression: string | null;
    length: number | null;
    /** D, or A, or null where it has no order. */
    direction: string | null;
    kind: 'BTREE' | 'FULLTEXT' | 'SPATIAL' | 'HASH';
    visible: YesNo;
    comment: string;
    /** Of a FULLTEXT index, as SHOW CREATE TABLE tells it. */
    parser?: string | null;
  };
  foreignKeys: {
    tableName: string;
    name: string;
    columnName: string;
    referencedSchema: string | null;
    referencedTable: string;
    referencedColumn: string;
    onDelete: string;
    onUpdate: string;
  };
  checks: { tableName: string; name: string; clause: string; enforced: YesNo };
  partitions: {
    tableName: string;
    name: string;
    subpartition: string | null;
    method: string;
    expression: string | null;
    subMethod: string | null;
    subExpression: string | null;
    values: string | null;
    comment: string;
  };
  views: { name: string; definition: string; security: string; checkOption: string; updatable: YesNo };
  triggers: {
    name: string;
    tableName: string;
    timing: string;
    event: string;
    position: number;
    body: string | null;
    sqlMode: string;
  };
  routines: {
    name: string;
    kind: 'PROCEDURE' | 'FUNCTION';
    returns: string | null;
    body: string | null;
    deterministic: YesNo;
    dataAccess: string;
    security: string;
    comment: string;
    charset: string | null;
    collation: string | null;
    sqlMode: string;
  };
  parameters: {
    routine: string;
    kind: 'PROCEDURE' | 'FUNCTION';
    name: string;
    mode: string | null;
    type: string;
    charset: string | null;
    collation: string | null;
  };
  events: {
    name: string;
    at: string | null;
    value: string | null;
    unit: string | null;
    starts: string | null;
    ends: string | null;
    timeZone: string;
    status: string;
    onCompletion: string;
    body: string | null;
    comment: string;
    sqlMode: string;
  };
}

export type AllRows = { readonly [K in keyof Rows]: readonly Rows[K][] };
