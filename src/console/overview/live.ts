import { signal } from '@preact/signals';
import { gql, type ResultOf } from '../api/graphql.ts';
import { type ApiAnswer, request } from '../api/request.ts';
import { room } from '../ui/chart.tsx';
import { type Cloud, clouds } from '../ui/cloud.tsx';

const operation = gql(`
  query Live($since: DateTime, $withState: Boolean!) {
    sources @include(if: $withState) {
      source state latencyMs serverVersion tlsVersion migration maxConnections breaker
      pool { max inUse idle connecting waiting closing control }
    }
    activity(since: $since) {
      intervalMs
      sources { source samples { at inUse idle waiting statements statementMs errors } }
      errors { source code count lastAt remedy }
    }
  }
`);

type Answer = ResultOf<typeof operation>;
export type Status = NonNullable<Answer['sources']>[number];
type Activity = NonNullable<Answer['activity']>;
export type Sample = Activity['sources'][number]['samples'][number];
export type CountedErrors = Activity['errors'][number];

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

/** Both clouds as they answered last, and the errors so far. */
interface Live {
  readonly sources: readonly Status[];
  readonly errors: readonly CountedErrors[];
}

let last: Live = { sources: [], errors: [] };
/** Rounds since the clouds were asked. */
let rounds = 0;

/**
 * Every fifth round asks the clouds how they are, for which the server connects to them: in between, samples alone tell what their
 * pools do. While one is down, and after an error, each round does.
 */
const roundsBetween = 5;

/** Both clouds now, and the samples that the page has not yet. */
export async function askLive(abort: AbortSignal): Promise<ApiAnswer<Live>> {
  const since = history.value.AZURE.at(-1)?.at ?? null;
  const isUp = clouds.every((cloud) => last.sources.find(({ source }) => source === cloud)?.state === 'UP');
  const withState = !isUp || !isLatencyKnown() || rounds >= roundsBetween - 1;
  const { data, errors } = await request(operation, { since, withState }, abort);
  if (data === null) return { data: null, errors };
  rounds = withState ? 0 : rounds + 1;
  const { activity } = data;
  for (const { source, latencyMs } of data.sources ?? []) {
    if (latencyMs !== null) latencies[source] = [...latencies[source], latencyMs].slice(-7);
  }
  const counted = activity?.errors ?? last.errors;
  if (sumOf(counted) > sumOf(last.errors)) rounds = roundsBetween;
  last = { sources: data.sources ?? last.sources, errors: counted };
  if (activity) {
    history.value = Object.fromEntries(
      clouds.map((cloud) => {
        const samples = activity.sources.find(({ source }) => source === cloud)?.samples ?? [];
        return [cloud, [...history.value[cloud], ...samples].slice(-room)];
      }),
    ) as Record<Cloud, Sample[]>;
  }
  return { data: last, errors };
}

const sumOf = (errors: readonly CountedErrors[]) => errors.reduce((sum, { count }) => sum + count, 0);
