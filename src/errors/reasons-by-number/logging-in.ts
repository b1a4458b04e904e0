import type { DescribedReason } from './described-reason.ts';

/** The server answers, and lets the account do nothing. */
export const loginReasons = {
  ACCESS_DENIED: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The server at {source}_DB_HOST refuses the account or its password.',
    remedy:
      'Correct {source}_DB_USER and {source}_DB_PASSWORD (or what {source}_DB_PASSWORD_COMMAND prints), or those of the migrator; an account can also be bound to certain hosts.',
    AZURE: 'The user is the bare name, without "@server".',
    GCP: 'An instance that requires client certificates gives the same error: its SSL mode must be ENCRYPTED_ONLY.',
    signs: [1045, 1698],
  },
  PASSWORD_COMMAND_FAILED: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The command in {source}_DB_PASSWORD_COMMAND gave no password.',
    remedy:
      'Run it by hand, as the user that Tandem runs as and with its environment: it must end with exit code 0 and print the password on one line, nothing else. The log has its exit code.',
    AZURE: 'Whether this machine is logged in: az account show.',
    GCP: 'Whether this machine is logged in: gcloud auth list.',
    signs: ['PASSWORD_COMMAND_FAILED'],
  },
  PASSWORD_COMMAND_TIMEOUT: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The command in {source}_DB_PASSWORD_COMMAND did not end in time, and was ended.',
    remedy:
      'Run it by hand and see how long it takes, and whether it asks something: it has no input. CONNECT_TIMEOUT_MS must leave room for it and for the login.',
    signs: ['PASSWORD_COMMAND_TIMEOUT'],
  },
  ACCOUNT_LOCKED: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The account in {source}_DB_USER is locked.',
    remedy:
      'Unlock it as the administrator: ALTER USER … ACCOUNT UNLOCK. Too many wrong passwords can lock one.',
    signs: [3118, 3955, 4151],
  },
  PASSWORD_EXPIRED: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The password in {source}_DB_PASSWORD has expired.',
    remedy: 'Set a new one as the administrator, ALTER USER … IDENTIFIED BY …, and here.',
    signs: [1820, 1862],
  },
  AUTHENTICATION_UNSUPPORTED: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The account in {source}_DB_USER logs in by a way that Tandem does not speak.',
    remedy:
      'Give it a password: ALTER USER … IDENTIFIED WITH caching_sha2_password BY …. Where it logs in with tokens instead, set {source}_DB_PASSWORD_COMMAND (docs/pooling.md).',
    signs: [1251, 1524, 'AUTH_SWITCH_PLUGIN_ERROR', 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED'],
  },
  HOST_NOT_ALLOWED: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'No account of {source} may log in from this machine’s address.',
    remedy:
      "Make the account for this address, or for every host that the firewall lets in: CREATE USER 'name'@'%'.",
    // 9000: Azure's gateway, for an address without a firewall rule.
    AZURE: 'Error 9000 means the firewall: make a rule with this one address as start and end.',
    signs: [1130, 9000],
  },
  HOST_BLOCKED: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The server blocks this machine’s address after too many connections that broke off.',
    remedy:
      'Find what breaks them off, a health check perhaps; then, as the administrator: TRUNCATE TABLE performance_schema.host_cache, or raise max_connect_errors.',
    signs: [1129],
  },
  UNKNOWN_DATABASE: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The server has no database of the name in {source}_DB_NAME.',
    remedy: 'Correct {source}_DB_NAME, or create the database.',
    AZURE: 'az mysql flexible-server db create (docs/azure.md, step 6).',
    GCP: 'gcloud sql databases create (docs/gcp.md, step 6).',
    signs: [1046, 1049],
  },
  DATABASE_DENIED: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The account has no rights on the database in {source}_DB_NAME; it may also not exist.',
    remedy:
      'Correct {source}_DB_NAME, or grant the account its rights on it (step 6 of docs/azure.md and docs/gcp.md).',
    signs: [1044],
  },
  PRIVILEGE_MISSING: {
    code: 'SOURCE_ACCESS_DENIED',
    cause: 'The account may log in to {source}, but not do this.',
    remedy:
      'Grant it the privilege that the message names; step 6 of docs/azure.md and docs/gcp.md has all that are needed: SELECT, INSERT, UPDATE and DELETE for the server’s account, what migrations need for the migrator’s.',
    // 1044 and 1045 of a statement, too: see reason-of.ts.
    signs: [1142, 1143, 1227, 1370, 1419],
  },
  SETTINGS_REFUSED: {
    code: 'SOURCE_UNAVAILABLE',
    cause:
      'The server refuses a setting of the session that Tandem relies on, or a session does not keep it.',
    remedy:
      'Connect to a MySQL server of version 8.0 or newer, without a proxy that keeps settings from it, and without statements in init_connect that leave a transaction open. docs/pooling.md lists the settings.',
    signs: ['SETTINGS_REFUSED'],
  },
  TOO_MANY_CONNECTIONS: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The server has as many connections as it takes (max_connections).',
    remedy:
      'End clients that hold idle ones, or raise max_connections (step 4 of docs/azure.md and docs/gcp.md).',
    signs: [1040],
  },
  ACCOUNT_CONNECTIONS: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The account has as many connections, or queries, as it may (MAX_USER_CONNECTIONS).',
    remedy:
      'Set POOL_SHARED=on in all processes of the account and let POOL_MAX not exceed the limit; no other program may use the account.',
    signs: [1203, 1226],
  },
} as const satisfies Record<string, DescribedReason>;
