import { signal } from '@preact/signals';

/** Which sample the pointer is at, of all charts: both clouds are read at the same moment. Null: the latest. */
export const pointedAt = signal<number | null>(null);

/** Samples that a chart has room for: ten minutes. */
export const room = 300;

interface Layer {
  readonly name: string;
  readonly values: readonly number[];
}

/**
 * Values over time, stacked from the bottom. It grows from the right, and takes no notice of its size: CSS gives it.
 *
 * @param limit a line across, such as the size of a pool
 */
export function AreaChart({
  layers,
  limit,
  most = 1,
  label,
}: {
  readonly layers: readonly Layer[];
  readonly limit?: number;
  /** A value that the chart has room for, at least. */
  readonly most?: number;
  readonly label: string;
}) {
  const count = layers[0]?.values.length ?? 0;
  const sums = Array.from({ length: count }, (_, at) =>
    layers.reduce((sum, { values }) => sum + (values[at] ?? 0), 0),
  );
  const top = Math.max(limit ?? 0, most, ...sums) * 1.12;
  const first = room - count;
  const base = new Array<number>(count).fill(0);
  const paths = layers.map(({ name, values }) => {
    const under = [...base];
    for (const [at, value] of values.entries()) base[at] = (base[at] ?? 0) + value;
    return { name, path: areaOf(under, base, first, top) };
  });
  const point = (event: PointerEvent) => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    const at = Math.floor(((event.clientX - left) / width) * room) - first;
    pointedAt.value = at >= 0 && at < count ? at : null;
  };
  const cursor = pointedAt.value;
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${room} 100`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      onPointerMove={point}
      onPointerLeave={() => {
        pointedAt.value = null;
      }}
    >
      <path class="lines" d={`M0 25H${room}M0 50H${room}M0 75H${room}`} />
      {paths.map(({ name, path }) => (
        <path key={name} class={`layer ${name}`} d={path} />
      ))}
      {limit !== undefined && <path class="limit" d={`M0 ${100 - (limit / top) * 100}H${room}`} />}
      {cursor !== null && <path class="cursor" d={`M${first + cursor + 0.5} 0V100`} />}
    </svg>
  );
}

function areaOf(under: readonly number[], over: readonly number[], first: number, top: number): string {
  if (over.length === 0) return '';
  const y = (value: number) => Math.round((100 - (value / top) * 100) * 100) / 100;
  const up = over.map((value, at) => `${at === 0 ? 'M' : 'L'}${first + at} ${y(value)}H${first + at + 1}`);
  const down = under.map((value, at) => `L${first + at + 1} ${y(value)}H${first + at}`).toReversed();
  return `${up.join('')}${down.join('')}Z`;
}
