import { type ApiTable, apiTables } from '../api/tables.ts';
import { plural } from '../format.ts';
import { route, setParams } from '../route.ts';
import { NeedsSchema } from '../ui/needs-schema.tsx';
import { Failure, Notice, Skeleton } from '../ui/notice.tsx';
import { parseFilters, type RowsState } from './filters.ts';
import { OpenRow } from './open-row.tsx';
import { RowGrid, type RowLayout } from './row-grid.tsx';
import { pageSizes, type RowsPage, useRows } from './rows.ts';
import { Toolbar } from './toolbar.tsx';

/** Rows of any table, both clouds side by side. */
export function Data() {
  return (
    <NeedsSchema>
      <ChosenTable />
    </NeedsSchema>
  );
}

function ChosenTable() {
  const tables = apiTables.value;
  const table = tables.find(({ many }) => many === route.value.params.table) ?? tables[0];
  if (table === undefined) {
    return <Notice kind="forbidden" title="Your role may not read any table of both clouds" />;
  }
  return <Rows key={table.many} table={table} />;
}

/** Cursors of the pages before, by the address of the first one: the API goes forward. */
const passed = new Map<string, string[]>();

function Rows({ table }: { readonly table: ApiTable }) {
  const { params } = route.value;
  const state: RowsState = {
    filters: parseFilters(params.filters),
    search: params.search ?? '',
    order: params.order ?? '',
    from: params.from ?? '',
  };
  const { after = '', layout: chosen = '', only = '', row = '' } = params;
  const size = pageSizes.find((one) => one === params.size) ?? '50';
  const layout: RowLayout =
    chosen === 'side' || chosen === 'stacked' ? chosen : innerWidth < 900 ? 'stacked' : 'side';
  const page = useRows(table, state, { after, first: Number(size) });
  const all = page.data?.rows?.nodes ?? [];
  const shown = only === 'differences' ? all.filter(({ status }) => status !== 'SAME') : all;
  return (
    <>
      <Toolbar table={table} state={state} />
      <div class={row === '' ? 'rows' : 'rows with-open'}>
        <section class="card rows-card" aria-busy={page.isLoading}>
          <Pager
            page={page.data?.rows ?? null}
            trail={JSON.stringify([table.many, state, size])}
            size={size}
            layout={layout}
          />
          <Failure errors={page.errors} retry={page.reload} />
          {page.isLoading && <Skeleton lines={14} />}
          {page.data?.rows?.unavailable.map((cloud) => (
            <p key={cloud} class="banner">
              {cloud} does not answer: rows are shown as the other cloud has them.
            </p>
          ))}
          {page.data?.rows && shown.length === 0 && (
            <Notice kind="empty" title={all.length === 0 ? 'No row matches' : 'Nothing on this page differs'}>
              <p>
                {all.length === 0
                  ? 'Neither cloud has a row for this search and these filters.'
                  : `${plural(all.length, 'row')} of this page are the same in both clouds. Parity compares all of them.`}
              </p>
            </Notice>
          )}
          {shown.length > 0 && <RowGrid table={table} rows={shown} layout={layout} order={state.order} />}
        </section>
        {row !== '' && <OpenRow key={row} table={table} rowKey={row} />}
      </div>
    </>
  );
}

function Pager({
  page,
  trail,
  size,
  layout,
}: {
  readonly page: RowsPage['rows'];
  /** What the pages belong to. */
  readonly trail: string;
  readonly size: string;
  readonly layout: RowLayout;
}) {
  const { after = '', only = '' } = route.value.params;
  const before = passed.get(trail) ?? [];
  const nodes = page?.nodes ?? [];
  const differing = nodes.filter(({ status }) => status !== 'SAME').length;
  const next = () => {
    passed.set(trail, [...before, after]);
    setParams({ after: page?.pageInfo.endCursor ?? '' });
  };
  const back = () => {
    passed.set(trail, before.slice(0, -1));
    setParams({ after: before.at(-1) ?? '' });
  };
  return (
    <div class="pager">
      <p class="summary" role="status">
        {page !== null && (
          <>
            {plural(nodes.length, 'row')}
            {', '}
            <b class={differing > 0 ? 'alarm' : ''}>
              {differing === 0 ? 'all the same' : `${differing} not the same`}
            </b>
          </>
        )}
      </p>
      <label class="check">
        <input
          type="checkbox"
          checked={only === 'differences'}
          onChange={({ currentTarget }) => setParams({ only: currentTarget.checked ? 'differences' : '' })}
        />
        Differences only
      </label>
      <button type="button" onClick={() => setParams({ layout: layout === 'side' ? 'stacked' : 'side' })}>
        {layout === 'side' ? 'Stack' : 'Side by side'}
      </button>
      <select
        aria-label="Rows of a page"
        value={size}
        onChange={({ currentTarget }) => setParams({ size: currentTarget.value, after: '' })}
      >
        {pageSizes.map((one) => (
          <option key={one} value={one}>
            {one} rows
          </option>
        ))}
      </select>
      <span class="steps">
        <button type="button" disabled={after === ''} onClick={back}>
          ‹ Back
        </button>
        <button type="button" disabled={!page?.pageInfo.hasNextPage} onClick={next}>
          Next ›
        </button>
      </span>
    </div>
  );
}
