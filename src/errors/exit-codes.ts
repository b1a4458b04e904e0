import { constants } from 'node:os';
import type { Reason } from './explain-reason.ts';

/**
 * The exit codes of each command, beside 0, done, and 1, a fault of Tandem, of the settings or of the arguments. Scripts
 * rely on the numbers and on their kinds: entries are added, never changed. The page of each command has the same table, and a test holds them together.
 */
export const exitCodes = {
  /** docs/preflight.md: the first failure decides. Tens by area. */
  preflight: {
    CONFIG: 10,

    DNS_NOT_FOUND: 20,
    DNS_UNAVAILABLE: 21,

    CONNECTION_REFUSED: 30,
    CONNECT_TIMEOUT: 31,
    HOST_UNREACHABLE: 32,
    OPEN_FILES_LIMIT: 33,

    SERVER_SILENT: 40,
    NOT_MYSQL: 41,
    TOO_MANY_CONNECTIONS: 42,
    HOST_NOT_ALLOWED: 43,
    HOST_BLOCKED: 44,
    SERVER_SHUTTING_DOWN: 45,

    TLS_NOT_OFFERED: 50,
    TLS_CA_UNKNOWN: 51,
    TLS_CERT_EXPIRED: 52,
    TLS_CERT_NOT_YET_VALID: 53,
    TLS_HOST_MISMATCH: 54,
    TLS_FAILED: 55,
    TLS_REQUIRED_BY_SERVER: 56,
    TLS_CERT_EXPIRES_SOON: 59,

    ACCESS_DENIED: 60,
    UNKNOWN_DATABASE: 61,
    DATABASE_DENIED: 62,
    ACCOUNT_CONNECTIONS: 63,
    ACCOUNT_LOCKED: 64,
    PASSWORD_EXPIRED: 65,
    AUTHENTICATION_UNSUPPORTED: 66,
    PASSWORD_COMMAND_FAILED: 67,
    PASSWORD_COMMAND_TIMEOUT: 68,
    SETTINGS_REFUSED: 69,

    PRIVILEGE_MISSING: 70,
    PRIVILEGES_TOO_MANY: 71,
    TOKEN_EXPIRES_SOON: 72,

    CONNECTIONS_TOO_FEW: 80,
    CONNECTIONS_SCARCE: 81,
    WAIT_TIMEOUT_SHORT: 82,
    PACKET_SMALL: 83,
    SETTINGS_DIFFER: 84,
    SERVER_READ_ONLY: 85,
    SUPPORT_ENDS: 86,
    REPLICA_UNUSABLE: 87,
    REPLICA_BEHIND: 88,
    REPLICA_WRITABLE: 89,

    CLOCK_OFF: 90,

    SCHEMA_OUTDATED: 100,
    SCHEMA_NEWER: 101,
    TABLES_MISSING: 102,

    /** In the middle of a step: the connection ended, or the server said what preflight has no word for. */
    CONNECTION_LOST: 110,
    UNEXPECTED: 111,

    AUDIT_NOT_INSTALLED: 120,
    AUDIT_TABLE_UNFIT: 121,
    AUDIT_NOT_WRITABLE: 122,
    AUDIT_PRIVILEGE_MISSING: 123,
    AUDIT_PRIVILEGES_TOO_MANY: 124,
  } satisfies Partial<Record<Reason, number>> & Record<string, number>,

  /** `tandem migrate` and `tandem seed`, docs/migrations.md: the first source that failed decides. */
  migrate: {
    /** `status` alone: there is something that `up` would run. */
    PENDING: 20,
    UNREACHABLE: 30,
    LOCKED: 31,
    NOT_TRIED: 32,
    READ_ONLY: 33,
    FAILED: 40,
    CONNECTION_LOST: 41,
    UNFINISHED: 42,
    CHANGED: 43,
    UNCERTAIN: 44,
    BLOCKED: 45,
    EDITED: 50,
    MISSING: 51,
    UNKNOWN: 52,
    NO_SUCH: 53,
    UNFIT_FILE: 54,
    DESTRUCTIVE: 60,
    LINT_ERROR: 61,
    DRIFT: 62,
    NOT_VERIFIED: 70,
    NOT_BASELINE: 71,
    NEEDS_BASELINE: 72,
    TABLES_OF_OTHERS: 73,
  },

  /** docs/drift.md */
  drift: { NO_DRIFT: 0, DRIFT: 2, UNREACHABLE: 3 },

  /** docs/parity.md */
  parity: { SAME: 0, DIFFERENT: 2, UNREACHABLE: 3, PARTIAL: 4, REFUSED: 5 },

  /** docs/cutover.md */
  cutover: { OK: 0, BLOCKED: 2, UNREACHABLE: 3, ATTENTION: 4, UNKNOWN: 5 },

  /** docs/audit.md */
  audit: { DONE: 0, BROKEN: 2, UNREACHABLE: 3, NOT_INSTALLED: 4 },

  /** `tandem serve` and `tandem demo`, docs/deployment.md. */
  serve: {
    /** Everything was answered and closed. */
    STOPPED: 0,
    /** The time limit passed first: timeout(1) has the same code. */
    OUT_OF_TIME: 124,
    /** A second signal came: shells have the same codes. */
    SIGINT: 128 + constants.signals.SIGINT,
    SIGTERM: 128 + constants.signals.SIGTERM,
  },
} as const;

export type PreflightProblemKind = keyof typeof exitCodes.preflight;

export type MigrationProblemKind = keyof typeof exitCodes.migrate;
