import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { Kind, parse } from 'graphql';
import { expect } from 'vitest';
import type { AccessRules } from '../../src/access/permission.ts';
import type { RequestCounters } from '../../src/access/request-counters.ts';
import type { Config } from '../../src/config/config.ts';
import { createLog } from '../../src/log/log.ts';
import { observe } from '../../src/observability/observe.ts';
import type { Tracing } from '../../src/observability/tracing.ts';
import { seed } from '../../src/seeders/seed.ts';
import { createApp } from '../../src/server/app.ts';
import { sourceNames } from '../../src/source-name.ts';
import { openSources, type Sources } from '../../src/sources/sources.ts';
import { isByGraphqlJs } from './by-graphql-js.ts';
import { createDatabases } from './databases.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into answers whose shape they then assert
export type Answer = { status: number; headers: Headers; data: any; errors?: any[]; extensions?: any };

/** A server that listens, with what tests need to look behind it. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly sources: Sources;
  /** Lines that it logged. */
  readonly log: readonly string[];
  ask(query: string, variables?: Record<string, unknown>): Promise<Answer>;
}

export interface ServerOptions {
  /** Whether nothing of the schema is open, as in production. */
  readonly production?: boolean;
  readonly tracing?: Tracing;
  /** Infinity leaves every document to graphql-js; by default, every one is compiled but in tests/integration/by-graphql-js. */
  readonly compileAfter?: number;
  /**
   * Whether `ask` sends each query twice, to be run compiled and by graphql-js, and expects one answer. A test that counts
   * statements, log lines or metrics would see both.
   */
  readonly bothExecutors?: boolean;
  /** What roles may do, instead of what the entities declare. */
  readonly rules?: AccessRules;
  /** Where several servers count requests together. */
  readonly sharedCounters?: RequestCounters;
}

export async function startServer(
  config: Config,
  {
    production = false,
    tracing,
    compileAfter = isByGraphqlJs() ? Number.POSITIVE_INFINITY : 0,
    bothExecutors = false,
    rules,
    sharedCounters,
  }: ServerOptions = {},
): Promise<TestServer> {
  const lines: string[] = [];
  const fields = tracing && { fields: tracing.fields };
  const log = createLog({ level: 'debug', ...fields }, { write: (line) => void lines.push(line) });
  const observed = observe(config, log, tracing && { tracing });
  const sources = await openSources(config, observed);
  const options = {
    ...config,
    ...observed.app,
    readyWhen: config.server.readyWhen,
    allowedHosts: config.server.allowedHosts,
    ...(production && { introspection: false, sandbox: false }),
    compileAfter,
    ...(rules && { rules }),
    ...(sharedCounters && { sharedCounters }),
  };
  const app = await createApp(sources, log, options);
  await observed.open(sources, app.refuseMetrics);
  const listening = { host: '127.0.0.1', port: 0 };
  const url = await app.http.listen(listening);
  const { exposition: _, ...unmeasured } = options;
  const reference = bothExecutors
    ? await createApp(sources, log, { ...unmeasured, compileAfter: Number.POSITIVE_INFINITY })
    : undefined;
  const referenceUrl = await reference?.http.listen(listening);
  return {
    url,
    sources,
    log: lines,
    async ask(query, variables) {
      if (referenceUrl === undefined || changesRows(query)) return post(url, query, variables);
      const [answer, expected] = await Promise.all([
        post(url, query, variables),
        post(referenceUrl, query, variables),
      ]);
      expect(comparable(answer), `compiled and by graphql-js: ${query}`).toEqual(comparable(expected));
      return answer;
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await reference?.close();
      await sources.close();
      await observed.close();
    },
  };
}

/** Connections stay open from one question to the next. */
const agent = new Agent({ keepAlive: true });

/** Asks a server at a URL. `fetch` would take several times the CPU. */
export async function post(url: string, query: string, variables?: Record<string, unknown>): Promise<Answer> {
  const headers = { 'content-type': 'application/json', accept: '*/*' };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(`${url}/graphql`, { method: 'POST', agent, headers }, resolve)
      .on('error', reject)
      .end(JSON.stringify({ query, variables }));
  });
  return {
    status: response.statusCode ?? 0,
    headers: new Headers(response.headers as Record<string, string>),
    ...JSON.parse(await text(response)),
  };
}

/** Whether sending it twice would do it twice. */
function changesRows(query: string): boolean {
  if (!query.includes('mutation')) return false;
  try {
    const { definitions } = parse(query);
    return definitions.some((one) => one.kind === Kind.OPERATION_DEFINITION && one.operation === 'mutation');
  } catch {
    return false;
  }
}

/** What two runs of a query have in common: not how long a probe took, nor which root field failed first. */
function comparable({ status, data, errors }: Answer): object {
  const text = JSON.stringify(data, (key, value) => (key === 'latencyMs' ? 'measured' : value));
  return { status, data: text, errors: errors?.map((error) => JSON.stringify(error)).toSorted() };
}

/** A server on fresh databases with the first invented patients in both. */
export async function startSeededServer(patients: number, options: ServerOptions = {}): Promise<TestServer> {
  const databases = await createDatabases();
  const server = await startServer(databases.config, options);
  await Promise.all(sourceNames.map((name) => seed(server.sources[name], patients)));
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await databases[Symbol.asyncDispose]();
    },
  };
}
