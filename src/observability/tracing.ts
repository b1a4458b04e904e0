import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Context as TraceContext } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Config } from '../config/config.ts';
import type { DatabaseConfig } from '../config/groups/database.ts';
import type { TracingSettings } from '../config/groups/tracing.ts';
import type { SourceName } from '../source-name.ts';
import type { SourceObserver } from '../sources/observer.ts';
import { statementSummary, statementText } from '../sql/redact-statement.ts';
import { within } from '../util/within.ts';
import type { Operation } from './metrics/graphql-metrics.ts';

/** A request as its span tells of it. */
export interface TracedRequest {
  readonly method: string;
  /** The pattern of its route. */
  readonly route: string;
  /** Its id in the log. */
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
}

/** Spans of requests and of their statements. Made only where tracing is on. */
export interface Tracing {
  /** Runs what answers a request inside of its span, which continues the trace that the caller named. */
  request<T>(request: TracedRequest, answer: () => Promise<T>, status: () => number): Promise<T>;
  /** Says of the span of the request which operation it was. */
  readonly operation: (operation: Operation) => void;
  /** For `openSources`: makes a span of each statement. */
  observer(databases: Readonly<Record<SourceName, DatabaseConfig>>): SourceObserver;
  /** The fields of a log line that name the trace to which it belongs. */
  readonly fields: () => { readonly trace_id?: string; readonly span_id?: string };
  /** Reports spans that the exporter could not send. */
  onFailure(tell: (error: unknown) => void): void;
  /** Sends the remaining spans, but waits two seconds at most: a process that stops must not hang on a collector. */
  close(): Promise<void>;
}

/** Tracing as the configuration asks for it; undefined where it is off. */
export async function tracingOf({
  observability,
}: Pick<Config, 'observability'>): Promise<Tracing | undefined> {
  return observability.tracing && openTracing(observability.tracing);
}

/**
 * Starts tracing with OpenTelemetry's SDK, which is loaded here and nowhere else: a process without tracing does
 * not even read its files. Nothing global is set but the SDK's handler of its own errors.
 *
 * Spans hold no values of rows or variables: neither documents nor variables, and statements without their values.
 */
async function openTracing(settings: TracingSettings): Promise<Tracing> {
  const [api, core, sdk] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/core'),
    import('@opentelemetry/sdk-trace'),
  ]);
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = api;
  const exporter = await exporterOf(settings);
  const provider = new sdk.TracerProvider({
    resource: await resourceOf(settings),
    sampler: samplerOf(sdk, settings),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('tandem');
  const propagator = new core.W3CTraceContextPropagator();
  const current = new AsyncLocalStorage<TraceContext>();
  const spanHere = () => {
    const context = current.getStore();
    return context && trace.getSpan(context);
  };

  let failed: (error: unknown) => void = () => {};

  return {
    request({ method, route, id, headers }, answer, status) {
      const caller = propagator.extract(ROOT_CONTEXT, headers, api.defaultTextMapGetter);
      const attributes = { 'http.request.method': method, 'http.route': route, 'tandem.request.id': id };
      const span = tracer.startSpan('GraphQL Operation', { kind: SpanKind.SERVER, attributes }, caller);
      return current.run(trace.setSpan(caller, span), async () => {
        try {
          return await answer();
        } finally {
          span.setAttribute('http.response.status_code', status());
          if (status() >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        }
      });
    },

    // https://opentelemetry.io/docs/specs/semconv/graphql/graphql-spans/
    operation({ name, type, errors }) {
      const span = spanHere();
      if (span === undefined || !span.isRecording()) return;
      if (type !== undefined) span.updateName(type).setAttribute('graphql.operation.type', type);
      if (typeof name === 'string') span.setAttribute('graphql.operation.name', name);
      const [error] = errors;
      if (error === undefined) return;
      span
        .setAttribute('error.type', String(error.extensions?.code))
        .setStatus({ code: SpanStatusCode.ERROR });
    },

    observer: (databases) => ({
      capture: () => current.getStore(),
      // https://opentelemetry.io/docs/specs/semconv/db/mysql/
      statement(source, { ms, sql, error }, captured) {
        const context = captured as TraceContext | undefined;
        // Health checks and the pool's own statements are no part of any request.
        if (context === undefined || trace.getSpan(context)?.isRecording() !== true) return;
        const ended = performance.now();
        const text = statementText(sql);
        const { operation, table } = statementSummary(text);
        const { host, port, name } = databases[source];
        const attributes = {
          'db.system.name': 'mysql',
          'db.namespace': name,
          'db.operation.name': operation,
          ...(table !== undefined && { 'db.collection.name': table }),
          'db.query.text': text,
          'server.address': host,
          'server.port': port,
          'tandem.source': source,
        };
        const options = { kind: SpanKind.CLIENT, startTime: ended - ms, attributes };
        const span = tracer.startSpan(
          table === undefined ? operation : `${operation} ${table}`,
          options,
          context,
        );
        if (error !== undefined) {
          span.setAttribute('error.type', codeOf(error)).setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end(ended);
      },
    }),

    fields() {
      const span = spanHere()?.spanContext();
      return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId };
    },
    onFailure(tell) {
      failed = tell;
      core.setGlobalErrorHandler(tell);
    },
    close: () => within(2000, provider.shutdown().catch(failed), undefined),
  };
}

/** The code of an error, whose text may hold values. */
function codeOf(error: unknown): string {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown };
  return String(code ?? name ?? 'error');
}

async function exporterOf({ exporter, endpoint, headers }: TracingSettings): Promise<SpanExporter> {
  if (exporter === 'console') return new (await import('@opentelemetry/sdk-trace')).ConsoleSpanExporter();
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  const url = endpoint === undefined ? {} : { url: `${endpoint.replace(/\/$/, '')}/v1/traces` };
  return new OTLPTraceExporter({ ...url, headers: { ...headers } });
}

/** The resource that sends the spans: by our settings, and by OTEL_RESOURCE_ATTRIBUTES, which the SDK reads by itself. */
async function resourceOf({ serviceName }: TracingSettings) {
  const sdk = await import('@opentelemetry/resources');
  const { defaultResource, detectResources, resourceFromAttributes } = sdk;
  const detectors = [sdk.hostDetector, sdk.serviceInstanceIdDetector, sdk.envDetector];
  return defaultResource()
    .merge(resourceFromAttributes({ 'service.name': serviceName }))
    .merge(detectResources({ detectors }));
}

function samplerOf(sdk: typeof import('@opentelemetry/sdk-trace'), { sampler }: TracingSettings) {
  const root = new sdk.TraceIdRatioBasedSampler(sampler.ratio);
  return sampler.parentBased ? new sdk.ParentBasedSampler({ root }) : root;
}
