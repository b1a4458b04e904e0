import { request } from '../api/request.ts';
import { formatMoment, formatMs } from '../format.ts';
import { Breakable } from '../ui/breakable.tsx';
import { CloudHeads, CloudName, clouds } from '../ui/cloud.tsx';
import { Failure, Forbidden, Notice, Skeleton } from '../ui/notice.tsx';
import { Scroll } from '../ui/scroll.tsx';
import { useResource } from '../use-resource.ts';
import { may } from '../viewer.ts';
import { Forecast, Forecasts } from './forecast.tsx';
import {
  find,
  type Histories,
  isOne,
  migrationNames,
  type OneMigration,
  operation,
  pendingFirst,
} from './histories.ts';
import { Scripts } from './scripts.tsx';

/** Both histories side by side, and the forecast of pending migrations. */
export function Migrations() {
  const migrations = useResource('migrations', (signal) => request(operation, {}, signal), {
    enabled: may('migrations'),
    remembers: true,
  });
  if (!may('migrations')) return <Forbidden feature="migrations" what="migrations" />;
  const { data } = migrations;
  return (
    <>
      <Failure errors={migrations.errors} retry={migrations.reload} />
      {migrations.isLoading && <Skeleton lines={10} />}
      {data && (data.AZURE ?? data.GCP) && (
        <>
          <History data={data} />
          {pendingFirst(data).map((name) => (
            <Details key={name} name={name} data={data} />
          ))}
        </>
      )}
      {data && (data.AZURE ?? data.GCP) && migrationNames(data).length === 0 && (
        <Notice kind="empty" title="This build has no migration" />
      )}
    </>
  );
}

const tones = {
  APPLIED: 'good',
  PENDING: 'warn',
  RUNNING: 'quiet',
  INTERRUPTED: 'bad',
  FAILED: 'bad',
  EDITED: 'bad',
  MISSING: 'bad',
  UNKNOWN: 'warn',
} as const;

function State({ migration }: { readonly migration: OneMigration | undefined }) {
  if (migration === undefined) return <span class="word quiet">not there</span>;
  const { state, startedAt, ms, error } = migration;
  return (
    <>
      <span class={`word ${tones[state]}`}>{state.toLowerCase()}</span>{' '}
      {startedAt && (
        <span class="quiet">
          <span class="nowrap">{formatMoment(startedAt)}</span>{' '}
          {ms !== null && <span class="nowrap">{formatMs(ms)}</span>}
        </span>
      )}
      {error && <code class="alarm"> {error}</code>}
    </>
  );
}

/** `Migration20261127195119_add_doctors` as a person reads it. */
const shortOf = (name: string) => name.replace(/^Migration\d+_?/, '').replaceAll('_', ' ') || name;
const dayOf = (name: string) => /(\d{4})(\d{2})(\d{2})/.exec(name)?.slice(1).join('-') ?? '';

function History({ data }: { readonly data: Histories }) {
  return (
    <section class="card" aria-labelledby="history-title">
      <header>
        <h2 id="history-title">History</h2>
        <p class="quiet">
          Reading only: <code>tandem migrate</code> changes it.
        </p>
      </header>
      <Scroll label="History">
        <table class="list">
          <CloudHeads first="Migration" />
          <tbody>
            {migrationNames(data).map((name) => (
              <tr key={name}>
                <td title={name}>
                  <b>{shortOf(name)}</b> <span class="quiet nowrap">{dayOf(name)}</span>
                </td>
                {clouds.map((cloud) => (
                  <td key={cloud}>
                    {data[cloud] === null ? (
                      <span class="quiet">no answer</span>
                    ) : (
                      <State migration={find(data, cloud, name)} />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

/** The statements of a migration; open while it is pending somewhere. */
function Details({ name, data }: { readonly name: string; readonly data: Histories }) {
  const there = clouds.flatMap((cloud) => {
    const migration = find(data, cloud, name);
    return migration === undefined ? [] : [{ cloud, migration }];
  });
  const pending = there.filter(({ migration }) => migration.state !== 'APPLIED');
  const [one] = there;
  return (
    <details class="card migration" open={pending.length > 0}>
      <summary>
        <b>{shortOf(name)}</b>
        <span class="quiet">
          <Breakable name={name} />
        </span>
        {pending.length > 0 && <span class="word warn">not everywhere</span>}
      </summary>
      {isOne(there, ({ up, down }) => [up, down]) && one ? (
        <>
          <Forecasts pending={pending} />
          <Scripts migration={one.migration} Heading="h3" />
        </>
      ) : (
        <div class="pair">
          {there.map(({ cloud, migration }) => (
            <div key={cloud}>
              <h3>
                <CloudName cloud={cloud} />
              </h3>
              <Forecast migration={migration} />
              <Scripts migration={migration} Heading="h4" />
            </div>
          ))}
        </div>
      )}
    </details>
  );
}
