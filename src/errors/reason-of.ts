import { type Reason, reasons, signsOf } from './explain-reason.ts';

/** The parts of an error that say what happened. */
interface Signs {
  readonly reason?: unknown;
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly syscall?: unknown;
  readonly fatal?: unknown;
  readonly sql?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
}

/**
 * Why a source failed, from an error of the driver, of the ORM around it, of Node's net, dns or tls, or of ours; null
 * where it is none of theirs, or about the rows alone, as a duplicate is.
 */
export function reasonOf(error: unknown): Reason | null {
  if (typeof error !== 'object' || error === null) return null;
  const { reason, code, errno, syscall, fatal, sql, message, cause } = error as Signs;
  if (typeof reason === 'string' && Object.hasOwn(reasons, reason)) return reason as Reason;
  const text = typeof message === 'string' ? message : '';
  if (errno === optionPrevents && otherOption.test(text)) return null;
  // Under innodb_read_only, of rows that change and of a table that gets another name: HA_ERR_TABLE_READONLY.
  if (errno === cannotLock || errno === cannotRename)
    return /errno: 165\b/.test(text) ? 'SERVER_READ_ONLY' : null;
  if (code === 'HANDSHAKE_SSL_ERROR') return ofTls(text);
  // The same code as of a connection that never came about.
  if (code === 'ETIMEDOUT' && syscall === 'read') return 'CONNECTION_LOST';
  // The numbers of a login that is refused are also those of a statement, which mysql2 then has beside them.
  if (typeof sql === 'string' && (errno === 1044 || errno === 1045)) return 'PRIVILEGE_MISSING';
  // mysql2 could not read what came.
  if (fatal === true && code === 'ERR_OUT_OF_RANGE') return 'NOT_MYSQL';
  // Of a session that MySQL ends while nothing runs, mysql2 has the number as the code; of one that ended, no code.
  if (typeof code === 'number') return bySign.get(code) ?? null;
  if (closed.test(text)) return 'CONNECTION_LOST';
  return bySign.get(errno as number) ?? (typeof code === 'string' ? ofCode(code) : null) ?? reasonOf(cause);
}

const bySign = new Map(
  (Object.keys(reasons) as Reason[]).flatMap((reason) =>
    signsOf(reason).map((sign): [number | string, Reason] => [sign, reason]),
  ),
);

const closed = /^Can't add new command when connection is in closed state$/;

/** A code of Node or mysql2, also one that a later version of theirs brings. */
function ofCode(code: string): Reason | null {
  return bySign.get(code) ?? families.find(([pattern]) => pattern.test(code))?.[1] ?? null;
}

const families: readonly (readonly [RegExp, Reason])[] = [
  [/^EAI_/, 'DNS_UNAVAILABLE'],
  [/^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_)/, 'TLS_FAILED'],
  [/^(EHOST|ENET)/, 'HOST_UNREACHABLE'],
  [/^(ECONN|PROTOCOL_)/, 'CONNECTION_LOST'],
  [/^HANDSHAKE_/, 'NOT_MYSQL'],
];

// "The MySQL server is running with the --super-read-only option so it cannot execute this statement"
const optionPrevents = 1290;
const cannotLock = 1015;
const cannotRename = 1025;
const otherOption = / --(?!\S*read[-_]only)\S+ option/;

/**
 * mysql2 puts a code of its own in the place of the one that Node gave, so only the text says why TLS failed: the
 * texts of OpenSSL's X509_verify_cert_error_string, which Node passes on.
 */
function ofTls(text: string): Reason {
  return tlsTexts.find(([pattern]) => pattern.test(text))?.[1] ?? 'TLS_FAILED';
}

const tlsTexts: readonly (readonly [RegExp, Reason])[] = [
  [/has expired/, 'TLS_CERT_EXPIRED'],
  [/not yet valid/, 'TLS_CERT_NOT_YET_VALID'],
  [/does not match certificate|hostname mismatch/i, 'TLS_HOST_MISMATCH'],
  [
    /self[- ]signed certificate|unable to get (local )?issuer|unable to verify|signature failure|not trusted/,
    'TLS_CA_UNKNOWN',
  ],
];
