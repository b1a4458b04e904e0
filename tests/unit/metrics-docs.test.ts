import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { metricsTable, withTable } from '../../scripts/metrics-docs.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import type { Sources } from '../../src/sources/sources.ts';

const path = 'docs/observability.md';

/** Every metric there is. Nobody asks these for their values, so no source is needed. */
function allMetrics() {
  const metrics = createMetrics({ process: true });
  metrics.watch({} as Sources);
  return metrics.registry;
}

// `npm run docs` rewrites the page; the diff then shows what changed.
it('has every metric in docs/observability.md as it is', async () => {
  const page = withTable(await readFile(path, 'utf8'), metricsTable(allMetrics()));
  await expect(page).toMatchFileSnapshot(`../../${path}`);
});

it.each([path, 'deploy/grafana/tandem.json', 'deploy/prometheus/tandem.rules.yml'])(
  'has no metric in %s that there is not',
  async (file) => {
    const registry = allMetrics();
    // Those of Node are there from the first scrape on; this one finds no pools.
    await registry.metrics().catch(() => {});
    const known = new Set(registry.getMetricsAsArray().map(({ name }) => name));
    const named =
      (await readFile(file, 'utf8')).match(/\b(?:tandem|nodejs|process)_[a-z_0-9]+[a-z]\b/g) ?? [];
    expect(named.length).toBeGreaterThan(5);
    const base = (name: string) => name.replace(/_(bucket|sum|count)$/, '');
    expect(named.filter((name) => !known.has(name) && !known.has(base(name)))).toEqual([]);
  },
);
