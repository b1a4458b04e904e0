/**
 * The settings of each session of Tandem, whatever the server's own are: with them, a statement means the same and
 * answers the same on every server. All are MySQL's defaults, but for the time zone. Any account may set them.
 * https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html
 */
const reliedOn = {
  // How text is read, compared and answered. Messages are taken apart for the names in them.
  character_set_client: 'utf8mb4',
  character_set_results: 'utf8mb4',
  collation_connection: 'utf8mb4_0900_ai_ci',
  lc_messages: 'en_US',
  lc_time_names: 'en_US',

  // The meaning of strings, operators, NULL and errors: https://dev.mysql.com/doc/refman/8.4/en/sql-mode.html
  sql_mode:
    'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
  time_zone: '+00:00',
  sql_auto_is_null: 0,
  default_week_format: 0,
  div_precision_increment: 4,

  // Which rows are found, and how many.
  sql_select_limit: '18446744073709551615',
  sql_big_selects: 1,
  sql_safe_updates: 0,
  max_sort_length: 1024,
  group_concat_max_len: 1024,
  cte_max_recursion_depth: 1000,

  // Where a transaction begins and ends, what it sees, and which rows are refused.
  autocommit: 1,
  completion_type: 'NO_CHAIN',
  transaction_isolation: 'REPEATABLE-READ',
  transaction_read_only: 0,
  foreign_key_checks: 1,
  unique_checks: 1,

  // The defaults of DDL, and the spelling of SHOW CREATE.
  default_storage_engine: 'InnoDB',
  default_tmp_storage_engine: 'InnoDB',
  explicit_defaults_for_timestamp: 1,
  sql_quote_show_create: 1,
  show_create_table_verbosity: 0,

  // How long a statement may run, and a session be idle: for the pool, `timeoutSettings` sets others.
  max_execution_time: 0,
  wait_timeout: 28_800,
} as const;

export type SessionVariable = keyof typeof reliedOn;
type TextVariable = 'sql_mode' | 'transaction_isolation';
export type SessionSettings = Readonly<
  Partial<
    Record<
      Exclude<SessionVariable, TextVariable> | 'lock_wait_timeout' | 'innodb_lock_wait_timeout',
      number
    > &
      Record<TextVariable | 'session_track_gtids', string>
  >
>;

/**
 * The one statement that a session begins with. It means the same under every setting that it changes: no backslash, and
 * no quotation marks but single ones.
 */
export function setStatement(own: SessionSettings = {}): string {
  const settings = Object.entries({ ...reliedOn, ...own });
  return `set ${settings.map(([name, value]) => `session ${name} = ${literal(value)}`).join(', ')}`;
}

function literal(value: string | number): string {
  return typeof value === 'number' || /^\d+$/.test(value) ? String(value) : `'${value}'`;
}

/** The flags of https://dev.mysql.com/doc/dev/mysql-server/latest/mysql__com_8h.html that its answer must have, or not. */
const inTransaction = 0x0001;
const autocommits = 0x0002;
const noBackslashEscapes = 0x0200;

/**
 * The fault of a session that was set up, by the status that the server gave with its answer: `init_connect` may have
 * begun a transaction, and a proxy may have kept the statement for itself.
 *
 * @returns the end of a sentence; null where nothing is wrong
 */
export function statusProblem(status: number): string | null {
  if ((status & inTransaction) !== 0) return 'begins within a transaction (init_connect)';
  if ((status & autocommits) === 0) return 'does not commit by itself (autocommit)';
  if ((status & noBackslashEscapes) !== 0) return 'has a sql_mode of its own';
  return null;
}
