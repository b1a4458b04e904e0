import type { ComponentChildren } from 'preact';
import { formatClock, formatCount, formatMs, formatNumber, formatRate } from '../format.ts';
import { AreaChart, pointedAt } from '../ui/chart.tsx';
import { type Cloud, CloudName } from '../ui/cloud.tsx';
import { Skeleton } from '../ui/notice.tsx';
import { latencyOf, type Sample, type Status } from './activity.ts';

/** Seconds of a sample. */
export const sampleSeconds = 2;

/** One cloud: whether it answers, its pool and its work in the last ten minutes. */
export function CloudCard({
  cloud,
  status,
  lastAt,
  samples,
  busiest,
  slower,
}: {
  readonly cloud: Cloud;
  readonly status: Status | undefined;
  /** When the status was new, where the server has not answered since; null where it has. */
  readonly lastAt: number | null;
  readonly samples: readonly Sample[];
  /** Statements a second at most, of both clouds: their pictures have one scale. */
  readonly busiest: number;
  /** How many times slower it answers than the other one; null where it does not. */
  readonly slower: number | null;
}) {
  return (
    <section
      class={`card cloud-card ${cloud.toLowerCase()}${lastAt === null ? '' : ' stale'}`}
      aria-label={cloud}
    >
      <header>
        <h2>
          <CloudName cloud={cloud} long />
        </h2>
        {status && lastAt === null && <State status={status} slower={slower} />}
        {lastAt !== null && (
          <p class="state-line">
            <span class="quiet">as of {formatClock(lastAt)}</span>
            <span class="word quiet">Unknown</span>
          </p>
        )}
      </header>
      {status ? (
        <Charts cloud={cloud} status={status} samples={samples} busiest={busiest} />
      ) : (
        <Skeleton lines={7} />
      )}
      {status && <Facts status={status} />}
    </section>
  );
}

function State({ status, slower }: { readonly status: Status; readonly slower: number | null }) {
  const latency = latencyOf(status);
  return (
    <p class="state-line">
      {slower !== null && <span class="word warn">{formatNumber(slower)}× slower</span>}
      {latency !== null && <span class="latency">{formatMs(latency)}</span>}
      <span class={status.state === 'UP' ? 'word good' : 'word bad'}>
        {status.state === 'UP' ? 'Up' : 'Down'}
      </span>
    </p>
  );
}

function Charts({
  cloud,
  status,
  samples,
  busiest,
}: {
  readonly cloud: Cloud;
  readonly status: Status;
  readonly samples: readonly Sample[];
  readonly busiest: number;
}) {
  const { pool } = status;
  const pointed = pointedAt.value === null ? undefined : samples[pointedAt.value];
  const { inUse, idle, waiting } = pool;
  const now = pointed ??
    samples.at(-1) ?? { inUse, idle, waiting, statements: 0, statementMs: 0, errors: 0, at: '' };
  const statements = now.statements ?? 0;
  const errors = samples.reduce((sum, sample) => sum + sample.errors, 0);
  const of = (name: 'inUse' | 'idle' | 'waiting' | 'errors') => samples.map((sample) => sample[name]);
  return (
    <>
      <figure>
        <figcaption>
          <b>Pool</b>
          <Key name="in-use">{now.inUse} in use</Key>
          <Key name="idle">{now.idle} idle</Key>
          <Key name="waiting" alarm={now.waiting > 0}>
            {now.waiting} waiting
          </Key>
          <span class="of">
            {pool.connecting > 0 && `${pool.connecting} opening, `}
            {pool.closing > 0 && `${pool.closing} closing, `}
            of {pool.max}
          </span>
        </figcaption>
        <AreaChart
          label={`Connections of ${cloud} in the last ten minutes: now ${pool.inUse} in use, ${pool.idle} idle, ${pool.waiting} waiting, ${pool.max} at most`}
          layers={[
            { name: 'in-use', values: of('inUse') },
            { name: 'idle', values: of('idle') },
            { name: 'waiting', values: of('waiting') },
          ]}
          limit={pool.max}
        />
      </figure>
      <figure class="low">
        <figcaption>
          <b>Statements</b>
          <Key name="in-use">{formatNumber(statements / sampleSeconds)}/s</Key>
          <span>{statements === 0 ? '– ms' : formatMs((now.statementMs ?? 0) / statements)} each</span>
          <span class={now.errors > 0 ? 'of alarm' : 'of'}>
            {errors === 0
              ? 'no errors'
              : `${formatRate(now.errors / sampleSeconds)} errors/s, ${formatCount(errors)} in 10 min`}
          </span>
        </figcaption>
        <AreaChart
          label={`Statements of ${cloud} a second in the last ten minutes: now ${statements / sampleSeconds}`}
          layers={[
            { name: 'in-use', values: samples.map((sample) => sample.statements / sampleSeconds) },
            { name: 'waiting', values: samples.map((sample) => sample.errors / sampleSeconds) },
          ]}
          most={busiest}
        />
        <p class="axis">
          <span>−10 min</span>
          <span>{pointed ? formatClock(pointed.at) : 'now'}</span>
        </p>
      </figure>
    </>
  );
}

function Key({
  name,
  alarm = false,
  children,
}: {
  readonly name: string;
  readonly alarm?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    <span class={alarm ? 'key alarm' : 'key'}>
      <i class={`swatch ${name}`} />
      {children}
    </span>
  );
}

const breakers = {
  CLOSED: ['closed', 'good'],
  OPEN: ['open: refusing', 'bad'],
  HALF_OPEN: ['half open: probing', 'warn'],
} as const;

function Facts({ status }: { readonly status: Status }) {
  const [breaker, tone] = breakers[status.breaker];
  return (
    <dl class="facts">
      <dt>MySQL</dt>
      <dd>{status.serverVersion ?? '–'}</dd>
      <dt>TLS</dt>
      <dd class={status.tlsVersion === 'none' ? 'alarm' : ''}>{status.tlsVersion ?? '–'}</dd>
      <dt>Breaker</dt>
      <dd class={tone === 'good' ? '' : 'alarm'}>{breaker}</dd>
      <dt>Migration</dt>
      <dd class="clip" title={status.migration ?? ''}>
        {status.migration?.replace(/^Migration/, '') ?? (status.state === 'UP' ? 'none' : '–')}
      </dd>
    </dl>
  );
}
