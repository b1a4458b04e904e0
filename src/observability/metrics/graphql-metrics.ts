import { Counter, type Registry } from 'prom-client';
import { fastCounter } from './fast-counter.ts';
import { fastHistogram, type Observe } from './fast-histogram.ts';

/** One operation that was answered. */
export interface Operation {
  /** As the client calls it; null for none, undefined where the document could not be read. */
  readonly name: string | null | undefined;
  readonly type: 'query' | 'mutation' | 'subscription' | undefined;
  readonly ms: number;
  /** Errors as the client gets them. */
  readonly errors: readonly { readonly extensions?: { readonly [name: string]: unknown } }[];
  /** Fields that another source has answered than they were asked of. */
  readonly fallbacks: readonly { readonly from: string; readonly to: string }[];
}

/** The series of one operation, by its label. */
interface Series {
  readonly ms: Observe;
  /** By code. */
  readonly answered: Map<string, () => void>;
}

/** Counts operations. `label` bounds the names: `operationNames()`. */
export function graphqlMetrics(
  registry: Registry,
  label: (name: string | null | undefined) => string,
): (operation: Operation) => void {
  const registers = [registry];
  const durations = fastHistogram(registry, {
    name: 'tandem_graphql_operation_duration_seconds',
    help: 'Time from the request, when it was read whole, to its answer, by name and type; refused documents have the type none.',
    labelNames: ['operation', 'type'],
  });
  const operations = fastCounter({
    name: 'tandem_graphql_operations_total',
    help: 'Operations by name, type and code: OK, or the code of the first error in the answer.',
    labelNames: ['operation', 'type', 'code'],
    registers,
  });
  const errors = new Counter({
    name: 'tandem_graphql_errors_total',
    help: 'Errors in answers by code, and by source for those that are about one.',
    labelNames: ['code', 'source'],
    registers,
  });

  const fallbacks = new Counter({
    name: 'tandem_graphql_fallbacks_total',
    help: 'Root fields that the source named by orElse has answered, by the source that did not answer.',
    labelNames: ['source', 'to'],
    registers,
  });

  /** By type, then by operation. */
  const known = new Map<string, Map<string, Series>>();
  const seriesOf = (operation: string, type: string): Series => {
    let ofType = known.get(type);
    if (ofType === undefined) {
      ofType = new Map();
      known.set(type, ofType);
    }
    let series = ofType.get(operation);
    if (series === undefined) {
      series = { ms: durations({ operation, type }), answered: new Map() };
      ofType.set(operation, series);
    }
    return series;
  };

  return (answered) => {
    const type = answered.type ?? 'none';
    // The name of an invalid document is unchecked: it may be anything.
    const operation = type === 'none' ? '' : label(answered.name);
    const series = seriesOf(operation, type);
    series.ms(answered.ms);
    const [first] = answered.errors;
    const code = first === undefined ? 'OK' : codeOf(first);
    let count = series.answered.get(code);
    if (count === undefined) {
      count = operations({ operation, type, code });
      series.answered.set(code, count);
    }
    count();
    for (const error of answered.errors) {
      errors.inc({ code: codeOf(error), source: String(error.extensions?.source ?? '') });
    }
    for (const { from, to } of answered.fallbacks) fallbacks.inc({ source: from, to });
  };
}

function codeOf({ extensions }: Operation['errors'][number]): string {
  return String(extensions?.code ?? 'INTERNAL_SERVER_ERROR');
}
