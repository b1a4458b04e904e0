import { areCertificates } from '../../util/pem.ts';
import { hosts } from '../hosts.ts';
import { anyText, command, fileOf, oneOf, port } from '../kinds.ts';
import type { PasswordCommand } from '../parse-command.ts';
import { settingsGroup, type ValuesOf } from '../setting.ts';

/** A MySQL account. */
export interface Account {
  readonly user: string;
  /** A fixed one, or the command that prints it. */
  readonly password: string | PasswordCommand;
}

/** How to reach one cloud's database. TLS is always on; there is no setting that turns it off. */
export interface DatabaseConfig {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  /** Further servers with the same rows, a little behind, that answer queries; absent: none. */
  readonly replicas?: {
    readonly hosts: readonly { readonly host: string; readonly port: number }[];
    /** Milliseconds by which they may be behind. */
    readonly maxLagMs: number;
  };
  /** An empty database of the same server, in which drift tries its plans; absent: they are not tried. */
  readonly scratch?: string;
  /** Tables and views that drift compares with nothing; `*` stands for any characters. */
  readonly ignoredTables?: readonly string[];
  readonly tls: {
    /** PEM text of the certificate authority; absent: the root certificates that Node ships. */
    readonly ca?: string;
    /** The file that it came from, which may have another one by the time of a connection. */
    readonly caFile?: string;
    /** MySQL's ssl-mode: VERIFY_IDENTITY checks chain and host name, VERIFY_CA the chain alone. */
    readonly mode: 'VERIFY_IDENTITY' | 'VERIFY_CA';
  };
  /** Used by the server: SELECT, INSERT, UPDATE and DELETE are all that it needs. */
  readonly runtime: Account;
  /** Used by migrations, which need DDL; the runtime account where no other is set. */
  readonly migrator: Account;
  /** Used by `tandem audit seal` and `verify`, which read the audit trail and add seals; absent: that of the migrations. */
  readonly auditor?: Account;
}

const certificates = fileOf('a file with PEM certificates', (ca, caFile) =>
  areCertificates(ca) ? { value: { ca, caFile } } : { problem: 'is not a PEM certificate' },
);

const leaveOneEmpty = 'leave one of them empty';

/** Each cloud has these settings, with its own prefix: `AZURE_DB_HOST`, `GCP_DB_HOST`. */
export const databaseSettings = settingsGroup({
  title: 'Database of each cloud',
  page: 'pooling.md',
  settings: {
    host: {
      variable: 'HOST',
      kind: anyText('a host name or an address'),
      required: true,
      help: 'Host name or address of the server.',
    },
    port: { variable: 'PORT', kind: port(1), default: '3306', help: 'Port of the server.' },
    replicas: {
      variable: 'REPLICA_HOSTS',
      kind: hosts,
      help: 'Hosts of read replicas, between commas, each with its port where that is another one (docs/scale.md); empty: the primary answers all queries.',
    },
    user: {
      variable: 'USER',
      kind: anyText('the name of an account'),
      required: true,
      help: 'Account of the API server, which needs SELECT, INSERT, UPDATE and DELETE.',
    },
    password: { variable: 'PASSWORD', kind: anyText(), secret: true, help: 'Password of that account.' },
    passwordCommand: {
      variable: 'PASSWORD_COMMAND',
      kind: command,
      secret: true,
      help: 'Instead of a password: a command that prints it, such as a token. No shell runs it.',
    },
    migratorUser: {
      variable: 'MIGRATOR_USER',
      kind: anyText('the name of an account'),
      help: 'Account for migrations, which needs DDL; empty: the account above.',
    },
    migratorPassword: {
      variable: 'MIGRATOR_PASSWORD',
      kind: anyText(),
      secret: true,
      help: 'Password of the account for migrations.',
    },
    migratorPasswordCommand: {
      variable: 'MIGRATOR_PASSWORD_COMMAND',
      kind: command,
      secret: true,
      help: 'Instead of that password: a command that prints it.',
    },
    auditorUser: {
      variable: 'AUDITOR_USER',
      kind: anyText('the name of an account'),
      help: 'Account of tandem audit seal and verify, which reads the audit trail and adds seals (docs/audit.md); empty: the account for migrations.',
    },
    auditorPassword: {
      variable: 'AUDITOR_PASSWORD',
      kind: anyText(),
      secret: true,
      help: 'Password of the account for the audit trail.',
    },
    auditorPasswordCommand: {
      variable: 'AUDITOR_PASSWORD_COMMAND',
      kind: command,
      secret: true,
      help: 'Instead of that password: a command that prints it.',
    },
    name: {
      variable: 'NAME',
      kind: anyText('the name of a database'),
      required: true,
      example: 'tandem',
      help: 'Name of the database.',
    },
    scratch: {
      variable: 'SCRATCH_NAME',
      kind: anyText('the name of an empty database'),
      help: 'An empty database of the same server, in which `tandem drift` tries its plans (docs/drift.md); empty: it tries none.',
    },
    authority: {
      variable: 'SSL_CA',
      kind: certificates,
      help: 'PEM file of the certificate authority; empty: the root certificates that Node ships.',
    },
    mode: {
      variable: 'SSL_MODE',
      kind: oneOf(
        ['VERIFY_IDENTITY', 'VERIFY_CA'],
        'is neither VERIFY_IDENTITY nor VERIFY_CA; TLS is always on',
      ),
      default: 'VERIFY_IDENTITY',
      help: 'VERIFY_IDENTITY checks the certificate chain and the host name, VERIFY_CA the chain alone. TLS is always on.',
    },
  },
  rules: [
    {
      variable: 'SCRATCH_NAME',
      needs: ['SCRATCH_NAME', 'NAME'],
      check: ({ scratch, name }) =>
        scratch?.toLowerCase() === name.toLowerCase()
          ? {
              cause: 'is the database in the NAME beside it',
              remedy: 'name an empty one of the same server',
            }
          : undefined,
    },
    {
      variable: 'PASSWORD',
      needs: ['PASSWORD', 'PASSWORD_COMMAND'],
      check: ({ password, passwordCommand }) =>
        password === undefined && passwordCommand === undefined
          ? { cause: 'is missing', remedy: 'set it, or the PASSWORD_COMMAND beside it' }
          : undefined,
    },
    {
      variable: 'PASSWORD_COMMAND',
      needs: ['PASSWORD', 'PASSWORD_COMMAND'],
      check: ({ password, passwordCommand }) =>
        password !== undefined && passwordCommand !== undefined
          ? { cause: 'and the PASSWORD beside it are both set', remedy: leaveOneEmpty }
          : undefined,
    },
    {
      variable: 'MIGRATOR_PASSWORD_COMMAND',
      needs: ['MIGRATOR_PASSWORD', 'MIGRATOR_PASSWORD_COMMAND'],
      check: ({ migratorPassword, migratorPasswordCommand }) =>
        migratorPassword !== undefined && migratorPasswordCommand !== undefined
          ? { cause: 'and the MIGRATOR_PASSWORD beside it are both set', remedy: leaveOneEmpty }
          : undefined,
    },
    {
      variable: 'MIGRATOR_PASSWORD',
      needs: ['MIGRATOR_USER', 'MIGRATOR_PASSWORD', 'MIGRATOR_PASSWORD_COMMAND'],
      check: ({ migratorUser, migratorPassword, migratorPasswordCommand }) =>
        (migratorUser === undefined) ===
        (migratorPassword === undefined && migratorPasswordCommand === undefined)
          ? undefined
          : { cause: 'goes with the MIGRATOR_USER beside it', remedy: 'set both or neither' },
    },
    {
      variable: 'AUDITOR_PASSWORD_COMMAND',
      needs: ['AUDITOR_PASSWORD', 'AUDITOR_PASSWORD_COMMAND'],
      check: ({ auditorPassword, auditorPasswordCommand }) =>
        auditorPassword !== undefined && auditorPasswordCommand !== undefined
          ? { cause: 'and the AUDITOR_PASSWORD beside it are both set', remedy: leaveOneEmpty }
          : undefined,
    },
    {
      variable: 'AUDITOR_PASSWORD',
      needs: ['AUDITOR_USER', 'AUDITOR_PASSWORD', 'AUDITOR_PASSWORD_COMMAND'],
      check: ({ auditorUser, auditorPassword, auditorPasswordCommand }) =>
        (auditorUser === undefined) ===
        (auditorPassword === undefined && auditorPasswordCommand === undefined)
          ? undefined
          : { cause: 'goes with the AUDITOR_USER beside it', remedy: 'set both or neither' },
    },
  ],
});

/** The configuration of one cloud's database. */
export function toDatabase(
  values: ValuesOf<typeof databaseSettings>,
  {
    passwordCacheMs,
    replicaMaxLagMs,
    ignoredTables,
  }: { passwordCacheMs: number; replicaMaxLagMs: number; ignoredTables: readonly string[] },
): DatabaseConfig {
  /** The rules above let one of both be set. */
  const secret = (password = '', argv?: PasswordCommand['argv']) =>
    argv === undefined ? password : { argv, cacheMs: passwordCacheMs };
  const runtime = { user: values.user, password: secret(values.password, values.passwordCommand) };
  const { host, port, name, scratch, mode, authority, migratorUser, auditorUser } = values;
  return {
    host,
    port,
    name,
    ...(values.replicas !== undefined && {
      replicas: {
        hosts: values.replicas.map((replica) => ({ host: replica.host, port: replica.port ?? port })),
        maxLagMs: replicaMaxLagMs,
      },
    }),
    ...(scratch !== undefined && { scratch }),
    ...(ignoredTables.length > 0 && { ignoredTables }),
    tls: { mode, ...authority },
    runtime,
    migrator:
      migratorUser === undefined
        ? runtime
        : {
            user: migratorUser,
            password: secret(values.migratorPassword, values.migratorPasswordCommand),
          },
    ...(auditorUser !== undefined && {
      auditor: {
        user: auditorUser,
        password: secret(values.auditorPassword, values.auditorPasswordCommand),
      },
    }),
  };
}
