import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TracingSettings } from '../../src/config/groups/tracing.ts';
import { type Tracing, tracingOf } from '../../src/observability/tracing.ts';
import { seed } from '../../src/seeders/seed.ts';
import { type SourceName, sourceNames } from '../../src/source-name.ts';
import { createDatabases, environmentOf, type TestDatabases } from '../helpers/databases.ts';
import { type Collector, startCollector } from '../helpers/otlp-collector.ts';
import { startTandem } from '../helpers/run-command-line.ts';
import { startServer } from '../helpers/server.ts';

const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const traceparent = `00-${caller.traceId}-${caller.spanId}-01`;

let databases: TestDatabases;
let collector: Collector;

beforeAll(async () => {
  databases = await createDatabases();
  collector = await startCollector();
});
afterAll(async () => {
  await collector?.[Symbol.asyncDispose]();
  await databases?.[Symbol.asyncDispose]();
});

/** Runs operations on a server that is traced, and tells the spans that reached the collector and its log. */
async function traced(
  operations: readonly { query: string; variables?: unknown; headers?: Record<string, string> }[],
  { sampler = { parentBased: true, ratio: 1 } as TracingSettings['sampler'], atOnce = false, max = 20 } = {},
) {
  const settings = {
    exporter: 'otlp',
    serviceName: 'tandem-test',
    endpoint: collector.url,
    headers: { authorization: 'Bearer canary-token' },
    sampler,
  } as const;
  const observability = { ...databases.config.observability, tracing: settings };
  const config = { ...databases.config, observability, pool: { ...databases.config.pool, max } };
  const tracing = (await tracingOf(config)) as Tracing;
  const first = collector.spans.length;
  const log: string[] = [];
  {
    await using server = await startServer(config, { tracing });
    for (const name of sourceNames) await seed(server.sources[name], 2);
    const asked = operations.map(({ query, variables, headers }) => () => {
      const body = JSON.stringify({ query, variables });
      const all = { 'content-type': 'application/json', ...headers };
      return fetch(`${server.url}/graphql`, { method: 'POST', headers: all, body });
    });
    if (atOnce) await Promise.all(asked.map((ask) => ask()));
    else for (const ask of asked) await ask();
    log.push(...server.log);
  }
  await tracing.close();
  return { spans: collector.spans.slice(first), log };
}

describe('a traced server', () => {
  it('continues the caller’s trace with a span of the request', async () => {
    const query =
      'query Both { azure: patients(source: AZURE) { nodes { key } } gcp: patients(source: GCP) { nodes { key } } }';
    const { spans } = await traced([{ query, headers: { traceparent } }]);
    const request = spans.find(({ kind }) => kind === 2);
    expect(request).toMatchObject({
      ...{ traceId: caller.traceId, parentSpanId: caller.spanId, name: 'query', failed: false },
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/graphql',
        'http.response.status_code': 200,
        'graphql.operation.type': 'query',
        'graphql.operation.name': 'Both',
      },
    });
    const statements = spans.filter(({ kind }) => kind === 3);
    expect(statements.map(({ attributes }) => attributes['tandem.source']).toSorted()).toEqual([
      'AZURE',
      'GCP',
    ]);
    for (const { traceId, parentSpanId, name, nanoseconds, attributes } of statements) {
      expect([traceId, parentSpanId, name]).toEqual([caller.traceId, request?.spanId, 'select patients']);
      expect(nanoseconds).toBeGreaterThan(0n);
      expect(nanoseconds).toBeLessThan(request?.nanoseconds as bigint);
      const {
        host,
        port,
        name: database,
      } = databases.config.databases[attributes['tandem.source'] as SourceName];
      expect(attributes).toMatchObject({
        'db.system.name': 'mysql',
        'db.namespace': database,
        'db.operation.name': 'select',
        'db.collection.name': 'patients',
        'db.query.text': expect.stringMatching(/^select .*`patients`.* limit \?/),
        'server.address': host,
        'server.port': port,
      });
    }
    expect(spans).toHaveLength(3);
  });

  // Of two connections, one is for requests: all but the first wait for a turn, which another one gives them.
  it.each([20, 2])(
    'keeps the statements of requests at the same time apart, with %i connections',
    async (max) => {
      const ids = Array.from({ length: 20 }, (_, n) => (n + 1).toString(16).padStart(32, '0'));
      const { spans } = await traced(
        ids.map((id, n) => ({
          query: '{ patients(source: AZURE, first: 1) { nodes { key } } }'.replace(
            'first: 1',
            `first: ${n + 1}`,
          ),
          headers: { traceparent: `00-${id}-${caller.spanId}-01` },
        })),
        { atOnce: true, max },
      );
      for (const id of ids) {
        const [request, statement, ...more] = spans
          .filter(({ traceId }) => traceId === id)
          .toSorted((one, other) => one.kind - other.kind);
        expect([request?.kind, statement?.kind, more]).toEqual([2, 3, []]);
        expect(statement?.parentSpanId).toBe(request?.spanId);
      }
    },
  );

  it('begins a trace where the caller names none, and says in the log which', async () => {
    const query = 'query Bad { patients(source: AZURE, first: -1) { nodes { key } } }';
    const { spans, log } = await traced([{ query }, { query, headers: { traceparent: 'canary' } }]);
    const requests = spans.filter(({ kind }) => kind === 2);
    expect(requests).toHaveLength(2);
    expect(new Set(requests.map(({ traceId }) => traceId)).size).toBe(2);
    for (const { traceId, spanId, parentSpanId, failed, attributes } of requests) {
      expect(parentSpanId).toBe('');
      expect([failed, attributes['error.type']]).toEqual([true, 'BAD_USER_INPUT']);
      const line = log.find((line) => line.includes(traceId));
      expect(JSON.parse(line as string)).toMatchObject({
        trace_id: traceId,
        span_id: spanId,
        code: 'BAD_USER_INPUT',
      });
    }
  });

  it('leaves out what the sampler leaves out', async () => {
    const query = '{ patients(source: AZURE) { nodes { key } } }';
    const none = { parentBased: true, ratio: 0 };
    expect((await traced([{ query }], { sampler: none })).spans).toEqual([]);
    expect((await traced([{ query, headers: { traceparent } }], { sampler: none })).spans).not.toEqual([]);
    const notSampled = traceparent.replace(/01$/, '00');
    expect((await traced([{ query, headers: { traceparent: notSampled } }])).spans).toEqual([]);
  });

  it('sends its name and the headers for the collector, and no value of a row or a variable', async () => {
    const input = { firstName: 'Canary', lastName: 'Patient', dateOfBirth: '1990-01-01', gender: 'FEMALE' };
    const { spans, log } = await traced([
      {
        query:
          'mutation ($input: CreatePatientInput!) { createPatient(source: AZURE, input: $input) { patient { key } } }',
        variables: { input },
      },
      { query: '{ patients(source: GCP, where: { firstName: { eq: "Canary" } }) { nodes { lastName } } }' },
      { query: '{ Canary }' },
    ]);
    const { headers, body } = collector.requests.at(-1) as (typeof collector.requests)[number];
    expect(headers.authorization).toBe('Bearer canary-token');
    expect(body).toContain('tandem-test');
    const written = spans.map(({ name }) => name).filter((name) => name.startsWith('insert'));
    expect(written).toEqual(['insert patients']);
    const sent = collector.requests.map((request) => request.body).join('');
    expect(sent + log.join('')).not.toMatch(/canary|1990-01-01/i);
  });
});

describe('tandem serve', () => {
  /** Starts the server, asks once, stops it; tells what it logged and which files of the SDK it had read. */
  async function served(settings: Record<string, string>) {
    const coverage = await mkdtemp(join(tmpdir(), 'tandem-modules-'));
    const child = startTandem(['serve'], {
      ...environmentOf(databases.config),
      PORT: '0',
      // Where Node writes, as it ends, which files it had loaded.
      NODE_V8_COVERAGE: coverage,
      ...settings,
    });
    const lines: string[] = [];
    const url = await new Promise<string>((resolve) => {
      createInterface(child.stdout).on('line', (line) => {
        lines.push(line);
        const { url } = JSON.parse(line) as { url?: string };
        if (url !== undefined) resolve(url);
      });
    });
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent },
      body: JSON.stringify({ query: '{ patients(source: GCP) { nodes { key } } }' }),
    });
    child.kill('SIGTERM');
    await once(child, 'exit');
    const files = await Promise.all(
      (await readdir(coverage)).map((file) => readFile(join(coverage, file), 'utf8')),
    );
    await rm(coverage, { recursive: true });
    const loaded = files
      .flatMap((file) => JSON.parse(file).result.map(({ url }: { url: string }) => url))
      .join('\n');
    expect(loaded).toContain('/src/commands/serve.js');
    const modules = new Set(loaded.match(/@opentelemetry\/[\w-]+/g));
    return { lines, sdk: [...modules].filter((name) => name !== '@opentelemetry/api') };
  }

  it('does not load OpenTelemetry’s SDK unless tracing is on', async () => {
    const { sdk, lines } = await served({});
    expect(sdk).toEqual([]);
    expect(lines.join('')).not.toContain('trace_id');
  });

  it('takes the settings from the standard variables, and sends what is left when it stops', async () => {
    const first = collector.spans.length;
    const { sdk } = await served({
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    });
    expect(sdk).toContain('@opentelemetry/sdk-trace');
    expect(collector.spans.slice(first)).toContainEqual(
      expect.objectContaining({ traceId: caller.traceId, parentSpanId: caller.spanId, kind: 2 }),
    );
  });

  it('serves and stops as ever while nobody takes its spans', async () => {
    const { lines } = await served({
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    });
    expect(lines.map((line) => JSON.parse(line).msg).slice(-2)).toEqual(['stopping', 'stopped']);
  });
});
