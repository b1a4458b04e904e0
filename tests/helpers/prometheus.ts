/** One series of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One metric as `# HELP` and `# TYPE` introduce it. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/**
 * Reads Prometheus' text format, and refuses what is against it as `promtool check metrics` does.
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function parseMetrics(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, Family & { samples: Sample[] }>();
  let family: (Family & { samples: Sample[] }) | undefined;
  let help: RegExpExecArray | null = null;
  const seen = new Set<string>();
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
    if (comment?.[1] === 'HELP') {
      help = comment;
      continue;
    }
    if (comment !== null) {
      const [, , name, type] = comment as unknown as [string, string, string, string];
      if (help?.[2] !== name) throw new Error(`no help for ${name}`);
      if (families.has(name)) throw new Error(`${name} comes twice`);
      family = { name, type, help: help[3] as string, samples: [] };
      families.set(name, family);
      continue;
    }
    const sample = readSample(line);
    if (family === undefined || baseOf(sample.name, family.type) !== family.name) {
      throw new Error(`${sample.name} is under ${family?.name}`);
    }
    const series = JSON.stringify([sample.name, Object.entries(sample.labels).toSorted()]);
    if (seen.has(series)) throw new Error(`the series ${series} comes twice`);
    seen.add(series);
    family.samples.push(sample);
  }
  for (const { name, type, samples } of families.values()) {
    // Names of others' metrics are theirs to keep.
    if (name.startsWith('tandem_') && (type === 'counter') !== name.endsWith('_total'))
      throw new Error(`${name} is a ${type}`);
    if (/_(ms|milliseconds|kb|mb)(_|$)/.test(name)) throw new Error(`${name} is not in base units`);
    if (type === 'histogram') checkBuckets(name, samples);
  }
  return families;
}

/** The value of a series, or the sum of all that have these labels; 0 where there are none yet. */
export function sampleOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const all = [...families.values()].flatMap(({ samples }) => samples);
  return all
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

function readSample(line: string): Sample {
  const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (match === null) throw new Error(`cannot be read: ${line}`);
  const [, name = '', inner = '', value = ''] = match;
  const labels: Record<string, string> = {};
  const rest = inner.replaceAll(/([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/g, (_, label, text) => {
    labels[label] = text;
    return '';
  });
  if (rest !== '') throw new Error(`labels cannot be read: ${line}`);
  if (!/^(?:[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|Inf)|nan)$/i.test(value)) throw new Error(`no number: ${line}`);
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
}

const baseOf = (name: string, type: string): string =>
  type === 'histogram' || type === 'summary' ? name.replace(/_(bucket|sum|count)$/, '') : name;

/** Buckets count up to their bounds, each at least as many as the one before; the last has them all. */
function checkBuckets(name: string, samples: readonly Sample[]): void {
  const series = Map.groupBy(samples, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels));
  for (const [labels, group] of series) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`).map(({ value }) => value);
    const count = group.find((sample) => sample.name === `${name}_count`)?.value;
    if (buckets.some((value, index) => value < (buckets[index - 1] ?? 0)) || buckets.at(-1) !== count) {
      throw new Error(`the buckets of ${name}${labels} do not add up`);
    }
  }
}
