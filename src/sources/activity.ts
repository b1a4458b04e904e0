import { perSource, type SourceName, sourceNames } from '../source-name.ts';
import { addMembers } from '../util/add-members.ts';
import type { PoolStats, SourceObserver } from './observer.ts';

/** Milliseconds between two samples. */
export const sampleMs = 2000;
/** Samples that are kept: ten minutes. */
const mostSamples = 300;
/** Codes of errors that are counted apart; the catalogue has fewer. */
const mostCodes = 100;

/** The work of one source between two samples, and its pool at the second one. */
export interface SourceSample {
  readonly inUse: number;
  readonly idle: number;
  readonly waiting: number;
  /** Statements that ended, the pool's own left out. */
  readonly statements: number;
  /** Milliseconds that they took together. */
  readonly statementMs: number;
  /** Errors in answers that name the source. */
  readonly errors: number;
}

/** Errors of one code about one source, or about none, since the process started. */
export interface ErrorCount {
  readonly source: SourceName | null;
  readonly code: string;
  readonly count: number;
  /** When the last one was, in milliseconds of `Date.now()`. */
  readonly lastAt: number;
  /** Those of the last ten minutes: one entry for each sample that had any, the oldest first. */
  readonly samples: readonly { readonly at: number; readonly count: number }[];
}

/** The activity of the last minutes: plain data, which processes send each other. */
export interface ActivityReport {
  /** Each at a time that is a multiple of `sampleMs`, the oldest first. */
  readonly samples: readonly (Readonly<Record<SourceName, SourceSample>> & { readonly at: number })[];
  readonly errors: readonly ErrorCount[];
}

/** Records what the sources of one process do. */
export interface ActivityRecorder {
  /** An observer that counts, and passes everything on to another one. */
  observing(observer: SourceObserver | undefined): SourceObserver;
  /** Takes a sample of these pools every two seconds, until `close`. */
  watch(pools: Readonly<Record<SourceName, { stats(): PoolStats }>>): void;
  /** Counts an error that an answer has. */
  failed(code: string, source: SourceName | null): void;
  report(): ActivityReport;
  close(): void;
}

export function recordActivity(): ActivityRecorder {
  const samples: ActivityReport['samples'][number][] = [];
  const errors = new Map<string, CodeCounter>();
  const counts = perSource(() => ({ statements: 0, statementMs: 0, errors: 0 }));
  let timer: NodeJS.Timeout | undefined;

  return {
    observing: (observer) => ({
      ...observer,
      statement(source, about, captured) {
        if (about.kind !== 'control') {
          const count = counts[source];
          count.statements += 1;
          count.statementMs += about.ms;
        }
        observer?.statement?.(source, about, captured);
      },
    }),
    watch(pools) {
      const take = () => {
        const sampled = perSource((name) => {
          const { inUse, idle, waiting } = pools[name].stats();
          const sample = { inUse, idle, waiting, ...counts[name] };
          Object.assign(counts[name], { statements: 0, statementMs: 0, errors: 0 });
          return sample;
        });
        const at = Math.round(Date.now() / sampleMs) * sampleMs;
        samples.push({ at, ...sampled });
        if (samples.length > mostSamples) samples.shift();
        for (const counter of errors.values()) takeErrors(counter, at);
        schedule();
      };
      // At the same moments in all processes, so that their samples can be added up.
      const schedule = () => {
        timer = setTimeout(take, sampleMs * 1.5 - ((Date.now() + sampleMs / 2) % sampleMs)).unref();
      };
      schedule();
    },
    failed(code, source) {
      if (source !== null) counts[source].errors += 1;
      const key = `${source} ${code}`;
      const known = errors.get(key);
      if (known === undefined) {
        if (errors.size < mostCodes)
          errors.set(key, { source, code, count: 1, lastAt: Date.now(), samples: [], sampled: 0 });
        return;
      }
      known.count += 1;
      known.lastAt = Date.now();
    },
    report: () => ({ samples, errors: [...errors.values()].map(({ sampled: _, ...counted }) => counted) }),
    close: () => clearTimeout(timer),
  };
}

interface CodeCounter extends ErrorCount {
  count: number;
  lastAt: number;
  readonly samples: { at: number; count: number }[];
  /** How many of `count` are in a sample. */
  sampled: number;
}

function takeErrors(counter: CodeCounter, at: number): void {
  const { samples, count, sampled } = counter;
  if (count > sampled) samples.push({ at, count: count - sampled });
  counter.sampled = count;
  while (samples[0] !== undefined && samples[0].at <= at - mostSamples * sampleMs) samples.shift();
}

/** The activity of all processes together. */
export function togetherActive(reports: readonly ActivityReport[]): ActivityReport {
  const [only, ...others] = reports;
  if (only !== undefined && others.length === 0) return only;
  const at = Map.groupBy(
    reports.flatMap(({ samples }) => samples),
    (sample) => sample.at,
  );
  const samples = [...at]
    .toSorted(([one], [other]) => one - other)
    .slice(-mostSamples)
    .map(([time, parts]) => ({
      at: time,
      ...perSource((name) => parts.map((part) => part[name]).reduce(addMembers)),
    }));
  const byCode = Map.groupBy(
    reports.flatMap(({ errors }) => errors),
    ({ source, code }) => `${source} ${code}`,
  );
  const errors = [...byCode.values()].map((parts) => ({
    ...(parts[0] as ErrorCount),
    count: parts.reduce((all, { count }) => all + count, 0),
    lastAt: Math.max(...parts.map(({ lastAt }) => lastAt)),
    samples: [
      ...Map.groupBy(
        parts.flatMap((part) => part.samples),
        (sample) => sample.at,
      ),
    ]
      .map(([time, counted]) => ({ at: time, count: counted.reduce((all, { count }) => all + count, 0) }))
      .toSorted((one, other) => one.at - other.at),
  }));
  return { samples, errors };
}

/** The source that an error is about, as its extensions say. */
export function sourceOfError(source: unknown): SourceName | null {
  return sourceNames.find((name) => name === source) ?? null;
}
