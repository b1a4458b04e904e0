import { signal } from '@preact/signals';
import { gql, type ResultOf } from '../api/graphql.ts';
import { type ApiAnswer, request } from '../api/request.ts';
import { room } from '../ui/chart.tsx';
import { type Cloud, clouds } from '../ui/cloud.tsx';

const operation = gql(`
  query Live($since: DateTime) {
    sources {
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

type Live = ResultOf<typeof operation>;
export type Status = NonNullable<Live['sources']>[number];
type Activity = NonNullable<Live['activity']>;
export type Sample = Activity['sources'][number]['samples'][number];
export type CountedErrors = Activity['errors'][number];

/** Samples of both clouds, kept while the page is open: another view and back shows them at once. */
export const history = signal<Readonly<Record<Cloud, readonly Sample[]>>>({ AZURE: [], GCP: [] });

/** The last latencies of each cloud, in milliseconds: a single one is mostly noise. */
const latencies: Record<Cloud, number[]> = { AZURE: [], GCP: [] };

/** The median of the last half minute; null while a cloud is down. */
export function latencyOf(status: Status): number | null {
  if (status.latencyMs === null) return null;
  const sorted = latencies[status.source].toSorted((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? status.latencyMs;
}

/** Both clouds now, and the samples that the page has not yet. */
export async function askLive(abort: AbortSignal): Promise<ApiAnswer<Live>> {
  const since = history.value.AZURE.at(-1)?.at ?? null;
  const answer = await request(operation, { since }, abort);
  const { activity, sources } = answer.data ?? {};
  for (const { source, latencyMs } of sources ?? []) {
    if (latencyMs !== null) latencies[source] = [...latencies[source], latencyMs].slice(-15);
  }
  if (activity) {
    history.value = Object.fromEntries(
      clouds.map((cloud) => {
        const samples = activity.sources.find(({ source }) => source === cloud)?.samples ?? [];
        return [cloud, [...history.value[cloud], ...samples].slice(-room)];
      }),
    ) as Record<Cloud, Sample[]>;
  }
  return answer;
}
