import type { DatabaseConfig } from '../config/groups/database.ts';
import { exitCodes, type PreflightProblemKind } from '../errors/exit-codes.ts';
import { explainReason, type Reason, reasons } from '../errors/explain-reason.ts';
import { about } from '../errors/explanation.ts';
import { reasonOf } from '../errors/reason-of.ts';
import type { SourceName } from '../source-name.ts';
import type { Problem } from './report.ts';

/** The subject of a source's problems. */
export interface ProblemSubject {
  readonly name: SourceName;
  readonly database: DatabaseConfig;
}

/** A problem with its remedy, that of the catalogue of reasons where it is one of those. */
export function problem(
  { name }: ProblemSubject,
  kind: PreflightProblemKind,
  cause: string,
  severity: Problem['severity'] = 'failure',
): Problem {
  const remedy = isReason(kind) ? explainReason(kind, name).remedy : remedies[kind];
  return { kind, severity, cause, remedy: about(remedy, name) };
}

/** A reason of the catalogue, with the facts: hosts, accounts, codes. */
export function reasonProblem(
  subject: ProblemSubject,
  reason: PreflightProblemKind & Reason,
  ...seen: readonly string[]
): Problem {
  const cause = explainReason(reason, subject.name).cause.replace(/\.$/, '');
  return problem(subject, reason, `${cause} (${seen.join(', ')}).`);
}

/**
 * The problem that an error of the server or of the connection means. Firewalls and accounts go by the address from which the
 * server saw us, so the cause has it where the server names it.
 */
export function connectionProblemOf(
  subject: ProblemSubject,
  error: DriverError,
  ...seen: readonly string[]
): Problem {
  const { errno = 0, code, sqlMessage = '' } = error;
  // Positive ones are MySQL's own, which its manual lists.
  const sign = errno > 0 ? String(errno) : (code ?? 'no code');
  const found = reasonOf(error);
  if (found === null || !hasExitCode(found)) {
    return problem(subject, 'UNEXPECTED', `The database failed (${[...seen, sign].join(', ')}).`);
  }
  const client = /'[^']*'@'([^']+)'|Host '([^']+)'/.exec(sqlMessage);
  const address = client?.[1] ?? client?.[2];
  const from = address === undefined ? [] : [`this machine seen as ${address}`];
  return reasonProblem(subject, found, ...seen, sign, ...from);
}

interface DriverError {
  readonly errno?: number | undefined;
  readonly code?: string | undefined;
  /** The server's message. */
  readonly sqlMessage?: string | undefined;
}

function hasExitCode(reason: Reason): reason is Reason & PreflightProblemKind {
  return Object.hasOwn(exitCodes.preflight, reason);
}

function isReason(kind: PreflightProblemKind): kind is PreflightProblemKind & Reason {
  return Object.hasOwn(reasons, kind);
}

/** Of what no failing request tells, so that the catalogue of reasons does not have it. */
const remedies: Readonly<Record<Exclude<PreflightProblemKind, Reason>, string>> = {
  CONFIG: 'Correct the settings that are listed.',
  SERVER_SILENT:
    'See the server’s state and log: it hangs, or a proxy or load balancer in front of it has none to pass on to.',
  TLS_CERT_EXPIRES_SOON: 'Renew the server’s certificate before that day.',
  PRIVILEGES_TOO_MANY:
    'As the administrator, revoke it: an attacker with this account has these rights too. Step 6 of docs/azure.md and docs/gcp.md has accounts with just enough.',
  TOKEN_EXPIRES_SOON:
    'Let the command print a token that it has just got: the pool logs in with it for PASSWORD_CACHE_MS.',
  SUPPORT_ENDS:
    'Upgrade both servers to MySQL 8.4, which both clouds offer (step 2 of docs/azure.md and docs/gcp.md).',
  CONNECTIONS_TOO_FEW: 'Lower POOL_MAX, or raise the limit (steps 4 and 6 of docs/azure.md and docs/gcp.md).',
  CONNECTIONS_SCARCE:
    'Lower POOL_MAX, or raise max_connections (step 4 of docs/azure.md and docs/gcp.md): migrations, monitoring and people need sessions too.',
  WAIT_TIMEOUT_SHORT: 'Set POOL_IDLE_TIMEOUT_MS to less than the server’s wait_timeout, or raise that.',
  PACKET_SMALL:
    'Raise max_allowed_packet to 4 MiB or more: the largest request makes a statement of that size.',
  SETTINGS_DIFFER:
    'Set it alike on both servers: az mysql flexible-server parameter set, gcloud sql instances patch --database-flags, or SET PERSIST.',
  REPLICA_UNUSABLE:
    'Queries go to the primary meanwhile. Correct {source}_DB_REPLICA_HOSTS, or what the replica lacks: docs/scale.md has what it needs.',
  REPLICA_BEHIND:
    'Queries go to the primary while it is behind. See the replica’s replication status, or raise POOL_REPLICA_MAX_LAG_MS.',
  REPLICA_WRITABLE:
    'Set super_read_only on the replica, or take the primary out of {source}_DB_REPLICA_HOSTS.',
  CLOCK_OFF:
    'Let this machine set its clock by the network (timedatectl set-ntp true): certificates and tokens are judged by it.',
  SCHEMA_OUTDATED: 'Run `tandem migrate up --source {source:lower}`.',
  SCHEMA_NEWER:
    'Run the build that brought these migrations, or a later one. To go back instead, undo them with that build first.',
  TABLES_MISSING:
    'The history has the migrations that made them, so they were dropped since: restore them from a backup.',
  AUDIT_NOT_INSTALLED:
    'Run `tandem audit install`, or let an administrator run what `tandem audit install --print` prints.',
  AUDIT_TABLE_UNFIT:
    'Move the table aside, keep it with its seals, and run `tandem audit install`: docs/audit.md has what the tables are like.',
  AUDIT_NOT_WRITABLE: 'Correct what the server refuses: until then, it refuses all writes of the API.',
  AUDIT_PRIVILEGE_MISSING: 'As an administrator, run the statements.',
  AUDIT_PRIVILEGES_TOO_MANY:
    'As an administrator, run the statements; a right that comes by a role is revoked from the role. With it, an attacker who has this account can change the trail.',
  UNEXPECTED: 'Look the number up in MySQL’s error reference; the server’s log may say more.',
};
