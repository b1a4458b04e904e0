import type { ComponentChildren } from 'preact';
import type { ApiTable } from '../api/tables.ts';
import { route, setParams } from '../route.ts';
import { hiddenColumns } from './columns.ts';
import { pageSizes, type RowLayout } from './rows.ts';

/** The cursor before each, by what the pages belong to and the cursor: the API goes forward. */
const before = new Map<string, string>();

/** The range of the page, its layout, and the way to other pages. */
export function Pager({
  table,
  trail,
  size,
  layout,
  next,
  isLoading,
  children,
}: {
  readonly table: ApiTable;
  /** The identity of the list that the pages belong to. */
  readonly trail: string;
  readonly size: string;
  /** Undefined where rows are not aligned. */
  readonly layout?: RowLayout;
  /** The cursor of the next page; empty where there is none. */
  readonly next: string;
  /** Whether what is shown is still the page before. */
  readonly isLoading: boolean;
  /** The page's range in words. */
  readonly children: ComponentChildren;
}) {
  const { after = '', only = '', columns = '' } = route.value.params;
  const goOn = () => {
    before.set(`${trail} ${next}`, after);
    setParams({ after: next });
  };
  const goBack = () => setParams({ after: before.get(`${trail} ${after}`) ?? '' });
  const hidden = hiddenColumns(table);
  return (
    <div class="pager">
      <p class="summary" role="status">
        {children}
      </p>
      {hidden > 0 && (
        <button
          type="button"
          aria-pressed={columns === 'all'}
          title="Columns that differ are always shown"
          onClick={() => setParams({ columns: columns === 'all' ? '' : 'all' })}
        >
          {columns === 'all' ? 'Fewer columns' : `${hidden} more columns`}
        </button>
      )}
      {layout !== undefined && (
        <>
          <label class="check">
            <input
              type="checkbox"
              checked={only === 'differences'}
              onChange={({ currentTarget }) =>
                setParams({ only: currentTarget.checked ? 'differences' : '' })
              }
            />
            Differences only
          </label>
          <button type="button" onClick={() => setParams({ layout: layout === 'side' ? 'stacked' : 'side' })}>
            {layout === 'side' ? 'Stack' : 'Side by side'}
          </button>
        </>
      )}
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
        <Step isOpen={after !== '' && !isLoading} go={goBack}>
          ‹ Back
        </Step>
        <Step isOpen={next !== '' && !isLoading} go={goOn}>
          Next ›
        </Step>
      </span>
    </div>
  );
}

/** A button that keeps the keyboard's place where it has nothing to do: one that is disabled would lose it. */
function Step({
  isOpen,
  go,
  children,
}: {
  readonly isOpen: boolean;
  readonly go: () => void;
  readonly children: ComponentChildren;
}) {
  return (
    <button type="button" aria-disabled={!isOpen} onClick={() => isOpen && go()}>
      {children}
    </button>
  );
}
