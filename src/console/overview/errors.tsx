import { formatAgo, formatClock, formatCount, formatRate } from '../format.ts';
import { AreaChart, pointedAt } from '../ui/chart.tsx';
import { CloudName } from '../ui/cloud.tsx';
import { Scroll } from '../ui/scroll.tsx';
import { type CountedErrors, history } from './activity.ts';
import { sampleSeconds } from './cloud-card.tsx';

/** Errors by code with their remedies, the latest first: how many a second now, or at the moment that is pointed at. */
export function Errors({ errors }: { readonly errors: readonly CountedErrors[] }) {
  const latest = errors.toSorted((one, other) => (one.lastAt < other.lastAt ? 1 : -1)).slice(0, 12);
  const busiest = Math.max(1, ...latest.flatMap(({ counts }) => counts)) / sampleSeconds;
  const pointed = pointedAt.value === null ? undefined : history.value.AZURE[pointedAt.value];
  return (
    <section class="card" aria-labelledby="errors-title">
      <header>
        <h2 id="errors-title">Errors since the start</h2>
        {latest.length > 0 && (
          <p class="quiet">
            {formatRate(latest.reduce((sum, { counts }) => sum + rateOf(counts, pointedAt.value), 0))}{' '}
            errors/s {pointed ? `at ${formatClock(pointed.at)}` : 'now'}
          </p>
        )}
      </header>
      {latest.length === 0 ? (
        <p class="quiet">No answer had an error.</p>
      ) : (
        <Scroll label="Errors by code">
          <table class="list errors">
            <thead>
              <tr>
                <th>Code</th>
                <th>Cloud</th>
                <th>In the last 10 min</th>
                <th class="number">A second</th>
                <th class="number">Count</th>
                <th>Last</th>
                <th>Remedy</th>
              </tr>
            </thead>
            <tbody>
              {latest.map((error) => (
                <ErrorRow key={`${error.source} ${error.code}`} error={error} busiest={busiest} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}

function ErrorRow({ error, busiest }: { readonly error: CountedErrors; readonly busiest: number }) {
  const { source, code, count, lastAt, remedy, counts } = error;
  const rate = rateOf(counts, pointedAt.value);
  return (
    <tr>
      <td>
        <code>{code}</code>
      </td>
      <td>{source ? <CloudName cloud={source} /> : '–'}</td>
      <td class="spark">
        <AreaChart
          label={`${code} a second in the last ten minutes`}
          layers={[{ name: 'waiting', values: counts.map((one) => one / sampleSeconds) }]}
          most={busiest}
        />
      </td>
      <td class={rate > 0 ? 'number alarm' : 'number'}>
        {formatRate(rate)}
        <span class="unit">/s</span>
      </td>
      <td class="number">
        {formatCount(count)}
        <span class="unit"> in all</span>
      </td>
      <td class="nowrap">{formatAgo(lastAt)}</td>
      <td class="wide">{remedy}</td>
    </tr>
  );
}

/** Samples that "now" stands for: of a single one, an error in a while would be none or many. */
const samplesOfNow = 5;

/** Errors a second now, or in the sample that is pointed at. */
function rateOf(counts: readonly number[], pointed: number | null): number {
  if (pointed !== null) return (counts[pointed] ?? 0) / sampleSeconds;
  const now = counts.slice(-samplesOfNow);
  return now.reduce((sum, count) => sum + count, 0) / (samplesOfNow * sampleSeconds);
}
