import type { Reason } from '../errors/database-faults.ts';

/**
 * Every kind of problem and the exit code that it makes, tens by area. Scripts rely on both: entries are added, never
 * changed. docs/preflight.md has the same table, and a test holds them together.
 */
export const exitCodes = {
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

  CONNECTIONS_TOO_FEW: 80,
  CONNECTIONS_SCARCE: 81,
  WAIT_TIMEOUT_SHORT: 82,
  PACKET_SMALL: 83,
  SETTINGS_DIFFER: 84,
  SERVER_READ_ONLY: 85,

  CLOCK_OFF: 90,

  SCHEMA_OUTDATED: 100,
  SCHEMA_NEWER: 101,
  TABLES_MISSING: 102,

  /** In the middle of a step: the connection ended, or the server said what preflight has no word for. */
  CONNECTION_LOST: 110,
  UNEXPECTED: 111,
} as const satisfies Partial<Record<Reason, number>> & Record<string, number>;

export type PreflightProblemKind = keyof typeof exitCodes;
