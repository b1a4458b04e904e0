import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import { createAuthenticator } from '../access/authenticate.ts';
import type { AccessRules } from '../access/permission.ts';
import type { RequestCounters } from '../access/request-counters.ts';
import { openEventFile } from '../audit/event-file.ts';
import type { Config } from '../config/config.ts';
import type { AuthConfig } from '../config/groups/access.ts';
import type { AuditConfig } from '../config/groups/audit.ts';
import type { ReadyWhen } from '../config/groups/server.ts';
import { contextFactory } from '../context.ts';
import { entities } from '../entities/index.ts';
import { declaredRules } from '../entities/roles.ts';
import type { ReportOperation } from '../graphql/pipeline/measure-operations.ts';
import { createSchema } from '../graphql/schema.ts';
import type { Log } from '../log/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Exposition } from '../observability/metrics-server.ts';
import type { Tracing } from '../observability/tracing.ts';
import { createParityRunner } from '../parity/background-runs.ts';
import type { PersistedDocuments } from '../persisted-documents/manifest-format.ts';
import { sourceOfError } from '../sources/activity.ts';
import type { Sources } from '../sources/sources.ts';
import { hostCheck } from '../util/hosts.ts';
import type { ApolloOptions } from './apollo.ts';
import { authenticated, refusalFor, requires } from './authenticate.ts';
import { type ConnectionLimits, type Connections, watchConnections } from './client-connections.ts';
import { addConsole } from './console-routes.ts';
import { createHttp } from './fastify.ts';
import { graphql } from './graphql-route.ts';
import { addMetrics, countRequests } from './metrics-route.ts';
import { persistedDocuments } from './persisted-documents.ts';
import { addProbes } from './probes.ts';
import { readQueryString } from './query-string.ts';
import { createRoleApis } from './role-apis.ts';
import { traced } from './trace-requests.ts';

/** The HTTP server, built and not listening. `close()` answers what is in flight; it leaves the sources open. */
export interface App {
  readonly http: FastifyInstance;
  readonly connections: Connections;
  /** The status with which a request for metrics on a port of their own is refused; null: it is none. */
  readonly refuseMetrics: (request: IncomingMessage) => Promise<number | null>;
  close(): Promise<void>;
}

export interface AppOptions extends ApolloOptions, Pick<Config, 'databases' | 'pool'> {
  readonly auth: AuthConfig;
  /** The permissions of roles; by default, those that the entities declare. */
  readonly rules?: AccessRules;
  /** A store in which several machines count requests; absent: those of one machine count together. */
  readonly sharedCounters?: RequestCounters;
  /** Absent: neither writes nor reads are recorded. */
  readonly audit?: AuditConfig;
  /** Hosts that requests may name beside loopback's. */
  readonly allowedHosts?: readonly string[];
  readonly connectionLimits?: ConnectionLimits;
  readonly persistedDocuments?: PersistedDocuments;
  /** Sources that must answer for the server to be ready. */
  readonly readyWhen?: ReadyWhen;
  /** The metrics; absent: the server counts nothing. */
  readonly metrics?: Metrics;
  /** The answer of `/metrics`; absent: there is no such path. */
  readonly exposition?: Exposition;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing;
}

export async function createApp(sources: Sources, log: Log, options: AppOptions): Promise<App> {
  const http = createHttp(log, hostCheck(options.allowedHosts ?? []));
  const connections = watchConnections(http.server, log, options.connectionLimits);
  const { metrics, exposition, tracing } = options;
  const { requestsPerMinute } = options.limits;
  const authenticator = createAuthenticator(options.auth, log);
  const { rules = declaredRules(entities) } = options;
  const asCaller = authenticated(authenticator, rules, log);
  const events = options.audit?.reads === undefined ? undefined : await openEventFile(options.audit.reads);
  const parity = createParityRunner(options, log);
  const apis = await createRoleApis(http, await createSchema(sources.AZURE.orm.getMetadata(), rules), {
    ...options,
    rules,
    events,
    tell: [metrics?.operation, tracing?.operation, countErrors(sources)].filter((tell) => tell !== undefined),
  });

  const route = {
    url: '/graphql',
    onRequest: await hooksOf(requestsPerMinute, asCaller, rules, options.sharedCounters),
    preHandler: persistedDocuments(log, options.persistedDocuments),
    handler: traced(
      tracing,
      graphql(apis, contextFactory(sources, log, options.limits, rules, parity, options.audit)),
    ),
  };
  http.route({ ...route, method: 'POST' });
  http.route({ ...route, method: 'GET', preParsing: readQueryString() });
  // The page lives on introspection, which no manifest has.
  const explorable = options.introspection && options.persistedDocuments?.only !== true;
  const hasSignIn = options.auth.issuers.some((issuer) => issuer.console !== undefined);
  if (explorable || hasSignIn) addConsole(http, options.auth);
  addProbes(http, sources, { readyWhen: options.readyWhen, isOpen: options.auth.mode === 'open' });
  if (metrics !== undefined) countRequests(http, metrics);
  if (exposition !== undefined) addMetrics(http, exposition, [asCaller, requires('metrics', rules, log)]);

  const close = async () => {
    await Promise.all([apis.stop(), parity.close()]);
    authenticator.close();
    await events?.[Symbol.asyncDispose]();
  };
  return { http, connections, refuseMetrics: refusalFor('metrics', authenticator, rules), close };
}

/** Counts the errors of answers by code and source, for `activity`. */
function countErrors({ failed }: Sources): ReportOperation {
  return ({ errors }) => {
    for (const { extensions } of errors) {
      failed(String(extensions?.code ?? 'INTERNAL_SERVER_ERROR'), sourceOfError(extensions?.source));
    }
  };
}

/** The hooks before the body is read: the limit of an address, the identity of the caller, and its limit. */
async function hooksOf(
  perMinute: number,
  asCaller: onRequestHookHandler,
  rules: AccessRules,
  shared: RequestCounters | undefined,
): Promise<onRequestHookHandler[]> {
  const isLimited = Object.values(rules.roles).some((role) => role.requestsPerMinute !== undefined);
  if (perMinute === 0 && !isLimited) return [asCaller];
  const [{ limitRate, limitCallers }, { requestCounters }] = await Promise.all([
    import('./rate-limit.ts'),
    import('../access/request-counters.ts'),
  ]);
  const counters = requestCounters(shared);
  const ofCaller = limitCallers(rules, counters);
  return [
    ...(perMinute > 0 ? [limitRate(perMinute, counters)] : []),
    asCaller,
    ...(ofCaller === null ? [] : [ofCaller]),
  ];
}
