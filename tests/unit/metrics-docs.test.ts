import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { metricsTable, withTable } from '../../scripts/metrics-docs.ts';
import { createMetrics } from '../../src/observability/metrics.ts';

const path = 'docs/observability.md';

// `npm run docs` rewrites the page; the diff then shows what changed.
it('has every metric in docs/observability.md as it is', async () => {
  const { registry } = createMetrics({ process: true });
  const page = withTable(await readFile(path, 'utf8'), metricsTable(registry));
  await expect(page).toMatchFileSnapshot(`../../${path}`);
});

it('names no metric in docs/observability.md or in an alert that there is not', async () => {
  const { registry } = createMetrics({ process: true });
  const text = await registry.metrics();
  const named = new Set(
    (await readFile(path, 'utf8')).match(/\b(?:tandem|nodejs|process)_[a-z_0-9]+[a-z]\b/g),
  );
  const base = (name: string) => name.replace(/_(bucket|sum|count)$/, '');
  expect([...named].filter((name) => !text.includes(`# TYPE ${base(name)} `))).toEqual([]);
});
