import { type SourceName, sourceNames } from '../source-name.ts';
import { accessSettings, hasIdentities } from './groups/access.ts';
import { auditSettings } from './groups/audit.ts';
import { databaseSettings } from './groups/database.ts';
import { driftSettings } from './groups/drift.ts';
import { limitsSettings } from './groups/limits.ts';
import { logSettings } from './groups/log.ts';
import { metricsSettings } from './groups/metrics.ts';
import { persistedDocumentsSettings } from './groups/persisted-documents.ts';
import { poolSettings } from './groups/pool.ts';
import { isReachedByOthers, serverSettings } from './groups/server.ts';
import { tracingSettings } from './groups/tracing.ts';
import type { Rule, Setting, SettingsGroup, ValuesOf } from './setting.ts';

/**
 * All settings but those of the databases, by groups. A setting stands once, in the file of its group: parsing, types,
 * `.env.example`, docs/settings.md and `tandem serve --help` come from there.
 */
export const groups = {
  server: serverSettings,
  access: accessSettings,
  audit: auditSettings,
  metrics: metricsSettings,
  log: logSettings,
  tracing: tracingSettings,
  persistedDocuments: persistedDocumentsSettings,
  pool: poolSettings,
  limits: limitsSettings,
  drift: driftSettings,
} as const satisfies Readonly<Record<string, SettingsGroup>>;

/** The values of all groups. */
export type AllValues = { readonly [G in keyof typeof groups]: ValuesOf<(typeof groups)[G]> };

/** Connections of each cloud that a process needs at least: one for work, one for KILL and probes. */
const leastPerProcess = 2;

/** Conditions between settings of different groups. */
export const rulesAcrossGroups: readonly Rule<AllValues>[] = [
  {
    variable: 'AUTH',
    needs: ['AUTH', 'AUTH_ISSUERS', 'API_KEYS', 'API_KEYS_COMMAND', 'HOST', 'ALLOWED_HOSTS'],
    check: ({ access, server }) =>
      !isReachedByOthers(server) || access.auth === 'none' || hasIdentities(access)
        ? undefined
        : {
            cause: 'is missing: other machines reach the server, and no caller has to prove its identity',
            remedy: 'set AUTH_ISSUERS or API_KEYS, or AUTH=none to let every caller do everything',
          },
  },
  {
    variable: 'METRICS',
    needs: ['METRICS', 'PORT'],
    check: ({ metrics: { metrics }, server: { port } }) =>
      typeof metrics === 'object' && metrics.port !== 0 && metrics.port === port
        ? {
            cause: 'is the PORT of the API',
            remedy: 'set it to another port, or to on for /metrics beside the API',
          }
        : undefined,
  },
  {
    variable: 'WEB_CONCURRENCY',
    needs: ['WEB_CONCURRENCY', 'POOL_MAX'],
    check: ({ server: { processes }, pool: { max } }) =>
      processes > 1 && processes * leastPerProcess > max
        ? {
            cause: `is ${processes} processes, which share POOL_MAX=${max} connections and need ${leastPerProcess} each`,
            remedy: `set it to ${Math.max(1, Math.floor(max / leastPerProcess))} at most`,
          }
        : undefined,
  },
  {
    variable: 'POOL_SHARED',
    needs: ['POOL_SHARED', 'WEB_CONCURRENCY'],
    check: ({ server: { processes }, pool: { shared } }) =>
      processes > 1 && shared === 'off'
        ? { cause: `is off, but there are ${processes} processes`, remedy: 'leave it empty' }
        : undefined,
  },
];

/** The prefix of the variables of a cloud's database. */
export const prefixOf = (source: SourceName) => `${source}_DB_`;

const variablesOf = (group: SettingsGroup, prefix = '') =>
  Object.values<Setting>(group.settings).map(({ variable }) => prefix + variable);

export const databaseVariables: readonly string[] = sourceNames.flatMap((source) =>
  variablesOf(databaseSettings, prefixOf(source)),
);

export const otherVariables: readonly string[] = Object.values<SettingsGroup>(groups).flatMap((group) =>
  variablesOf(group),
);

/** Every variable that Tandem reads. */
export const variables: readonly string[] = [...databaseVariables, ...otherVariables];

/** Beginnings of variables that belong to Tandem alone. */
export const ownPrefixes: readonly string[] = [
  ...sourceNames.map(prefixOf),
  ...Object.values<SettingsGroup>(groups).flatMap(({ prefix }) => prefix ?? []),
];
