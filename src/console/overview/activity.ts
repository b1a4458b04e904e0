import { signal } from '@preact/signals';
import { gql, type ResultOf } from '../api/graphql.ts';
import { type ApiAnswer, request } from '../api/request.ts';
import { room } from '../ui/chart.tsx';
import { type Cloud, clouds } from '../ui/cloud.tsx';

const activity = gql(`
  query Activity($since: DateTime) {
    activity(since: $since) {
      intervalMs
      sources { source samples { at inUse idle waiting statements statementMs errors } }
      errors { source code count lastAt remedy samples { at count } }
    }
  }
`);

const states = gql(`
  query States {
    sources {
      source state latencyMs serverVersion tlsVersion migration maxConnections breaker
      pool { max inUse idle connecting waiting closing control }
    }
  }
`);

export type Status = NonNullable<ResultOf<typeof states>['sources']>[number];
type Activity = NonNullable<ResultOf<typeof activity>['activity']>;
export type Sample = Activity['sources'][number]['samples'][number];
/** Errors of one code, and how many of them fell into each sample of `history`. */
export type CountedErrors = Omit<Activity['errors'][number], 'samples'> & {
  readonly counts: readonly number[];
};

/** Samples of both clouds, kept while the page is open: another view and back shows them at once. */
export const history = signal<Readonly<Record<Cloud, readonly Sample[]>>>({ AZURE: [], GCP: [] });

/** The last latencies of each cloud, in milliseconds: a single one is mostly noise. */
const latencies: Record<Cloud, number[]> = { AZURE: [], GCP: [] };

/** Latencies of a cloud that are enough to compare it with the other one. */
const enough = 3;

export const isLatencyKnown = () => clouds.every((cloud) => latencies[cloud].length >= enough);

/** The median of the last answers; null while a cloud is down. */
export function latencyOf(status: Status): number | null {
  if (status.latencyMs === null) return null;
  const sorted = latencies[status.source].toSorted((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? status.latencyMs;
}

/** The samples that the page has not yet, and the errors so far. */
export async function askActivity(abort: AbortSignal): Promise<ApiAnswer<readonly CountedErrors[]>> {
  const since = history.value.AZURE.at(-1)?.at ?? null;
  const { data, errors } = await request(activity, { since }, abort);
  if (!data?.activity) return { data: null, errors };
  const { sources, errors: answered } = data.activity;
  history.value = Object.fromEntries(
    clouds.map((cloud) => {
      const samples = sources.find(({ source }) => source === cloud)?.samples ?? [];
      return [cloud, [...history.value[cloud], ...samples].slice(-room)];
    }),
  ) as Record<Cloud, Sample[]>;
  return { data: answered.map(countedOf), errors };
}

/** Errors of each source and code, by the time of the sample. */
const sampled = new Map<string, Map<string, number>>();

function countedOf({ samples, ...error }: Activity['errors'][number]): CountedErrors {
  const name = `${error.source} ${error.code}`;
  const known = sampled.get(name) ?? new Map<string, number>();
  sampled.set(name, known);
  for (const { at, count } of samples) known.set(at, count);
  const times = history.value.AZURE.map(({ at }) => at);
  for (const at of known.keys()) if (at < (times[0] ?? '')) known.delete(at);
  return { ...error, counts: times.map((at) => known.get(at) ?? 0) };
}

/** Both clouds as they answered last. */
let last: readonly Status[] = [];

/** Asks the clouds how they are, for which the server connects to them: samples alone tell what their pools do. */
export async function askStates(abort: AbortSignal): Promise<ApiAnswer<readonly Status[]>> {
  const { data, errors } = await request(states, {}, abort);
  if (!data?.sources) return { data: null, errors };
  last = data.sources;
  for (const { source, latencyMs } of last) {
    if (latencyMs !== null) latencies[source] = [...latencies[source], latencyMs].slice(-7);
  }
  return { data: last, errors };
}

/** Milliseconds between two questions after states: fewer while one is down, or too few latencies are known. */
export function statesEvery(): number {
  const isUp = clouds.every((cloud) => last.find(({ source }) => source === cloud)?.state === 'UP');
  if (!isUp) return 2000;
  // The server asks a cloud once a second at most.
  return isLatencyKnown() ? 10_000 : 1100;
}
