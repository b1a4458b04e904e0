import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { type ApiTable, apiTables, labelOf } from '../api/tables.ts';
import { plural } from '../format.ts';
import { type Route, route } from '../route.ts';
import { NeedsSchema } from '../ui/needs-schema.tsx';
import { Failure, Notice, Skeleton } from '../ui/notice.tsx';
import { TableLinks } from '../ui/table-links.tsx';
import { parseFilters, type RowsState } from './filters.ts';
import { KeylessRows } from './keyless-rows.tsx';
import { NoRows } from './no-rows.tsx';
import { Pager } from './pager.tsx';
import { OpenRow } from './row-details.tsx';
import { RowGrid } from './row-grid.tsx';
import { pageSizes, type RowLayout, type RowsProps, useRows } from './rows.ts';
import { Toolbar } from './toolbar.tsx';

const narrow = matchMedia('(max-width: 899px)');
const isNarrow = signal(narrow.matches);
narrow.addEventListener('change', ({ matches }) => {
  isNarrow.value = matches;
});

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
  const { table: wanted = '' } = route.value.params;
  const table = wanted === '' ? tables[0] : tables.find(({ many }) => many === wanted);
  if (tables.length === 0) {
    return <Notice kind="forbidden" title="Your role may not read any table of both clouds" />;
  }
  if (table === undefined) return <NoSuchTable name={wanted} />;
  const state = stateOf(route.value.params);
  return (
    <>
      <Toolbar table={table} state={state} />
      <Rows key={table.many} table={table} state={state} />
    </>
  );
}

const stateOf = (params: Route['params']): RowsState => ({
  filters: parseFilters(params.filters),
  search: params.search ?? '',
  order: params.order ?? '',
  from: params.from ?? '',
});

function NoSuchTable({ name }: { readonly name: string }) {
  return (
    <Notice kind="empty" title={`There is no table ${name}, or your role may not read it`}>
      <TableLinks />
    </Notice>
  );
}

function Rows({ table, state }: { readonly table: ApiTable; readonly state: RowsState }) {
  const { layout: chosen = '', row = '', size: wanted = '' } = route.value.params;
  const size = pageSizes.find((one) => one === wanted) ?? '50';
  const layout: RowLayout =
    chosen === 'side' || chosen === 'stacked' ? chosen : isNarrow.value ? 'stacked' : 'side';
  const props = { table, state, size, layout };
  return (
    <div class={row === '' ? 'rows' : 'rows with-open'}>
      {table.compared === undefined ? <KeylessRows {...props} /> : <AlignedRows {...props} />}
      {row !== '' && <OpenRow key={`${table.many} ${row}`} table={table} rowKey={row} />}
    </div>
  );
}

function AlignedRows({ table, state, size, layout }: RowsProps) {
  const { after = '', only = '' } = route.value.params;
  const page = useRows(table, state, { after, first: Number(size) }, only === 'differences');
  const rows = page.data?.rows ?? null;
  const nodes = rows?.nodes;
  const notSame = useMemo(() => (nodes ?? []).filter(({ status }) => status !== 'SAME'), [nodes]);
  const shown = only === 'differences' ? notSame : (nodes ?? []);
  const count = rows?.looked ?? rows?.nodes.length ?? 0;
  const unknown = notSame.filter(({ status }) => status === 'UNKNOWN').length;
  const differing = notSame.length - unknown;
  const next = rows?.pageInfo.hasNextPage ? (rows.pageInfo.endCursor ?? '') : '';
  return (
    <section class="card rows-card" aria-busy={page.isLoading}>
      <Pager
        table={table}
        trail={JSON.stringify([table.many, state, size])}
        size={size}
        isLoading={page.isLoading}
        layout={layout}
        next={next}
      >
        {rows !== null && (
          <>
            {plural(count, 'row')}
            {count > 0 && ', '}
            {count > unknown && (
              <b class={differing > 0 ? 'alarm' : ''}>
                {differing === 0 ? 'all the same' : `${differing} not the same`}
              </b>
            )}
            {unknown > 0 && `${unknown} not compared`}
          </>
        )}
      </Pager>
      <Failure errors={page.errors} retry={page.reload} />
      {page.isLoading && page.data === null && <Skeleton lines={14} />}
      {rows?.unavailable.map((cloud) => (
        <p key={cloud} class="banner">
          {cloud} does not answer: rows are shown as the other cloud has them.
        </p>
      ))}
      {rows && shown.length === 0 && (
        <NoRows
          state={state}
          count={count}
          isFirst={after === ''}
          isLast={next === ''}
          label={labelOf(table.many)}
        />
      )}
      {shown.length > 0 && <RowGrid table={table} rows={shown} layout={layout} order={state.order} />}
    </section>
  );
}
