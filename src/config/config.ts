import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { type PersistedDocuments, readManifest } from '../persisted-documents/manifest.ts';
import { perSource, type SourceName, sourceNames } from '../source-name.ts';
import { hostOfAddress, isLoopback } from '../util/hosts.ts';
import { areCertificates } from '../util/pem.ts';
import { type PasswordCommand, readCommand } from './password-command.ts';

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
}

/** Limits of one source's connection pool. */
export interface PoolConfig {
  /** Connections at most, 2 to 20; one of them is the pool's own, for KILL and probes. */
  readonly max: number;
  /** Connections that are kept open though unused. */
  readonly min: number;
  /** Callers that may wait for a connection. */
  readonly queueMax: number;
  /** Milliseconds until an attempt to connect is given up. */
  readonly connectTimeoutMs: number;
  /** Milliseconds that a caller waits for a connection. */
  readonly acquireTimeoutMs: number;
  /** Milliseconds after which an unused connection is closed. */
  readonly idleTimeoutMs: number;
  /** Milliseconds after which a connection is replaced; up to a tenth less, so that not all are at once. */
  readonly maxLifetimeMs: number;
  /** Milliseconds after which a connection is asked whether it is alive before it is used. */
  readonly validateAfterMs: number;
  /** Milliseconds that a statement may take; 0: no limit. */
  readonly statementTimeoutMs: number;
  /** Milliseconds that a transaction may take, from BEGIN on; 0: no limit. */
  readonly transactionTimeoutMs: number;
}

/** How much one request may ask for. */
export interface Limits {
  /** Words and signs of a document. */
  readonly tokens: number;
  /** Levels of fields below each other. */
  readonly depth: number;
  readonly aliases: number;
  /** Fields that stand in one selection set a second time. */
  readonly duplicates: number;
  readonly directives: number;
  /** Fields of the operation itself. */
  readonly rootFields: number;
  /** Values that the answer may hold, by the sizes of pages that are asked for. */
  readonly cost: number;
  /** Milliseconds from its coming in which an operation must have read all that it asks for. */
  readonly operationTimeoutMs: number;
  /** Requests a minute that one address may send; 0: no limit. */
  readonly requestsPerMinute: number;
}

/** Where the process says how it does. */
export interface Observability {
  /** `/metrics` beside the API, on a port of its own, or nowhere. */
  readonly metrics: 'on' | 'off' | { readonly port: number };
  /** Milliseconds from which on a statement is logged; 0: none is. */
  readonly slowStatementMs: number;
  /** Absent: no request is traced. */
  readonly tracing?: TracingSettings;
}

/** OpenTelemetry's own settings: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
export interface TracingSettings {
  readonly exporter: 'otlp' | 'console';
  readonly serviceName: string;
  /** Base address of the collector; absent: what the exporter finds in the environment, or its default. */
  readonly endpoint?: string;
  /** Headers for the collector, often with a secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** Follows the caller's decision if `parentBased`; `ratio` is the part of all other traces, 0 to 1. */
  readonly sampler: { readonly parentBased: boolean; readonly ratio: number };
}

/** How many sources have to answer: one of them, or all. */
export type ReadyWhen = 'any' | 'all';

/** Where the server listens, in how many processes, and how it stops. */
export interface ServerConfig {
  readonly host: string;
  /** Hosts that requests may name beside loopback's, in the form of `hostOf`. */
  readonly allowedHosts: readonly string[];
  readonly port: number;
  /** Clients' connections that each process takes at most. */
  readonly maxConnections: number;
  /** Processes of `tandem serve`, which share the connections of each pool. */
  readonly processes: number;
  /** Whether `/readyz` wants one source that answers, or both. */
  readonly readyWhen: ReadyWhen;
  /** Milliseconds for which everything is answered after SIGTERM, while `/readyz` says 503 already. */
  readonly shutdownDelayMs: number;
  /** Milliseconds from then on until the process ends, whatever is open. */
  readonly shutdownTimeoutMs: number;
}

export interface Config {
  /** Whether clients learn of the schema: introspection, the explorer that lives on it, suggestions in errors. */
  readonly introspection: boolean;
  /** Whether Apollo Sandbox is offered: only where introspection is open and nobody but this machine asks. */
  readonly sandbox: boolean;
  readonly server: ServerConfig;
  readonly logLevel: string;
  readonly observability: Observability;
  readonly pool: PoolConfig;
  readonly limits: Limits;
  readonly persistedDocuments?: PersistedDocuments;
  readonly databases: Readonly<Record<SourceName, DatabaseConfig>>;
}

/** One thing wrong with the configuration: the variable, what is wrong, and where its value was read. */
export interface ConfigFault {
  readonly variable: string;
  readonly problem: string;
  readonly readFrom: string | null;
}

/** Everything wrong with the configuration at once. The message holds no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[], searched: readonly string[]) {
    const width = Math.max(...faults.map(({ variable }) => variable.length));
    const lines = faults.map(({ variable, problem, readFrom }) => {
      const origin = readFrom === null ? '' : ` (from ${readFrom})`;
      return `  ${variable.padEnd(width)}  ${problem}${origin}`;
    });
    super(
      [
        faults.length === 1 ? 'One setting is wrong:' : `${faults.length} settings are wrong:`,
        ...lines,
        `Read: ${searched.join(', ')}.`,
        'Next: copy .env.example to .env and fill it in, or run `npm run demo` for two local databases.',
      ].join('\n'),
    );
    this.faults = faults;
  }
}

const text = z.string('is missing').min(1, 'is empty');
function whole(min: number, max: number, problem = `is not a whole number from ${min} to ${max}`) {
  return z.coerce.number(problem).int(problem).min(min, problem).max(max, problem);
}

const port = (min: number) => whole(min, 65_535, `is not a port (${min} to 65535)`);

/** What `read` makes of a file's text; what is wrong with it, `read` tells `fault`. */
function file<T>(read: (text: string, fault: (problem: string) => void, path: string) => T) {
  return z.string().transform((path, context): T => {
    const fault = (problem: string) => context.addIssue(`${problem}: ${resolve(path)}`);
    try {
      return read(readFileSync(resolve(path), 'utf8'), fault, resolve(path));
    } catch (error) {
      fault(`is a file that cannot be read (${(error as NodeJS.ErrnoException).code})`);
      return z.NEVER;
    }
  });
}

const certificateAuthority = file((ca, fault, caFile) => {
  if (!areCertificates(ca)) fault('is not a PEM certificate');
  return { ca, caFile };
});

const persistedDocuments = file((text, fault) => {
  const read = readManifest(text);
  if ('documents' in read) return read.documents;
  fault(read.problem);
  return z.NEVER;
});

const command = z.string().transform((value, context): PasswordCommand['argv'] => {
  const read = readCommand(value);
  if ('argv' in read) return read.argv;
  context.addIssue(read.problem);
  return z.NEVER;
});

/** `on`, `off`, or a port of its own. */
const metrics = z.string().transform((value, context): Observability['metrics'] => {
  if (value === 'on' || value === 'off') return value;
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return { port: Number(value) };
  context.addIssue('is neither on, off nor a port (0 to 65535)');
  return z.NEVER;
});

const hosts = z
  .string()
  .default('')
  .transform((value, context): readonly string[] => {
    const names = value.split(',').map((name) => name.trim());
    return names.filter(Boolean).map((name) => {
      const host = /[^:]:\d*$/.test(name) && !name.includes('::') ? null : hostOfAddress(name);
      if (host !== null) return host;
      context.addIssue('is not a list of hosts as in api.example.org,10.1.2.3: no scheme, no port, no *');
      return z.NEVER;
    });
  });

const tableNames = z
  .string()
  .default('')
  .transform((value): readonly string[] =>
    value
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  );

/** `name=value,…`, percent-encoded: https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
const headers = z
  .string()
  .default('')
  .transform((value, context): Readonly<Record<string, string>> => {
    try {
      const pairs = value.split(',').filter((pair) => pair.trim() !== '');
      return Object.fromEntries(pairs.map((pair) => headerOf(pair)));
    } catch {
      context.addIssue('is not a list of headers as in name=value,name=value');
      return z.NEVER;
    }
  });

function headerOf(pair: string): readonly [name: string, value: string] {
  const [, name, value] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(.*?)\s*$/.exec(pair) as RegExpExecArray;
  return [name as string, decodeURIComponent(value as string)];
}

const samplers = ['always_on', 'always_off', 'traceidratio'] as const;

const generalFields = z.object({
  NODE_ENV: z
    .enum(['development', 'production', 'test'], 'is neither development, production nor test')
    .default('development'),
  HOST: text.default('127.0.0.1'),
  ALLOWED_HOSTS: hosts,
  INTROSPECTION: z.enum(['on', 'off'], 'is neither on nor off').optional(),
  PORT: port(0).default(4000),
  MAX_CONNECTIONS: whole(10, 1_000_000).default(1000),
  WEB_CONCURRENCY: whole(1, 1000).default(1),
  READY_WHEN: z.enum(['any', 'all'], 'is neither any nor all').default('any'),
  SHUTDOWN_DELAY_MS: whole(0, 600_000).default(0),
  SHUTDOWN_TIMEOUT_MS: whole(0, 600_000).default(10_000),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'is not a level of the log')
    .default('info'),
  METRICS: metrics.optional(),
  SLOW_STATEMENT_MS: whole(0, 600_000).default(500),
  OTEL_TRACES_EXPORTER: z
    .enum(['none', 'otlp', 'console'], 'is neither none, otlp nor console')
    .default('none'),
  OTEL_SERVICE_NAME: text.default('tandem'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'is not an http:// or https:// address' })
    .optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headers,
  OTEL_TRACES_SAMPLER: z
    .enum(
      [...samplers, ...samplers.map((name) => `parentbased_${name}` as const)],
      'is none of the samplers that OpenTelemetry names',
    )
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number('is not a number from 0 to 1')
    .min(0, 'is not a number from 0 to 1')
    .max(1, 'is not a number from 0 to 1')
    .default(1),
  POOL_MAX: whole(2, 20).default(20),
  POOL_MIN: whole(0, 19).default(0),
  POOL_QUEUE_MAX: whole(0, 100_000).default(1000),
  POOL_ACQUIRE_TIMEOUT_MS: whole(50, 60_000).default(3000),
  POOL_IDLE_TIMEOUT_MS: whole(1000, 3_600_000).default(60_000),
  POOL_MAX_LIFETIME_MS: whole(1000, 86_400_000).default(1_800_000),
  POOL_VALIDATE_AFTER_MS: whole(0, 3_600_000).default(1000),
  CONNECT_TIMEOUT_MS: whole(100, 60_000).default(3000),
  PASSWORD_CACHE_MS: whole(0, 3_600_000).default(300_000),
  STATEMENT_TIMEOUT_MS: whole(100, 600_000).default(5000),
  TRANSACTION_TIMEOUT_MS: whole(100, 600_000).default(15_000),
  LIMIT_TOKENS: whole(100, 1_000_000).default(4000),
  LIMIT_DEPTH: whole(1, 100).default(16),
  LIMIT_ALIASES: whole(0, 10_000).default(50),
  LIMIT_DUPLICATES: whole(0, 10_000).default(20),
  LIMIT_DIRECTIVES: whole(0, 10_000).default(50),
  LIMIT_ROOT_FIELDS: whole(1, 1000).default(20),
  LIMIT_COST: whole(100, 100_000_000).default(100_000),
  OPERATION_TIMEOUT_MS: whole(100, 600_000).default(30_000),
  LIMIT_REQUESTS_PER_MINUTE: whole(0, 1_000_000).default(0),
  PERSISTED_DOCUMENTS: persistedDocuments.optional(),
  PERSISTED_DOCUMENTS_ONLY: z.stringbool({ error: 'is neither true nor false' }).default(false),
  DRIFT_IGNORE_TABLES: tableNames,
});

/** Connections of each cloud that a process needs at least: one for work, one for KILL and probes. */
const leastPerProcess = 2;

/** Whether the address to listen on is one that this machine alone reaches. */
const onLoopback = (host: string) => isLoopback(hostOfAddress(host));

const general = generalFields
  .refine((env) => onLoopback(env.HOST) || env.ALLOWED_HOSTS.length > 0, {
    path: ['ALLOWED_HOSTS'],
    error: ({ input }) =>
      `is missing: HOST=${(input as { HOST: string }).HOST} is reached from other machines. List the names and addresses that clients use, as in api.example.org`,
    when: ({ issues }) => issues.every(({ path }) => path?.[0] !== 'HOST' && path?.[0] !== 'ALLOWED_HOSTS'),
  })
  .refine((env) => !env.PERSISTED_DOCUMENTS_ONLY || env.PERSISTED_DOCUMENTS !== undefined, {
    path: ['PERSISTED_DOCUMENTS_ONLY'],
    error: 'needs PERSISTED_DOCUMENTS beside it',
    // Also beside other faults, so that all are listed at once, but not beside a wrong manifest's.
    when: ({ issues }) => issues.every(({ path }) => path?.[0] !== 'PERSISTED_DOCUMENTS'),
  })
  .refine(
    (env) => typeof env.METRICS !== 'object' || env.METRICS.port === 0 || env.METRICS.port !== env.PORT,
    {
      path: ['METRICS'],
      error: 'is the PORT of the API: set it to another port, or to on for /metrics beside the API',
      when: ({ issues }) => issues.every(({ path }) => path?.[0] !== 'METRICS' && path?.[0] !== 'PORT'),
    },
  )
  .refine((env) => env.WEB_CONCURRENCY === 1 || env.WEB_CONCURRENCY * leastPerProcess <= env.POOL_MAX, {
    path: ['WEB_CONCURRENCY'],
    error: ({ input }) => {
      const { WEB_CONCURRENCY, POOL_MAX } = input as { WEB_CONCURRENCY: number; POOL_MAX: number };
      const most = Math.max(1, Math.floor(POOL_MAX / leastPerProcess));
      return `is ${WEB_CONCURRENCY} processes, which share POOL_MAX=${POOL_MAX} connections and need ${leastPerProcess} each: set it to ${most} at most`;
    },
    when: ({ issues }) =>
      issues.every(({ path }) => path?.[0] !== 'WEB_CONCURRENCY' && path?.[0] !== 'POOL_MAX'),
  });

const databaseFields = z.object({
  HOST: text,
  PORT: port(1).default(3306),
  USER: text,
  PASSWORD: text.optional(),
  PASSWORD_COMMAND: command.optional(),
  MIGRATOR_USER: text.optional(),
  MIGRATOR_PASSWORD: text.optional(),
  MIGRATOR_PASSWORD_COMMAND: command.optional(),
  NAME: text,
  SCRATCH_NAME: text.optional(),
  SSL_CA: certificateAuthority.optional(),
  SSL_MODE: z
    .enum(['VERIFY_IDENTITY', 'VERIFY_CA'], 'is neither VERIFY_IDENTITY nor VERIFY_CA; TLS is always on')
    .default('VERIFY_IDENTITY'),
});

type DatabaseEnv = z.infer<typeof databaseFields>;

/** What is wrong between settings of a database; told beside other faults, so that all are listed at once. */
const together: readonly (readonly [
  keyof DatabaseEnv,
  error: string,
  holds: (env: DatabaseEnv) => boolean,
])[] = [
  [
    'SCRATCH_NAME',
    'is the database in the NAME beside it: name an empty one of the same server',
    (env) => env.SCRATCH_NAME === undefined || env.SCRATCH_NAME.toLowerCase() !== env.NAME?.toLowerCase(),
  ],
  ['PASSWORD', 'is missing', (env) => env.PASSWORD !== undefined || env.PASSWORD_COMMAND !== undefined],
  [
    'PASSWORD_COMMAND',
    'and the PASSWORD beside it are both set: leave one of them empty',
    (env) => env.PASSWORD === undefined || env.PASSWORD_COMMAND === undefined,
  ],
  [
    'MIGRATOR_PASSWORD_COMMAND',
    'and the MIGRATOR_PASSWORD beside it are both set: leave one of them empty',
    (env) => env.MIGRATOR_PASSWORD === undefined || env.MIGRATOR_PASSWORD_COMMAND === undefined,
  ],
  [
    'MIGRATOR_PASSWORD',
    'goes with the MIGRATOR_USER beside it: set both or neither',
    (env) =>
      (env.MIGRATOR_USER === undefined) ===
      (env.MIGRATOR_PASSWORD === undefined && env.MIGRATOR_PASSWORD_COMMAND === undefined),
  ],
];

const database = databaseFields.superRefine(
  (env, context) => {
    for (const [name, message, holds] of together) {
      if (!holds(env)) context.addIssue({ code: 'custom', path: [name], message });
    }
  },
  { when: () => true },
);

const prefixOf = (name: SourceName) => `${name}_DB_`;

const databaseVariables: readonly string[] = sourceNames.flatMap((name) =>
  Object.keys(database.shape).map((suffix) => prefixOf(name) + suffix),
);

/** Every variable that Tandem reads, in the order of `.env.example`. */
export const variables: readonly string[] = [...databaseVariables, ...Object.keys(general.shape)];

/**
 * Reads the configuration from the environment and, where a variable is not set there, from `.env`. Where
 * neither names a database, the local pair that `npm run demo` recorded in `.tandem/local.env` is used
 * (never with NODE_ENV=production).
 *
 * @param databaseSettings the variables of the databases, where those of the environment and of `.env` must not count
 * @throws ConfigError listing every missing or wrong variable with the file that it was read from.
 */
export function loadConfig(
  environment: NodeJS.ProcessEnv = process.env,
  directory: string = process.cwd(),
  databaseSettings?: Readonly<Record<string, string>>,
): Config {
  const settings = readSettings(environment, directory, databaseSettings);
  const faults: ConfigFault[] = [];
  const server = parse(general, '', settings, faults);
  const databases = perSource((name) => parse(database, prefixOf(name), settings, faults));
  if (server === null || databases.AZURE === null || databases.GCP === null) {
    throw new ConfigError(faults, settings.searched);
  }
  // What is open is decided by who reaches the server. A proxy on this machine passes on what others ask it by name.
  const reachedByOthers = !onLoopback(server.HOST) || server.ALLOWED_HOSTS.some((host) => !isLoopback(host));
  const openByDefault = !reachedByOthers && server.NODE_ENV !== 'production';
  const introspection = server.INTROSPECTION === undefined ? openByDefault : server.INTROSPECTION === 'on';
  return {
    introspection,
    sandbox: introspection && !reachedByOthers,
    server: {
      host: server.HOST,
      allowedHosts: server.ALLOWED_HOSTS,
      port: server.PORT,
      maxConnections: server.MAX_CONNECTIONS,
      processes: server.WEB_CONCURRENCY,
      readyWhen: server.READY_WHEN,
      shutdownDelayMs: server.SHUTDOWN_DELAY_MS,
      shutdownTimeoutMs: server.SHUTDOWN_TIMEOUT_MS,
    },
    logLevel: server.LOG_LEVEL,
    observability: toObservability(server, reachedByOthers),
    pool: {
      max: server.POOL_MAX,
      min: server.POOL_MIN,
      queueMax: server.POOL_QUEUE_MAX,
      connectTimeoutMs: server.CONNECT_TIMEOUT_MS,
      acquireTimeoutMs: server.POOL_ACQUIRE_TIMEOUT_MS,
      idleTimeoutMs: server.POOL_IDLE_TIMEOUT_MS,
      maxLifetimeMs: server.POOL_MAX_LIFETIME_MS,
      validateAfterMs: server.POOL_VALIDATE_AFTER_MS,
      statementTimeoutMs: server.STATEMENT_TIMEOUT_MS,
      transactionTimeoutMs: server.TRANSACTION_TIMEOUT_MS,
    },
    limits: {
      tokens: server.LIMIT_TOKENS,
      depth: server.LIMIT_DEPTH,
      aliases: server.LIMIT_ALIASES,
      duplicates: server.LIMIT_DUPLICATES,
      directives: server.LIMIT_DIRECTIVES,
      rootFields: server.LIMIT_ROOT_FIELDS,
      cost: server.LIMIT_COST,
      operationTimeoutMs: server.OPERATION_TIMEOUT_MS,
      requestsPerMinute: server.LIMIT_REQUESTS_PER_MINUTE,
    },
    ...(server.PERSISTED_DOCUMENTS && {
      persistedDocuments: { documents: server.PERSISTED_DOCUMENTS, only: server.PERSISTED_DOCUMENTS_ONLY },
    }),
    databases: {
      AZURE: toDatabase(databases.AZURE, server),
      GCP: toDatabase(databases.GCP, server),
    },
  };
}

/** The environment with what `.env` adds to it, for those who look before a configuration can be complete. */
export function withDotEnv(
  environment: NodeJS.ProcessEnv,
  directory: string = process.cwd(),
): NodeJS.ProcessEnv {
  const file = resolve(directory, '.env');
  return existsSync(file) ? { ...parseEnv(readFileSync(file, 'utf8')), ...environment } : environment;
}

interface Settings {
  readonly values: ReadonlyMap<string, { readonly value: string; readonly readFrom: string }>;
  readonly searched: readonly string[];
}

/** Whether a variable says that the databases are others than the local pair. */
function hidesLocalPair(name: string, value: string | undefined): boolean {
  return name === 'NODE_ENV' ? value === 'production' : databaseVariables.includes(name) && Boolean(value);
}

/** The variables of the environment and of `.env` because of which the local pair is not used. */
export function hidingLocalPair(environment: NodeJS.ProcessEnv): readonly string[] {
  const all = Object.entries(withDotEnv(environment));
  return all.filter(([name, value]) => hidesLocalPair(name, value)).map(([name]) => name);
}

/** The environment without what names databases: for those who must not touch them. */
export function withoutDatabases(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = new Set(databaseVariables);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.has(name)));
}

function readSettings(
  environment: NodeJS.ProcessEnv,
  directory: string,
  databases?: Readonly<Record<string, string>>,
): Settings {
  const values = new Map<string, { value: string; readFrom: string }>();
  const searched: string[] = [];
  const add = (readFrom: string, layer: NodeJS.Dict<string>, names: readonly string[]) => {
    searched.push(readFrom);
    for (const name of names) {
      const value = layer[name];
      // An empty line means "not set", as it does in .env.example.
      if (value !== undefined && value !== '' && !values.has(name)) values.set(name, { value, readFrom });
    }
  };
  const addFile = (file: string, names: readonly string[]) => {
    if (existsSync(file)) add(file, parseEnv(readFileSync(file, 'utf8')), names);
    else searched.push(`${file} (not there)`);
  };
  const ownNames = databases === undefined ? variables : Object.keys(general.shape);
  add('the environment', environment, ownNames);
  addFile(resolve(directory, '.env'), ownNames);
  if (databases !== undefined) {
    add('the databases given', databases, databaseVariables);
    return { values, searched };
  }
  const localPair = resolve(directory, '.tandem/local.env');
  const hides = [...values].find(([name, { value }]) => hidesLocalPair(name, value));
  if (hides === undefined) addFile(localPair, databaseVariables);
  else if (existsSync(localPair)) searched.push(`${localPair} (not used, since ${hides[0]} is set)`);
  return { values, searched };
}

function parse<S extends z.ZodObject>(
  shape: S,
  prefix: string,
  { values }: Settings,
  faults: ConfigFault[],
): z.infer<S> | null {
  const suffixes = Object.keys(shape.shape);
  const input = Object.fromEntries(suffixes.map((suffix) => [suffix, values.get(prefix + suffix)?.value]));
  const result = shape.safeParse(input);
  if (result.success) return result.data;
  const at = ({ path }: z.core.$ZodIssue) => suffixes.indexOf(String(path[0]));
  for (const { path, message } of result.error.issues.toSorted((one, other) => at(one) - at(other))) {
    const variable = prefix + String(path[0]);
    faults.push({ variable, problem: message, readFrom: values.get(variable)?.readFrom ?? null });
  }
  return null;
}

function toObservability(env: z.infer<typeof general>, reachedByOthers: boolean): Observability {
  const {
    METRICS = reachedByOthers ? 'off' : 'on',
    SLOW_STATEMENT_MS,
    OTEL_TRACES_EXPORTER,
    OTEL_TRACES_SAMPLER,
  } = env;
  const shared = { metrics: METRICS, slowStatementMs: SLOW_STATEMENT_MS };
  if (OTEL_TRACES_EXPORTER === 'none') return shared;
  const ratios = { always_on: 1, always_off: 0, traceidratio: env.OTEL_TRACES_SAMPLER_ARG };
  const root = OTEL_TRACES_SAMPLER.replace('parentbased_', '') as (typeof samplers)[number];
  return {
    ...shared,
    tracing: {
      exporter: OTEL_TRACES_EXPORTER,
      serviceName: env.OTEL_SERVICE_NAME,
      ...(env.OTEL_EXPORTER_OTLP_ENDPOINT && { endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT }),
      headers: env.OTEL_EXPORTER_OTLP_HEADERS,
      sampler: { parentBased: root !== OTEL_TRACES_SAMPLER, ratio: ratios[root] },
    },
  };
}

function toDatabase(
  env: z.infer<typeof database>,
  {
    PASSWORD_CACHE_MS: cacheMs,
    DRIFT_IGNORE_TABLES: ignoredTables,
  }: Pick<z.infer<typeof general>, 'PASSWORD_CACHE_MS' | 'DRIFT_IGNORE_TABLES'>,
): DatabaseConfig {
  /** One of both is set, as `together` says. */
  const secret = (password = '', argv?: PasswordCommand['argv']) =>
    argv === undefined ? password : { argv, cacheMs };
  const runtime = { user: env.USER, password: secret(env.PASSWORD, env.PASSWORD_COMMAND) };
  return {
    host: env.HOST,
    port: env.PORT,
    name: env.NAME,
    ...(env.SCRATCH_NAME === undefined ? {} : { scratch: env.SCRATCH_NAME }),
    ...(ignoredTables.length > 0 && { ignoredTables }),
    tls: { mode: env.SSL_MODE, ...env.SSL_CA },
    runtime,
    migrator:
      env.MIGRATOR_USER === undefined
        ? runtime
        : {
            user: env.MIGRATOR_USER,
            password: secret(env.MIGRATOR_PASSWORD, env.MIGRATOR_PASSWORD_COMMAND),
          },
  };
}
