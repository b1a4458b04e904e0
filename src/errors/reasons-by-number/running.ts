import type { DescribedReason } from './described-reason.ts';

/** The account is logged in: what ends its sessions and its statements. */
export const runningReasons = {
  SERVER_SHUTTING_DOWN: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The server is shutting down, or offline for maintenance.',
    remedy: 'Wait until it is back; the next request then succeeds by itself.',
    signs: [1053, 3032],
  },
  SESSION_ENDED: {
    code: 'SOURCE_UNAVAILABLE',
    cause:
      'The server ended the session: it was idle for too long (wait_timeout), or an administrator killed it.',
    remedy: 'Let POOL_IDLE_TIMEOUT_MS be less than the server’s wait_timeout, and see who runs KILL.',
    signs: [3169, 4031],
  },
  QUERY_KILLED: {
    code: 'TIMEOUT',
    cause:
      'The statement was ended on the server: by Tandem at its deadline, or by a KILL QUERY of an administrator.',
    remedy: 'Look for the statement in the log of slow ones.',
    signs: [1317],
  },
  STATEMENT_TIMEOUT: {
    code: 'TIMEOUT',
    cause: 'The statement took longer than the server allows (max_execution_time).',
    remedy: 'Look for the statement in the log of slow ones; an index may be missing.',
    signs: [3024],
  },
  LOCK_WAIT_TIMEOUT: {
    code: 'TIMEOUT',
    cause:
      'Another transaction held the rows for longer than the server lets one wait (innodb_lock_wait_timeout).',
    remedy: 'Find the transaction that is open for long: SELECT * FROM information_schema.innodb_trx.',
    signs: [1205, 3572],
  },
  DEADLOCK: {
    code: 'CONFLICT',
    cause: 'Two transactions waited for each other’s rows, and the server undid this one.',
    remedy: 'Where it is rare, leave it; where it is not, SHOW ENGINE INNODB STATUS names both statements.',
    // 3101: a replication group found another member's change first.
    signs: [1213, 3101],
  },
  SERVER_READ_ONLY: {
    code: 'READ_ONLY',
    cause: 'The server takes no changes (read_only, super_read_only).',
    remedy: 'See that {source}_DB_HOST is the primary and not a replica, and that its storage is not full.',
    AZURE: 'It turns read-only when its storage is nearly full: enlarge it, or let it grow by itself.',
    GCP: 'Read replicas are read-only: use the primary’s address.',
    // 1290 stands for other options too: its text decides, in reason-of.ts. 3989: one schema is read-only. 3100: a member of a
    // replication group that is no primary.
    signs: [1036, 1290, 1792, 1836, 1874, 3100, 3989],
  },
  STATEMENT_TOO_LARGE: {
    code: 'OPERATION_TOO_COMPLEX',
    cause:
      'A statement is larger than the server takes (max_allowed_packet), or has too many values or levels for it.',
    remedy: 'Send less at once, or raise max_allowed_packet on the server: 4 MiB or more hold every request.',
    signs: [1153, 1390, 1436],
  },
  STORAGE_FULL: {
    code: 'READ_ONLY',
    cause: 'The server has no room left on its disk.',
    remedy: 'Enlarge its storage. Reads still work.',
    signs: [1021, 1114],
  },
  TABLE_MISSING: {
    code: 'SCHEMA_OUTDATED',
    cause: 'A table that this version of Tandem uses is not there.',
    remedy: 'Run `tandem migrate up --source {source:lower}`, and see that {source}_DB_NAME is right.',
    signs: [1051, 1146],
  },
  COLUMN_MISSING: {
    code: 'SCHEMA_OUTDATED',
    cause: 'A column that this version of Tandem uses is not there.',
    remedy:
      'Run `tandem migrate up --source {source:lower}`; if the tables are newer than this version, update Tandem.',
    signs: [1054],
  },
  COLLATIONS_MIXED: {
    code: 'COLLATIONS_DIFFER',
    cause: 'MySQL does not compare two texts of a statement, since their collations differ.',
    remedy:
      'Look for the statement in the log, and give both columns one collation; a text of a view gets one by COLLATE.',
    // 1253: a view was made anew with another character set.
    signs: [1253, 1267, 1270, 1271],
  },
} as const satisfies Record<string, DescribedReason>;
