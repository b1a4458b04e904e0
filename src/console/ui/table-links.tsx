import { apiTables, labelOf } from '../api/tables.ts';
import { hrefOf } from '../route.ts';

/** The way to the rows of each table, or to those that differ. */
export function TableLinks({ only = '' }: { readonly only?: 'differences' | '' }) {
  return (
    <ul class="table-links">
      {apiTables.value.map(({ many }) => (
        <li key={many}>
          <a href={hrefOf('data', { table: many, only })}>{labelOf(many)}</a>
        </li>
      ))}
    </ul>
  );
}
