import { AggregatorRegistry, Counter, Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/observability/metrics/buckets.ts';
import { fastCounter } from '../../src/observability/metrics/fast-counter.ts';
import { fastHistogram } from '../../src/observability/metrics/fast-histogram.ts';

/** What Prometheus is told, whatever the order of series and labels. */
async function told(registry: { metrics(): Promise<string> }): Promise<string[]> {
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '');
  return lines
    .map((line) => line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').toSorted()}}`))
    .toSorted();
}

const aggregated = async (...registries: Registry[]) =>
  told(AggregatorRegistry.aggregate(await Promise.all(registries.map((each) => each.getMetricsAsJSON()))));

const about = { name: 'a_seconds', help: 'What "it" is.', labelNames: ['source', 'kind'] } as const;
const series = [
  { source: 'AZURE', kind: 'a "quoted" one' },
  { source: 'GCP', kind: 'b' },
];

describe('durations are told as prom-client tells its own', () => {
  // Every bound, what lies next to it, and what lies beyond.
  const ms = [0, ...seconds.flatMap((bound) => [bound * 999, bound * 1000, bound * 1001]), 60_000];

  function both() {
    const [theirs, ours] = [new Registry(), new Registry()];
    const histogram = new Histogram({
      ...about,
      labelNames: [...about.labelNames],
      buckets: seconds,
      registers: [theirs],
    });
    const durations = fastHistogram(ours, about);
    for (const labels of series) {
      const observe = durations(labels);
      histogram.zero(labels);
      for (const each of ms) {
        histogram.observe(labels, each / 1000);
        observe(each);
      }
    }
    return { theirs, ours };
  }

  it('of one process', async () => {
    const { theirs, ours } = both();
    expect(await told(ours)).toEqual(await told(theirs));
    expect((await told(ours)).some((line) => line.includes(`_count{`))).toBe(true);
  });

  it('of several', async () => {
    const [one, other] = [both(), both()];
    expect(await aggregated(one.ours, other.ours)).toEqual(await aggregated(one.theirs, other.theirs));
  });

  it('and forgets them when it is told to', async () => {
    const { ours } = both();
    ours.resetMetrics();
    expect((await told(ours)).filter((line) => !line.startsWith('#') && !line.endsWith(' 0'))).toEqual([]);
  });
});

it('tallies are told as prom-client tells its counters, and once', async () => {
  const [theirs, ours] = [new Registry(), new Registry()];
  const configuration = { name: 'a_total', help: 'How many.', labelNames: [...about.labelNames] };
  const counter = new Counter({ ...configuration, registers: [theirs] });
  const tally = fastCounter({ ...configuration, registers: [ours] });
  for (const [at, labels] of series.entries()) {
    const count = tally(labels);
    for (let n = 0; n <= at; n++) {
      counter.inc(labels);
      count();
    }
  }
  expect(await told(ours)).toEqual(await told(theirs));
  expect(await told(ours)).toEqual(await told(theirs));
});
