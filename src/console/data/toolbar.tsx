import { useEffect, useRef, useState } from 'preact/hooks';
import { canJump, keyOfText, keyToText } from '../api/keys.ts';
import { type ApiTable, apiTables, labelOf } from '../api/tables.ts';
import { route, setParams } from '../route.ts';
import { FilterRow } from './filter-row.tsx';
import { type ColumnFilter, filterable, operatorsOf, type RowsState, searchable } from './filters.ts';

/** Which table, which rows: all of it goes into the address. */
export function Toolbar({ table, state }: { readonly table: ApiTable; readonly state: RowsState }) {
  const [search, setSearch] = useState(state.search);
  useEffect(() => setSearch(state.search), [state.search]);
  const adds = useRef<HTMLButtonElement>(null);
  /** The place of the filter that was added last. */
  const [added, setAdded] = useState(-1);
  const setFilters = (filters: readonly ColumnFilter[]) =>
    setParams({ filters: filters.length === 0 ? '' : JSON.stringify(filters), after: '' });
  const add = () => {
    const [column = 'key'] = filterable(table).filter((name) => name !== 'key');
    setFilters([...state.filters, [column, operatorsOf(table, column)[0] ?? 'eq', '']]);
    setAdded(state.filters.length);
  };
  const remove = (at: number) => {
    setFilters(state.filters.filter((_, place) => place !== at));
    setAdded(-1);
    adds.current?.focus();
  };
  return (
    <form
      class="card toolbar"
      onSubmit={(event) => {
        event.preventDefault();
        setParams({ search, after: '' });
      }}
    >
      <label>
        <span>Table</span>
        <select
          value={table.many}
          onChange={({ currentTarget }) => {
            const { layout = '', only = '' } = route.value.params;
            location.hash = `#/data?${new URLSearchParams({ table: currentTarget.value, ...(layout && { layout }), ...(only && { only }) })}`;
          }}
        >
          {apiTables.value
            .map(({ many }) => [labelOf(many), many] as const)
            .toSorted(([one], [other]) => one.localeCompare(other))
            .map(([label, many]) => (
              <option key={many} value={many}>
                {label}
              </option>
            ))}
        </select>
      </label>
      {(searchable(table).length > 0 || state.search !== '') && (
        <>
          <label class="grow">
            <span>Search in all texts</span>
            <input
              type="search"
              value={search}
              onInput={({ currentTarget }) => setSearch(currentTarget.value)}
            />
          </label>
          <button type="submit">Search</button>
        </>
      )}
      <button ref={adds} type="button" onClick={add}>
        Add filter
      </button>
      {table.keyParts.length > 0 && (
        <label>
          <span>{canJump(table.keyParts) ? 'From key' : 'Open key'}</span>
          <input
            class="short"
            value={state.from}
            placeholder={table.keyParts.map(({ path }) => path.at(-1)).join(', ')}
            onChange={({ currentTarget: { value } }) => {
              if (canJump(table.keyParts)) setParams({ from: value, after: '', order: '' });
              else setParams({ row: value === '' ? '' : keyToText(keyOfText(table.keyParts, value)) });
            }}
          />
        </label>
      )}
      {state.filters.map((filter, at) => (
        <FilterRow
          key={at}
          table={table}
          filter={filter}
          change={(changed) => setFilters(state.filters.map((one, place) => (place === at ? changed : one)))}
          isNew={at === added}
          remove={() => remove(at)}
        />
      ))}
    </form>
  );
}
