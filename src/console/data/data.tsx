import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { type ApiTable, apiTables, labelOf } from '../api/tables.ts';
import { plural } from '../format.ts';
import { hrefOf, type Route, route } from '../route.ts';
import { NeedsSchema } from '../ui/needs-schema.tsx';
import { Failure, Notice, Skeleton } from '../ui/notice.tsx';
import { parseFilters, type RowsState } from './filters.ts';
import { KeylessRows } from './keyless-rows.tsx';
import { NoRows } from './no-rows.tsx';
import { OpenRow } from './open-row.tsx';
import { Pager } from './pager.tsx';
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
  if (table === undefined) return <NoSuchTable name={wanted} tables={tables} />;
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

function NoSuchTable({ name, tables }: { readonly name: string; readonly tables: readonly ApiTable[] }) {
  return (
    <Notice kind="empty" title={`There is no table ${name}, or your role may not read it`}>
      <ul class="table-links">
        {tables.map(({ many }) => (
          <li key={many}>
            <a href={hrefOf('data', { table: many })}>{labelOf(many)}</a>
          </li>
        ))}
      </ul>
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
  const page = useRows(table, state, { after, first: Number(size) });
  const rows = page.data?.rows ?? null;
  const all = rows?.nodes ?? [];
  const nodes = rows?.nodes;
  const shown = useMemo(
    () => (only === 'differences' ? (nodes ?? []).filter(({ status }) => status !== 'SAME') : (nodes ?? [])),
    [nodes, only],
  );
  const unknown = all.filter(({ status }) => status === 'UNKNOWN').length;
  const differing = all.filter(({ status }) => status !== 'SAME').length - unknown;
  return (
    <section class="card rows-card" aria-busy={page.isLoading}>
      <Pager
        table={table}
        trail={JSON.stringify([table.many, state, size])}
        size={size}
        isLoading={page.isLoading}
        layout={layout}
        next={rows?.pageInfo.hasNextPage ? (rows.pageInfo.endCursor ?? '') : ''}
      >
        {rows !== null && (
          <>
            {plural(all.length, 'row')}
            {all.length > 0 && ', '}
            {all.length > unknown && (
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
        <NoRows state={state} count={all.length} isFirst={after === ''} label={labelOf(table.many)} />
      )}
      {shown.length > 0 && <RowGrid table={table} rows={shown} layout={layout} order={state.order} />}
    </section>
  );
}
