import { gql, type ResultOf } from '../api/graphql.ts';
import { request } from '../api/request.ts';
import { formatCount, formatMoment, formatMs, plural } from '../format.ts';
import { useResource } from '../resource.ts';
import { Breakable } from '../ui/breakable.tsx';
import { type Cloud, CloudHeads, CloudName, clouds } from '../ui/cloud.tsx';
import { CodeBlock } from '../ui/copy.tsx';
import { Failure, Forbidden, Notice, Skeleton } from '../ui/notice.tsx';
import { Scroll } from '../ui/scroll.tsx';
import { may } from '../viewer.ts';

const operation = gql(`
  query Migrations {
    AZURE: migrations(source: AZURE) { ...OfCloud }
    GCP: migrations(source: GCP) { ...OfCloud }
  }
  fragment OfCloud on Migration {
    name state startedAt ms account error up down
    findings { rule severity destructive statement object message safer }
    impacts { statement table rows algorithm lock rebuilds certain }
  }
`);

type Histories = ResultOf<typeof operation>;
type OneMigration = NonNullable<Histories['AZURE']>[number];

/** Both histories side by side, and what the pending ones would do. */
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
      {data && (data.AZURE ?? data.GCP) && names(data).length === 0 && (
        <Notice kind="empty" title="This build has no migration" />
      )}
    </>
  );
}

function names({ AZURE, GCP }: Histories): string[] {
  return [...new Set([...(AZURE ?? []), ...(GCP ?? [])].map(({ name }) => name))].toSorted();
}

/** What has yet to run, then what ran, the latest first. */
function pendingFirst(data: Histories): string[] {
  const isPending = (name: string) =>
    clouds.some((cloud) => data[cloud] && find(data, cloud, name)?.state !== 'APPLIED');
  const all = names(data);
  return [...all.filter(isPending), ...all.filter((name) => !isPending(name)).toReversed()];
}

const find = (data: Histories, cloud: Cloud, name: string) => data[cloud]?.find((one) => one.name === name);

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
            {names(data).map((name) => (
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

/** What a migration runs; open where it has yet to run. */
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

interface OfCloud {
  readonly cloud: Cloud;
  readonly migration: OneMigration;
}

/** Whether all clouds say one thing. */
const isOne = (there: readonly OfCloud[], said: (migration: OneMigration) => unknown) =>
  new Set(there.map(({ migration }) => JSON.stringify(said(migration)))).size === 1;

/** What lies before the clouds that have yet to run it: once where it is the same. */
function Forecasts({ pending }: { readonly pending: readonly OfCloud[] }) {
  const [one] = pending;
  if (one && pending.length > 1 && isOne(pending, ({ impacts, findings }) => [impacts, findings])) {
    return <Forecast migration={one.migration} />;
  }
  return (
    <>
      {pending.map(({ cloud, migration }) => (
        <div key={cloud}>
          <h3>
            <CloudName cloud={cloud} />
          </h3>
          <Forecast migration={migration} />
        </div>
      ))}
    </>
  );
}

/** What MySQL will do, and what the lint says. */
function Forecast({ migration: { findings, impacts, state } }: { readonly migration: OneMigration }) {
  return (
    <>
      {impacts.length > 0 && (
        <ul class="impacts">
          {impacts.map((impact) => (
            <li key={`${impact.statement} ${impact.table}`}>
              <Impact impact={impact} />
            </li>
          ))}
        </ul>
      )}
      {findings.map(({ rule, severity, statement, object, message, safer }) => (
        <p key={`${rule} ${statement} ${object}`} class="lint">
          <span class={`word ${severity === 'error' ? 'bad' : severity === 'warning' ? 'warn' : 'quiet'}`}>
            {severity}
          </span>{' '}
          <code>{rule}</code> {statement > 0 && `statement ${statement}, `}
          {object}: {message} <span class="quiet">{safer}</span>
        </p>
      ))}
      {state !== 'APPLIED' && findings.length === 0 && <p class="quiet">The lint has found nothing.</p>}
    </>
  );
}

function Scripts({
  migration: { up, down },
  Heading,
}: {
  readonly migration: OneMigration;
  /** One level below the heading before it. */
  readonly Heading: 'h3' | 'h4';
}) {
  return (
    <>
      <Heading class="script">Up</Heading>
      {up === null ? (
        <p class="quiet">Only the run can tell its statements.</p>
      ) : (
        <Sql statements={up} label="Statements of up" />
      )}
      <Heading class="script">Down</Heading>
      {down === null ? (
        <p class="quiet">Nothing takes it back.</p>
      ) : (
        <Sql statements={down} label="Statements of down" />
      )}
    </>
  );
}

function Sql({ statements, label }: { readonly statements: readonly string[]; readonly label: string }) {
  if (statements.length === 0) return <p class="quiet">No statement on a database without rows.</p>;
  return (
    <CodeBlock text={statements.map((one) => `${one.replace(/;\s*$/, '')};`).join('\n')} label={label} />
  );
}

/** What MySQL will do, and who waits meanwhile. */
function Impact({ impact }: { readonly impact: OneMigration['impacts'][number] }) {
  const { statement, table, rows, algorithm, lock, rebuilds, certain } = impact;
  return (
    <>
      <span class={`word ${lock === 'NONE' ? 'good' : 'bad'}`}>
        {lock === 'NONE' ? 'no lock' : 'writes wait'}
      </span>{' '}
      Statement {statement} changes <code>{table}</code>
      {rows !== null && ` (${plural(rows, 'row').replace(/^\d+/, formatCount(rows))})`} by {algorithm}
      {rebuilds ? ', which writes each row anew' : ''}:{' '}
      {lock === 'NONE' ? 'reads and writes go on' : 'writes wait until it is done'}.
      {!certain && ' The old definition is not known; this is the worst case.'}
    </>
  );
}
