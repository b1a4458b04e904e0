import type { SourceName } from '../source-name.ts';
import type { ErrorCode } from './codes.ts';
import { type Explanation, explain } from './explanation.ts';

/** Why a source failed, for its operator. */
interface ReasonEntry extends Explanation {
  /** What a client gets instead. */
  readonly code: ErrorCode;
  /** What is different in one of the clouds; follows the remedy. */
  readonly AZURE?: string;
  readonly GCP?: string;
  /** MySQL's error numbers, and the codes of Node, OpenSSL and mysql2, that say so. */
  readonly signs: readonly (number | string)[];
}

/**
 * Why a source failed: what logs, `tandem preflight` and every other command tell an operator, while a client hears
 * the `code` alone. Hosts and accounts are the operator's business.
 *
 * Numbers: https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html.
 * Codes: https://nodejs.org/api/errors.html#common-system-errors,
 * https://nodejs.org/api/tls.html#x509-certificate-error-codes and mysql2's client_handshake.js.
 */
export const reasons = {
  DNS_NOT_FOUND: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The name in {source}_DB_HOST has no address.',
    remedy: 'Correct {source}_DB_HOST: a bare host name, without a scheme and without a port.',
    AZURE:
      'It ends in .mysql.database.azure.com; with private access, this machine must use the DNS of the virtual network.',
    GCP: 'It is the instance’s address, or a DNS name of it that you make resolve.',
    signs: ['ENOTFOUND', 'EAI_NONAME', 'EAI_NODATA'],
  },
  DNS_UNAVAILABLE: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'No name server returned an address for {source}_DB_HOST.',
    remedy: 'See that this machine has a network and that the name servers in /etc/resolv.conf answer.',
    signs: ['EAI_AGAIN', 'EAI_FAIL', 'EAI_SYSTEM', 'EAI_MEMORY', 'ESERVFAIL'],
  },
  CONNECTION_REFUSED: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The machine at {source}_DB_HOST answers, but nothing listens on {source}_DB_PORT.',
    remedy: 'Start the MySQL server, and correct {source}_DB_PORT: MySQL’s own is 3306.',
    AZURE: 'See whether the server was stopped: az mysql flexible-server show.',
    GCP: 'See whether the instance was stopped: gcloud sql instances describe.',
    signs: ['ECONNREFUSED'],
  },
  CONNECT_TIMEOUT: {
    code: 'SOURCE_UNAVAILABLE',
    cause:
      'Nothing at {source}_DB_HOST and {source}_DB_PORT answered in time, as where a firewall drops packets.',
    remedy:
      'Let the one address from which Tandem’s connections leave through the firewall, or connect through a private network.',
    AZURE:
      'Make a firewall rule with that address as start and end, or use private access (docs/azure.md, step 3); a rule can take five minutes.',
    GCP: 'Add that address, as a /32, to the authorized networks, or use private IP from within its VPC (docs/gcp.md, step 3).',
    signs: ['ETIMEDOUT', 'PROTOCOL_SEQUENCE_TIMEOUT'],
  },
  HOST_UNREACHABLE: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'This machine has no route to {source}_DB_HOST.',
    remedy:
      'See that its network is up; a private address is reached only from within its network, one peered with it, or a VPN.',
    signs: ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL'],
  },
  OPEN_FILES_LIMIT: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'This process, or this machine, has as many files and connections open as it may.',
    remedy:
      'Raise `ulimit -n` (systemd: LimitNOFILE) for Tandem, or lower MAX_CONNECTIONS and WEB_CONCURRENCY; the database is not the cause.',
    signs: ['EMFILE', 'ENFILE'],
  },
  CONNECTION_LOST: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The connection to {source} ended in the middle.',
    remedy:
      'See whether the server restarted or failed over, and whether something between ends connections that are idle.',
    // 1158 to 1161: the server's own trouble with the network.
    signs: [
      1158,
      1159,
      1160,
      1161,
      'ECONNRESET',
      'ECONNABORTED',
      'EPIPE',
      'PROTOCOL_CONNECTION_LOST',
      'ERR_STREAM_DESTROYED',
      'ERR_STREAM_WRITE_AFTER_END',
    ],
  },
  NOT_MYSQL: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'What answers at {source}_DB_HOST and {source}_DB_PORT does not speak MySQL’s protocol.',
    remedy: 'Correct {source}_DB_HOST and {source}_DB_PORT: another program listens there, or a proxy.',
    signs: ['HANDSHAKE_UNKNOWN_ERROR', 'PROTOCOL_ERROR', 'PROTOCOL_PACKETS_OUT_OF_ORDER'],
  },
  TLS_NOT_OFFERED: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The server at {source}_DB_HOST offers no TLS, and Tandem sends nothing without it.',
    remedy:
      'Give the server a certificate (ssl_cert, ssl_key), or connect to the server itself where this is a proxy.',
    AZURE: 'Every server of the service offers TLS: this is another host.',
    GCP: 'Every instance of the service offers TLS: this is another host.',
    signs: ['HANDSHAKE_NO_SSL_SUPPORT'],
  },
  TLS_REQUIRED_BY_SERVER: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The server takes connections with TLS only (require_secure_transport), and this one had none.',
    remedy:
      'Leave that as it is. Connect with TLS, and set the file of the authority that signed the server’s certificate as {source}_DB_SSL_CA; Tandem itself always uses TLS.',
    signs: [3159],
  },
  TLS_CERT_EXPIRED: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The certificate of {source}, or of its authority, has expired.',
    remedy: 'Renew it on the server, and see that this machine’s clock is right.',
    AZURE: 'The service renews its own: fetch the authorities’ certificates again (docs/azure.md, step 5).',
    GCP: 'Rotate the server’s certificate, and fetch the authority’s again (docs/gcp.md, step 5).',
    signs: ['CERT_HAS_EXPIRED', 'CERT_CHAIN_EXPIRED'],
  },
  TLS_CERT_NOT_YET_VALID: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The certificate of {source} is valid only from a later time on.',
    remedy: 'Set this machine’s clock, or wait until then.',
    signs: ['CERT_NOT_YET_VALID'],
  },
  TLS_CA_UNKNOWN: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The certificate of {source} was not signed by an authority that Tandem trusts.',
    remedy: 'Set the file of the authority that signed it as {source}_DB_SSL_CA.',
    AZURE: 'It holds DigiCert Global Root G2 and Microsoft RSA Root 2017 (docs/azure.md, step 5).',
    GCP: 'Each instance has an authority of its own: gcloud sql ssl server-ca-certs list (docs/gcp.md, step 5).',
    signs: [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'CERT_SIGNATURE_FAILURE',
      'CERT_UNTRUSTED',
    ],
  },
  TLS_HOST_MISMATCH: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'The certificate was issued for another host than {source}_DB_HOST.',
    remedy: 'Set {source}_DB_HOST to the name in the certificate; an IP address is seldom in it.',
    AZURE: 'It is the server’s full name, which ends in .mysql.database.azure.com.',
    GCP: 'An instance with an authority of its own has no host name in its certificate: set GCP_DB_SSL_MODE=VERIFY_CA there; with the shared authority, connect to the instance’s DNS name (docs/gcp.md, step 5).',
    signs: ['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH'],
  },
  TLS_FAILED: {
    code: 'SOURCE_UNAVAILABLE',
    cause: 'Tandem and {source} could not agree on TLS.',
    remedy:
      'See that the server offers TLS 1.2 or newer (tls_version), and that no proxy in between speaks another protocol.',
    signs: ['HANDSHAKE_SSL_ERROR', 'EPROTO', 'ERR_TLS_HANDSHAKE_TIMEOUT', 'CERT_REVOKED', 'INVALID_PURPOSE'],
  },
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
    // 1044 and 1045 of a statement, too: see below.
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
    // 1290 stands for other options too: its text decides, below. 3989: one schema is read-only. 3100: a member of a
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
} as const satisfies Record<string, ReasonEntry>;

export type Reason = keyof typeof reasons;

const table: Readonly<Record<Reason, ReasonEntry>> = reasons;

/** What a client gets for this reason. */
export function codeOf(reason: Reason): ErrorCode {
  return table[reason].code;
}

/** MySQL's numbers, and Node's and the driver's codes, that say so. */
export function signsOf(reason: Reason): readonly (number | string)[] {
  return table[reason].signs;
}

/** A reason in words: what is wrong and what to do, for one cloud. */
export function explainReason(reason: Reason, source: SourceName): Explanation {
  const { cause, remedy, [source]: here } = table[reason];
  return explain({ cause, remedy: here === undefined ? remedy : `${remedy} ${here}` }, source);
}
