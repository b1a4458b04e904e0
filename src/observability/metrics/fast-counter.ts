import { Counter, type CounterConfiguration } from 'prom-client';

/**
 * A counter whose series count by themselves, and tell prom-client when it is asked: it looks up a series by all of its
 * labels at each increment, and two a request were 2 % of a small read's CPU.
 */
export function fastCounter<Label extends string>(
  configuration: Omit<CounterConfiguration<Label>, 'collect'>,
): (labels: Record<Label, string>) => () => void {
  const all: { readonly labels: Record<Label, string>; count: number }[] = [];
  new Counter({
    ...configuration,
    collect() {
      for (const series of all) {
        if (series.count === 0) continue;
        this.inc(series.labels, series.count);
        series.count = 0;
      }
    },
  });
  return (labels) => {
    const series = { labels, count: 0 };
    all.push(series);
    return () => {
      series.count += 1;
    };
  };
}
