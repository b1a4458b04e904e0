import type { ApiTable } from '../api/tables.ts';
import { setParams } from '../route.ts';
import type { Cloud } from '../ui/cloud.tsx';
import { isOrderable } from './filters.ts';

/** A column's name, which orders by it: ascending, descending, by key again. */
export function Head({
  table,
  name,
  order,
  edge,
  numeric = false,
}: {
  readonly table: ApiTable;
  readonly name: string;
  readonly order: string;
  readonly edge?: Cloud | undefined;
  readonly numeric?: boolean;
}) {
  const [column, direction] = order.split(':');
  const isSorted = column === name;
  const classes = [edge && `edge ${edge.toLowerCase()}`, numeric && 'number'].filter(Boolean).join(' ');
  const sort = isSorted ? (direction === 'ASC' ? 'ascending' : 'descending') : undefined;
  const next = !isSorted ? `${name}:ASC` : direction === 'ASC' ? `${name}:DESC` : '';
  return (
    <th scope="col" class={classes} aria-sort={sort} title={name}>
      {isOrderable(table, name) && !table.parents.some((parent) => parent.name === name) ? (
        <button
          type="button"
          class="plain sort"
          onClick={() => setParams({ order: next, after: '', from: '' })}
        >
          {name}
          <span aria-hidden="true">{isSorted ? (direction === 'ASC' ? ' ↑' : ' ↓') : ''}</span>
        </button>
      ) : (
        name
      )}
    </th>
  );
}
