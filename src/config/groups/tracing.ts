import { z } from 'zod';
import { anyText, fraction, oneOf, type Read, readAs } from '../kinds.ts';
import { settingsGroup, type ValuesOf } from '../setting.ts';

const samplers = ['always_on', 'always_off', 'traceidratio'] as const;

type Headers = Readonly<Record<string, string>>;

/** `name=value,…`, percent-encoded: https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
const headers = readAs('a list of headers as in name=value,name=value', (value): Read<Headers> => {
  try {
    const pairs = value.split(',').filter((pair) => pair.trim() !== '');
    return { value: Object.fromEntries(pairs.map(headerOf)) };
  } catch {
    return { problem: 'is not a list of headers as in name=value,name=value' };
  }
});

function headerOf(pair: string): readonly [name: string, value: string] {
  const [, name, value] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(.*?)\s*$/.exec(pair) as RegExpExecArray;
  return [name as string, decodeURIComponent(value as string)];
}

/** OpenTelemetry's own settings: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
export const tracingSettings = settingsGroup({
  title: 'Traces',
  page: 'observability.md',
  settings: {
    exporter: {
      variable: 'OTEL_TRACES_EXPORTER',
      kind: oneOf(['none', 'otlp', 'console']),
      default: 'none',
      help: 'none; otlp: a collector; console: this terminal. The other settings of traces are for otlp and console.',
    },
    serviceName: {
      variable: 'OTEL_SERVICE_NAME',
      kind: anyText(),
      default: 'tandem',
      help: 'Name of this service in traces.',
    },
    endpoint: {
      variable: 'OTEL_EXPORTER_OTLP_ENDPOINT',
      kind: {
        accepts: 'an http:// or https:// address',
        schema: z.url({ protocol: /^https?$/, error: 'is not an http:// or https:// address' }),
      },
      help: 'Base address of the collector, which takes OTLP over HTTP; empty: http://localhost:4318.',
    },
    headers: {
      variable: 'OTEL_EXPORTER_OTLP_HEADERS',
      kind: headers,
      default: '',
      secret: true,
      help: 'Headers for the collector: name=value,name=value.',
    },
    sampler: {
      variable: 'OTEL_TRACES_SAMPLER',
      kind: oneOf(
        [...samplers, ...samplers.map((name) => `parentbased_${name}` as const)],
        'is none of the samplers that OpenTelemetry names',
      ),
      default: 'parentbased_always_on',
      help: 'always_on, always_off, traceidratio, or one of these after parentbased_, which follows the decision of the caller.',
    },
    ratio: {
      variable: 'OTEL_TRACES_SAMPLER_ARG',
      kind: fraction(),
      default: '1',
      help: 'Part of the traces that traceidratio keeps, 0 to 1.',
    },
  },
});

/** Where traces go, and which. */
export interface TracingSettings {
  readonly exporter: 'otlp' | 'console';
  readonly serviceName: string;
  /** Base address of the collector; absent: what the exporter finds in the environment, or its default. */
  readonly endpoint?: string;
  /** Headers for the collector, often with a secret. */
  readonly headers: Headers;
  /** Follows the caller's decision if `parentBased`; `ratio` is the part of all other traces, 0 to 1. */
  readonly sampler: { readonly parentBased: boolean; readonly ratio: number };
}

/** Undefined if no request is traced. */
export function toTracing(values: ValuesOf<typeof tracingSettings>): TracingSettings | undefined {
  const { exporter, serviceName, endpoint, headers, sampler, ratio } = values;
  if (exporter === 'none') return;
  const root = sampler.replace('parentbased_', '') as (typeof samplers)[number];
  const ratios = { always_on: 1, always_off: 0, traceidratio: ratio };
  return {
    exporter,
    serviceName,
    ...(endpoint && { endpoint }),
    headers,
    sampler: { parentBased: root !== sampler, ratio: ratios[root] },
  };
}
