import { plural } from '../format.ts';
import { hrefOf, setParams } from '../route.ts';
import { Notice } from '../ui/notice.tsx';
import type { RowsState } from './filters.ts';

/** Why there is no row to show. */
export function NoRows({
  state: { filters, search, from },
  count,
  isFirst,
  isLast,
  label,
}: {
  readonly state: RowsState;
  /** Rows of the page that are not shown since they are the same in both clouds. */
  readonly count: number;
  readonly isFirst: boolean;
  /** Whether no row is behind the page. */
  readonly isLast: boolean;
  readonly label: string;
}) {
  if (count > 0) {
    return (
      <Notice kind="empty" title="Nothing on this page differs">
        <p>
          {plural(count, 'row')} {count === 1 ? 'is' : 'are'} the same in both clouds
          {isLast ? ', and there are no more.' : '. “Next” looks further.'}{' '}
          <a href={hrefOf('parity')}>Parity</a> compares all tables.
        </p>
        <p class="notice-foot">
          <button type="button" onClick={() => setParams({ only: '' })}>
            Show them
          </button>
        </p>
      </Notice>
    );
  }
  const isWhole = filters.every(([, , text]) => text === '') && search === '' && from === '';
  if (isWhole && isFirst) {
    return (
      <Notice kind="empty" title={`${label}: no row in either cloud`}>
        <p>
          Both tables are there, and both are empty. Rows come by mutations, which{' '}
          <a href={hrefOf('explore')}>Explore</a> can send.
        </p>
      </Notice>
    );
  }
  return (
    <Notice kind="empty" title="No row matches">
      <p>
        {isWhole
          ? 'Neither cloud has a row behind this place.'
          : 'Neither cloud has a row for this search and these filters.'}
      </p>
      <p class="notice-foot">
        <button type="button" onClick={() => setParams({ search: '', filters: '', from: '', after: '' })}>
          Show all rows
        </button>
      </p>
    </Notice>
  );
}
