import { resolve } from 'node:path';
import type { PersistedDocuments } from '../persisted-documents/manifest-format.ts';
import { perSource, type SourceName } from '../source-name.ts';
import { ConfigError } from './config-error.ts';
import { readEnvironment } from './environment.ts';
import { type AuthConfig, localKeyFile, toAuth } from './groups/access.ts';
import { type AuditConfig, toAudit } from './groups/audit.ts';
import { type DatabaseConfig, toDatabase } from './groups/database.ts';
import type { Limits } from './groups/limits.ts';
import type { MetricsConfig } from './groups/metrics.ts';
import { toPersistedDocuments } from './groups/persisted-documents.ts';
import { type PoolConfig, toPool } from './groups/pool.ts';
import { type ServerConfig, toServer } from './groups/server.ts';
import { type TracingSettings, toTracing } from './groups/tracing.ts';
import { parseSettings } from './parse-settings.ts';

/** Where the process reports its state. */
export interface Observability {
  readonly metrics: MetricsConfig;
  /** Milliseconds from which on the log has a statement; 0: it has none. */
  readonly slowStatementMs: number;
  /** Absent: no request is traced. */
  readonly tracing?: TracingSettings;
}

/** The configuration, made from the settings. */
export interface Config {
  /** Whether clients learn the schema: introspection, the console that lives on it, suggestions in errors. */
  readonly introspection: boolean;
  /** Whether the server offers Apollo Sandbox. */
  readonly sandbox: boolean;
  readonly server: ServerConfig;
  readonly auth: AuthConfig;
  /** Absent: neither writes nor reads are recorded. */
  readonly audit?: AuditConfig;
  readonly logLevel: string;
  readonly observability: Observability;
  readonly pool: PoolConfig;
  readonly limits: Limits;
  readonly persistedDocuments?: PersistedDocuments;
  readonly databases: Readonly<Record<SourceName, DatabaseConfig>>;
}

/**
 * Reads the configuration from the environment and, where a variable is not set there, from `.env`. Where
 * neither names a database, the local pair that `npm run demo` recorded in `.tandem/local.env` is used
 * (never with NODE_ENV=production).
 *
 * @param databaseVariables variables of the databases, where those of the environment and of `.env` must not count
 * @throws ConfigError listing every missing, wrong or misspelt variable with the file that it was read from.
 */
export function loadConfig(
  environment: NodeJS.ProcessEnv = process.env,
  directory: string = process.cwd(),
  databaseVariables?: Readonly<Record<string, string>>,
): Config {
  const read = readEnvironment(environment, directory, databaseVariables);
  const parsed = parseSettings(read);
  if ('faults' in parsed) throw new ConfigError(parsed.faults, read.searched);
  const {
    server: serverValues,
    log,
    metrics,
    tracing: tracingValues,
    pool: poolValues,
    limits,
  } = parsed.values;
  const { reachedByOthers, introspection, sandbox, ...server } = toServer(serverValues);
  const { passwordCacheMs, replicaMaxLagMs } = poolValues;
  const tracing = toTracing(tracingValues);
  const persistedDocuments = toPersistedDocuments(parsed.values.persistedDocuments);
  const audit = toAudit(parsed.values.audit, directory);
  const { ignoredTables } = parsed.values.drift;
  return {
    introspection,
    sandbox,
    server,
    auth: toAuth(parsed.values.access, reachedByOthers ? undefined : resolve(directory, localKeyFile)),
    ...(audit && { audit }),
    logLevel: log.level,
    observability: {
      metrics: metrics.metrics ?? (reachedByOthers ? 'off' : 'on'),
      slowStatementMs: log.slowStatementMs,
      ...(tracing && { tracing }),
    },
    pool: toPool(poolValues, server.processes),
    limits,
    ...(persistedDocuments && { persistedDocuments }),
    databases: perSource((source) =>
      toDatabase(parsed.databases[source], { passwordCacheMs, replicaMaxLagMs, ignoredTables }),
    ),
  };
}
