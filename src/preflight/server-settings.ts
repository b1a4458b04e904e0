/** Settings of a server by their names, as text. */
export type ServerSettings = Readonly<Record<string, string>>;

/**
 * The settings to compare between both servers: those that change the meaning of a statement, a table or a program in the database.
 * `own`: each session of Tandem sets it for itself, so that the difference shows in other programs only.
 */
const compared: Readonly<Record<string, 'own' | 'server'>> = {
  sql_mode: 'own',
  time_zone: 'own',
  transaction_isolation: 'own',
  autocommit: 'own',
  foreign_key_checks: 'own',
  explicit_defaults_for_timestamp: 'own',
  default_storage_engine: 'own',
  group_concat_max_len: 'own',
  div_precision_increment: 'own',
  lower_case_table_names: 'server',
  character_set_server: 'server',
  collation_server: 'server',
  default_collation_for_utf8mb4: 'server',
  auto_increment_increment: 'server',
  innodb_autoinc_lock_mode: 'server',
  innodb_strict_mode: 'server',
  sql_require_primary_key: 'server',
  sql_generate_invisible_primary_key: 'server',
  log_bin_trust_function_creators: 'server',
  max_allowed_packet: 'server',
  init_connect: 'server',
};

/** Those that are not compared, but say what this server is good for. */
const alone = ['version', 'log_bin', 'binlog_expire_logs_seconds'];

/** Asks for them: what a server does not know is not in its answer. */
export const settingsQuery = `show global variables where variable_name in (${[
  ...Object.keys(compared),
  ...alone,
]
  .map((name) => `'${name}'`)
  .join(', ')})`;

/** The settings of the server that answers. */
export async function serverSettingsOf(session: {
  rows<R extends object>(sql: string): Promise<R[]>;
}): Promise<ServerSettings> {
  const rows = await session.rows<{ Variable_name: string; Value: string }>(settingsQuery);
  return Object.fromEntries(rows.map((row) => [row.Variable_name, row.Value]));
}

/** The differing settings, one sentence each, in the order of the list above. */
export function differences(
  [here, mine]: readonly [name: string, ServerSettings],
  [there, theirs]: readonly [name: string, ServerSettings],
  /** Settings to compare besides. */
  besides: readonly string[] = [],
): string[] {
  const all = [...Object.entries(compared), ...besides.map((name) => [name, 'server'] as const)];
  return all.flatMap(([name, scope]) => {
    const [left, right] = [mine[name], theirs[name]];
    if (left === undefined || right === undefined || left === right) return [];
    const effect =
      scope === 'own' ? 'Tandem’s sessions set their own; other programs see the difference.' : effects[name];
    return [
      `${name} is ${shown(left)} on ${here} and ${shown(right)} on ${there}.${effect === undefined ? '' : ` ${effect}`}`,
    ];
  });
}

const effects: Readonly<Record<string, string>> = {
  lower_case_table_names:
    'It is fixed when a server is made, and neither can replicate from the other: make the one anew that has 0 (step 2 of docs/gcp.md). Write names of tables in lower case, which both take.',
  default_collation_for_utf8mb4: 'Migrations that name no collation make different columns.',
  character_set_server: 'A database that is made without a character set gets another one.',
  collation_server: 'A database that is made without a collation gets another one.',
  sql_require_primary_key: 'A migration that makes a table without a primary key fails on one of them.',
  sql_generate_invisible_primary_key:
    'A table without a primary key gets the column my_row_id on one of them.',
  log_bin_trust_function_creators: 'A migration that makes a function or a trigger may fail on one of them.',
  max_allowed_packet: 'The smaller one bounds what a request can write.',
};

function shown(value: string): string {
  return value === '' ? 'empty' : value;
}

/** Whether another server can replicate from this one: a part of a sentence. */
export function replicationState({
  log_bin: logs,
  binlog_expire_logs_seconds: kept,
}: Readonly<Record<string, string>>): string {
  if (logs !== 'ON') return 'no binary log, so nothing can replicate from it';
  return kept === '0' ? 'binary log without a time that it is kept' : `binary log kept for ${kept} s`;
}
