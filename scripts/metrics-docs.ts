// Makes the table of metrics in docs/observability.md of the metrics themselves: `npm run docs`.
import type { Registry } from 'prom-client';

/** A metric as the registry has it; its types leave the labels out. */
interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: unknown;
  readonly labelNames: readonly string[];
}

/** Tandem's own metrics as a table. Those of the process and of Node are the client library's to describe. */
export function metricsTable(registry: Registry): string {
  const metrics = registry.getMetricsAsArray() as unknown as readonly Metric[];
  const own = metrics.filter(({ name }) => name.startsWith('tandem_'));
  const rows = own
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, help, type, labelNames }) => {
      const labels = labelNames.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${type} | ${labels} | ${help} |`;
    });
  return ['| Metric | Type | Labels | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

const begin = '<!-- Made by `npm run docs`: do not edit. -->';
const end = '<!-- End of what is made. -->';

/** The page with the table in its place, between two comments. */
export function withTable(page: string, table: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from)
    throw new Error(`The page needs ${begin} and ${end}, with the table between.`);
  return `${page.slice(0, from + begin.length)}\n\n${table}\n\n${page.slice(to)}`;
}
