import type { Settings } from './settings.ts';

/**
 * Variables that both servers have alike, so that a statement means the same on both, and so that one can replicate from the
 * other: https://dev.mysql.com/doc/refman/8.4/en/replication-options.html
 */
export function equalVariables({ maxConnections, connectTimeoutSeconds }: Settings): Record<string, string> {
  return {
    max_connections: String(maxConnections),
    connect_timeout: String(connectTimeoutSeconds),
    sql_mode:
      'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
    character_set_server: 'utf8mb4',
    collation_server: 'utf8mb4_0900_ai_ci',
    lock_wait_timeout: '60',
    innodb_lock_wait_timeout: '10',
    wait_timeout: '28800',
    max_allowed_packet: '67108864',
    log_bin_trust_function_creators: 'ON',
    local_infile: 'OFF',
    slow_query_log: 'ON',
    long_query_time: '1',
  };
}

/**
 * Each cloud's name of the server's time zone. An offset needs no tables of time zones: Azure's are empty until
 * `CALL mysql.az_load_timezone()`.
 */
export const timeZoneVariable = {
  azure: ['time_zone', '+00:00'],
  gcp: ['default_time_zone', '+00:00'],
} as const;

/** Azure has no other value; Cloud SQL takes it when the instance is created, and never again. */
export const lowerCaseTableNames = '1';

export const version = { azure: '8.4', gcp: 'MYSQL_8_4' } as const;
