import { gql, type ResultOf } from '../api/graphql.ts';
import { keyOfValues, keyToText } from '../api/keys.ts';
import { request } from '../api/request.ts';
import { apiTables, tableNamed } from '../api/tables.ts';
import { formatAgo, formatCount, formatMoment, plural } from '../format.ts';
import { hrefOf } from '../route.ts';
import { CloudName } from '../ui/cloud.tsx';
import { CodeBlock } from '../ui/copy.tsx';
import { useSchema } from '../ui/needs-schema.tsx';
import { Failure, Forbidden, Notice, Skeleton } from '../ui/notice.tsx';
import { Scroll } from '../ui/scroll.tsx';
import { TableLinks } from '../ui/table-links.tsx';
import { useResource } from '../use-resource.ts';
import { may, viewer } from '../viewer.ts';
import { RunControls } from './run-controls.tsx';

const operation = gql(`
  query Parity {
    parity {
      id state verdict startedAt seenAt endedAt
      progress { tables tablesDone rows differences }
      tables {
        table verdict rowsAzure rowsGcp different onlyAzure onlyGcp hot notes
        differences { kind columns key { column value } }
      }
    }
  }
`);

type Run = NonNullable<ResultOf<typeof operation>['parity']>;
type Table = Run['tables'][number];
type Key = Table['differences'][number]['key'];

/** Whether both clouds hold the same rows: the last run, or the one that goes on. */
export function Parity() {
  const parity = useResource('parity', (signal) => request(operation, {}, signal), {
    every: 3000,
    enabled: may('parity'),
    remembers: true,
  });
  // For the links to rows; a role that may not learn it has none.
  useSchema({ enabled: viewer.value !== null && may('introspection') });
  if (!may('parity')) return <Forbidden feature="parity" what="parity" />;
  const run = parity.data?.parity;
  const isFirst = run === null && parity.errors.length === 0;
  return (
    <>
      <Failure errors={parity.errors} retry={parity.reload} />
      {parity.isLoading && <Skeleton lines={8} />}
      {isFirst && (
        <Notice kind="empty" title="No run yet">
          <p>A run compares all rows; the page shows its progress and the rows that differ.</p>
          {apiTables.value.length > 0 && <p>Or look for the rows of one table that differ:</p>}
          <TableLinks only="differences" />
        </Notice>
      )}
      {!parity.isLoading && <RunControls run={run ?? null} changed={parity.reload} />}
      {run && <RunReport run={run} />}
      {!parity.isLoading && <Commands run={run ?? null} />}
    </>
  );
}

const verdicts = {
  SAME: ['Same', 'good'],
  DIFFERENT: ['Different', 'bad'],
  PARTIAL: ['Partial', 'warn'],
} as const;

function Verdict({ verdict }: { readonly verdict: Table['verdict'] }) {
  const [word, tone] = verdict === null ? (['Running', 'quiet'] as const) : verdicts[verdict];
  return <span class={`word ${tone}`}>{word}</span>;
}

/** Seconds without a word after which a run counts as killed. */
const silentSeconds = 15;

function RunReport({ run }: { readonly run: Run }) {
  const isSilent = run.state === 'RUNNING' && Date.now() - Date.parse(run.seenAt) > silentSeconds * 1000;
  return (
    <section class="card" aria-labelledby="run-title">
      <header>
        <h2 id="run-title">
          {run.state === 'RUNNING' ? 'This run' : 'Last run'}{' '}
          {endedEarly[run.state] ? (
            <span class="word warn">{endedEarly[run.state]}</span>
          ) : (
            <Verdict verdict={run.verdict} />
          )}
        </h2>
        <p class="quiet">
          {formatMoment(run.startedAt)}
          {run.endedAt ? `, ended ${formatAgo(run.endedAt)}` : `, seen ${formatAgo(run.seenAt)}`}
        </p>
      </header>
      {isSilent && (
        <p class="banner">
          The run has not been seen for {formatAgo(run.seenAt).replace(' ago', '')}: it was killed, or its
          server is away. Go on with it by <code>tandem parity --resume</code>.
        </p>
      )}
      {run.state === 'RUNNING' && <Progress progress={run.progress} />}
      <Scroll label="Tables">
        <table class="list">
          <thead>
            <tr>
              <th>Table</th>
              <th>Verdict</th>
              <th class="number">
                <CloudName cloud="AZURE" />
              </th>
              <th class="number">
                <CloudName cloud="GCP" />
              </th>
              <th class="number">Different</th>
              <th class="number">Only AZURE</th>
              <th class="number">Only GCP</th>
            </tr>
          </thead>
          <tbody>
            {run.tables.map((table) => (
              <tr key={table.table}>
                <td>
                  <code>{table.table}</code>
                </td>
                <td>
                  <Verdict verdict={table.verdict} />
                </td>
                <Count value={table.rowsAzure} />
                <Count value={table.rowsGcp} />
                <Count value={table.different} alarm />
                <Count value={table.onlyAzure} alarm />
                <Count value={table.onlyGcp} alarm />
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {run.tables.map((table) => (
        <Differences key={table.table} table={table} />
      ))}
    </section>
  );
}

function Progress({
  progress: { tables, tablesDone, rows, differences },
}: {
  readonly progress: Run['progress'];
}) {
  return (
    <div class="run-progress">
      <progress value={tablesDone} max={Math.max(tables, 1)} aria-label="Tables compared" />
      <span>
        {tablesDone} of {plural(tables, 'table')}, {plural(rows, 'row')},{' '}
        <b class={differences > 0 ? 'alarm' : ''}>{plural(differences, 'difference')}</b> so far
      </span>
    </div>
  );
}

const endedEarly: Readonly<Record<string, string>> = { CANCELLED: 'cancelled', ABORTED: 'ended early' };

function Count({ value, alarm = false }: { readonly value: number; readonly alarm?: boolean }) {
  return <td class={alarm && value > 0 ? 'number alarm' : 'number'}>{formatCount(value)}</td>;
}

const kinds = { DIFFERENT: 'differs', ONLY_AZURE: 'only AZURE', ONLY_GCP: 'only GCP' } as const;

function Differences({ table }: { readonly table: Table }) {
  const { differences, notes, hot } = table;
  const all = table.different + table.onlyAzure + table.onlyGcp;
  if (all === 0 && notes.length === 0 && hot === 0) return null;
  return (
    <details class="differences" open={all > 0 || table.verdict === 'PARTIAL'}>
      <summary>
        <code>{table.table}</code> <span class="quiet">{plural(all, 'difference')}</span>
      </summary>
      {notes.map((note) => (
        <p key={note} class="quiet">
          {note}
        </p>
      ))}
      {hot > 0 && <p class="quiet">{plural(hot, 'row')} changed too often to be compared.</p>}
      <ul class="difference-list">
        {differences.map(({ kind, key, columns }) => (
          <li key={key.map(({ value }) => value).join()}>
            <RowLink table={table.table} row={key} />
            <span class={`word ${kind === 'DIFFERENT' ? 'bad' : 'warn'}`}>{kinds[kind]}</span>
            {columns.length > 0 && <code>{columns.join(', ')}</code>}
          </li>
        ))}
      </ul>
      {all > differences.length && <p class="quiet">The first {differences.length} are shown.</p>}
    </details>
  );
}

/** Leads to a row, where the API has its table. */
function RowLink({ table: name, row }: { readonly table: string; readonly row: Key }) {
  const text = row.map(({ column, value }) => `${column} ${value}`).join(', ') || 'no key';
  const table = tableNamed(name);
  if (table === undefined || row.length === 0) return <code>{text}</code>;
  const values = row.map(({ value }) => value ?? '');
  return (
    <a href={hrefOf('data', { table: table.many, row: keyToText(keyOfValues(table.keyParts, values)) })}>
      {text}
    </a>
  );
}

function Commands({ run }: { readonly run: Run | null }) {
  const differs = run?.verdict === 'DIFFERENT';
  return (
    <section class="card" aria-labelledby="commands-title">
      <header>
        <h2 id="commands-title">Commands</h2>
      </header>
      <div class="commands">
        <div>
          <p>
            Compare all rows. The run has connections of its own, and slows down to leave the clouds to the
            API.
          </p>
          <CodeBlock text="npm run -s tandem -- parity" label="Command that compares all rows" />
        </div>
        <div>
          <p>
            {differs
              ? 'Make GCP as AZURE is (the other way: gcp-to-azure). It prints the plan; --apply writes it.'
              : 'After a run with differences: the plan that makes GCP as AZURE is.'}
          </p>
          <CodeBlock
            text="npm run -s tandem -- parity --repair azure-to-gcp"
            label="Command that repairs GCP"
          />
        </div>
      </div>
    </section>
  );
}
