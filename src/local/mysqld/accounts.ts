import {
  AUDIT_PREFIX,
  DATABASE,
  MIGRATOR_USER,
  RUNTIME_USER,
  SCRATCH_PREFIX,
  type Secrets,
} from '../local-env.ts';

/** Databases that tests may make and drop; `_` is a wildcard in grants, hence the backslashes. */
const TEST_DATABASES = `${DATABASE}\\_test\\_%`;

const RUNTIME_RIGHTS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];
/** No more than docs/azure.md and docs/gcp.md grant: a migration that passes here must pass there. */
const MIGRATOR_RIGHTS = [
  ...RUNTIME_RIGHTS,
  'CREATE',
  'DROP',
  'ALTER',
  'INDEX',
  'REFERENCES',
  'TRIGGER',
  'CREATE VIEW',
];

/** Databases in which drift tries its plans on this machine, where real ones have routines and events, too. */
const SCRATCH_DATABASES = `${SCRATCH_PREFIX.replaceAll('_', '\\_')}%`;

/** Databases of audit trails, to which the server adds; what tries to change them is the migrator's, in tests. */
const AUDIT_DATABASES = `${AUDIT_PREFIX.replaceAll('_', '\\_')}%`;

const RUNTIME_SESSIONS = 20;

/**
 * The statements a server runs before it accepts its first connection, at every start: root locked, the
 * database, the two accounts with their rights. So no program ever needs to connect as root.
 */
export function accountsSql(secrets: Secrets, lockedRoot: string): string {
  return [
    // First of all: a server skips the rest after a statement that fails, and starts all the same.
    `ALTER USER 'root'@'localhost' ${identified(lockedRoot)} ACCOUNT LOCK`,
    `CREATE DATABASE IF NOT EXISTS \`${DATABASE}\` CHARACTER SET utf8mb4`,
    ...account(RUNTIME_USER, secrets.runtime, RUNTIME_RIGHTS, RUNTIME_SESSIONS),
    ...account(MIGRATOR_USER, secrets.migrator, MIGRATOR_RIGHTS, 0),
    `GRANT ALL PRIVILEGES ON \`${SCRATCH_DATABASES}\`.* TO '${MIGRATOR_USER}'@'%'`,
    `GRANT INSERT ON \`${AUDIT_DATABASES}\`.* TO '${RUNTIME_USER}'@'%'`,
    `GRANT ${MIGRATOR_RIGHTS.join(', ')} ON \`${AUDIT_DATABASES}\`.* TO '${MIGRATOR_USER}'@'%'`,
  ]
    .map((statement) => `${statement};\n`)
    .join('');
}

function account(name: string, password: string, rights: string[], sessions: number) {
  const user = `'${name}'@'%'`;
  const rules = `REQUIRE SSL WITH MAX_USER_CONNECTIONS ${sessions}`;
  return [
    `CREATE USER IF NOT EXISTS ${user} ${identified(password)} ${rules}`,
    `ALTER USER ${user} ${identified(password)} ${rules} ACCOUNT UNLOCK`,
    // Privileges that an older release granted must not linger.
    `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${user}`,
    ...[DATABASE, TEST_DATABASES].map((name) => `GRANT ${rights.join(', ')} ON \`${name}\`.* TO ${user}`),
  ];
}

function identified(password: string): string {
  return `IDENTIFIED WITH caching_sha2_password BY ${literal(password)}`;
}

/** Passwords are base64url when we make them, but `local.env` can be edited by hand. */
function literal(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
