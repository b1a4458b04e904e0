import { useLayoutEffect, useRef } from 'preact/hooks';
import { keyLabel, keyOfText, keyToText } from '../api/keys.ts';
import type { FieldInfo } from '../api/schema.ts';
import { type ApiTable, apiTables, labelOf } from '../api/tables.ts';
import { hrefOf, setParams } from '../route.ts';
import { CloudHeads, clouds } from '../ui/cloud.tsx';
import { Failure, Notice, Skeleton } from '../ui/notice.tsx';
import { cellText, isSame, long, textOf, WholeValue } from './cell.tsx';
import { RelatedRows } from './related-rows.tsx';
import { type CloudRow, type OneRow, useRow } from './rows.ts';

/** Whether the row before had the focus, as where a link of it led to this one: the keyboard goes on here. */
let isFollowed = false;

/** One row, field by field, and the rows that belong to it. */
export function OpenRow({ table, rowKey }: { readonly table: ApiTable; readonly rowKey: string }) {
  const row = useRow(table, apiTables.value, rowKey);
  const { data } = row;
  const name = keyLabel(keyOfText(table.keyParts, rowKey));
  const place = useRef<HTMLElement>(null);
  // Of a row that was opened by hand, and not by its address: below the grid, it may be out of sight. An effect of another kind
  // ends when the elements are gone, and the focus with them.
  useLayoutEffect(() => {
    const aside = place.current;
    if (isFollowed || document.activeElement?.closest('.key-cell')) aside?.focus();
    return () => {
      isFollowed = aside?.contains(document.activeElement) === true;
    };
  }, []);
  const close = () => {
    setParams({ row: '' });
    document.querySelector<HTMLElement>(`[data-key="${CSS.escape(rowKey)}"]`)?.focus();
  };
  // Before the first paint, so that Escape closes the row as soon as it shows.
  useLayoutEffect(() => {
    const onKey = ({ key, target }: KeyboardEvent) => {
      // In a field, Escape is the field's.
      if (key === 'Escape' && !(target as Element).matches('input, select, textarea')) close();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
  return (
    <aside ref={place} class="card open-row" tabIndex={-1} aria-label={`${table.type} ${name}`}>
      <header>
        <h2 title={name}>
          {labelOf(table.type)} {name}
        </h2>
        <button type="button" title="Escape" onClick={close}>
          Close
        </button>
      </header>
      <Failure errors={row.errors} retry={row.reload} />
      {row.isLoading && <Skeleton lines={8} />}
      {data && data.azure === null && data.gcp === null && row.errors.length === 0 && (
        <Notice kind="empty" title="Neither cloud has this row" />
      )}
      {data && (data.azure ?? data.gcp) && (
        <>
          <Fields table={table} row={data} isWhole={row.errors.length === 0} />
          {table.lists.map(({ name: list, type }) => (
            <RelatedRows key={list} name={list} type={type.name} row={data} />
          ))}
        </>
      )}
    </aside>
  );
}

function Fields({
  table,
  row,
  isWhole,
}: {
  readonly table: ApiTable;
  readonly row: OneRow;
  /** Whether both clouds have answered. */
  readonly isWhole: boolean;
}) {
  const fields = [...table.columns, ...table.parents];
  return (
    <table class="list fields">
      <CloudHeads first="Field" />
      <tbody>
        {fields.map((field) => {
          const { name } = field;
          const both = row.azure !== null && row.gcp !== null;
          const differs = both && !isSame(row.azure?.[name], row.gcp?.[name]);
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              {[row.azure, row.gcp].map((side, at) => (
                <td key={clouds[at]} class={differs ? 'differs' : ''}>
                  {differs && <span class="hidden-text">differs: </span>}
                  {side === null ? (
                    <i class="null">{isWhole ? 'no row' : 'no answer'}</i>
                  ) : (
                    <>
                      {differs && <LateDifference field={field} sides={[row.azure, row.gcp]} at={at} />}
                      <Linked field={field} value={side[name]} />
                    </>
                  )}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Where long texts part out of sight, from there on; and what tells texts apart that look the same. */
function LateDifference({
  field,
  sides,
  at,
}: {
  readonly field: FieldInfo;
  readonly sides: readonly (CloudRow | null)[];
  readonly at: number;
}) {
  const [own, other] = [sides[at]?.[field.name], sides[1 - at]?.[field.name]];
  const excerpt = cellText(field, own, other);
  if (typeof excerpt !== 'string') return null;
  const isShown = excerpt.startsWith('…')
    ? textOf(field, own).length <= long
    : excerpt === cellText(field, own);
  return isShown ? null : <p class="late-difference">{excerpt}</p>;
}

/** A value; a parent's key leads to its row. */
function Linked({ field, value }: { readonly field: FieldInfo; readonly value: unknown }) {
  const table = apiTables.value.find((one) => one.type === field.type.name);
  const { key } = Object(value) as { readonly key?: unknown };
  if (table === undefined || key === undefined) return <WholeValue field={field} value={value} />;
  return <a href={hrefOf('data', { table: table.many, row: keyToText(key) })}>{textOf(field, value)}</a>;
}
