import { type ApiTable, labelOf } from '../api/tables.ts';
import { plural } from '../format.ts';
import { route } from '../route.ts';
import { type Cloud, CloudName, clouds } from '../ui/cloud.tsx';
import { differingLines } from '../ui/differing-lines.ts';
import { Failure, Skeleton } from '../ui/notice.tsx';
import { Scroll } from '../ui/scroll.tsx';
import { cellText, isNumeric, titleOf } from './cell.tsx';
import { Head } from './column-head.tsx';
import { shownFields } from './columns.ts';
import { useSteps } from './draw-in-steps.ts';
import { NoRows } from './no-rows.tsx';
import { Pager } from './pager.tsx';
import { type CloudRow, cursorsIn, type KeylessPage, type RowsProps, useKeylessRows } from './rows.ts';

/** Rows without a key: nothing aligns them, so each cloud's page stands for itself, in one order. */
export function KeylessRows({ table, state, size }: RowsProps) {
  const { after = '' } = route.value.params;
  const page = useKeylessRows(table, state, { after, first: Number(size) });
  const { data } = page;
  const [azure, gcp] = [data?.azure?.nodes ?? [], data?.gcp?.nodes ?? []];
  const both = Boolean(data?.azure && data.gcp);
  const own = both ? differingLines(azure.map(lineOf), gcp.map(lineOf)) : undefined;
  return (
    <section class="card rows-card" aria-busy={page.isLoading}>
      <Pager
        table={table}
        trail={JSON.stringify([table.many, state, size])}
        size={size}
        isLoading={page.isLoading}
        next={data === null ? '' : nextOf(data, after)}
      >
        {data !== null && `${plural(azure.length, 'row')} of AZURE, ${gcp.length} of GCP`}
      </Pager>
      <p class="quiet note">
        This table has no key, so its rows are not aligned: each cloud shows its own page, in the same order.
      </p>
      <Failure errors={page.errors} retry={page.reload} />
      {page.isLoading && data === null && <Skeleton lines={14} />}
      {both && azure.length + gcp.length === 0 && (
        <NoRows state={state} count={0} isFirst={after === ''} isLast label={labelOf(table.many)} />
      )}
      {data !== null && azure.length + gcp.length > 0 && (
        <div class="pair">
          {clouds.map((cloud, at) => (
            <OwnRows
              key={cloud}
              cloud={cloud}
              table={table}
              order={state.order}
              rows={data[cloud === 'AZURE' ? 'azure' : 'gcp']?.nodes ?? null}
              own={own?.[at] ?? new Set()}
            />
          ))}
        </div>
      )}
    </section>
  );
}

const none: readonly CloudRow[] = [];

/** The values of a row, without its cloud. */
const lineOf = ({ source: _, ...row }: CloudRow) => JSON.stringify(row);

/** The cursors of the next page of each cloud; one that has come to its end stays there. */
function nextOf({ azure, gcp }: KeylessPage, after: string): string {
  if (!azure?.pageInfo.hasNextPage && !gcp?.pageInfo.hasNextPage) return '';
  const before = cursorsIn(after);
  return JSON.stringify([azure, gcp].map((page, at) => page?.pageInfo.endCursor ?? before[at] ?? null));
}

function OwnRows({
  cloud,
  table,
  order,
  rows,
  own,
}: {
  readonly cloud: Cloud;
  readonly table: ApiTable;
  readonly order: string;
  /** Null where the cloud did not answer. */
  readonly rows: readonly CloudRow[] | null;
  /** Rows that the other cloud's page has not at their place. */
  readonly own: ReadonlySet<number>;
}) {
  const fields = shownFields(table, new Set(), route.value.params.columns === 'all');
  const other = cloud === 'AZURE' ? 'GCP' : 'AZURE';
  const drawn = useSteps(rows ?? none, 1 + fields.length);
  return (
    <section class={`own-rows ${cloud.toLowerCase()}`} aria-label={`Rows of ${cloud}`}>
      <h2>
        <CloudName cloud={cloud} />
      </h2>
      {rows === null ? (
        <p class="quiet note">{cloud} did not answer.</p>
      ) : rows.length === 0 ? (
        <p class="quiet note">{cloud} has no row here.</p>
      ) : (
        <Scroll label={`${labelOf(table.many)} of ${cloud}`} name="grid-scroll" content={rows}>
          <table class="grid">
            <thead>
              <tr>
                <th scope="col">Status</th>
                {fields.map((field) => (
                  <Head
                    key={field.name}
                    table={table}
                    name={field.name}
                    order={order}
                    numeric={isNumeric(field)}
                  />
                ))}
              </tr>
            </thead>
            <tbody>
              {drawn.map((row, at) => (
                <tr key={at} class={own.has(at) ? 'own' : ''}>
                  <td>{own.has(at) && <span class="word warn">not on {other}’s page</span>}</td>
                  {fields.map((field) => (
                    <td
                      key={field.name}
                      class={isNumeric(field) ? 'number' : ''}
                      title={titleOf(field, row[field.name])}
                    >
                      {cellText(field, row[field.name])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}
