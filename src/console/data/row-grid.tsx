import { useMemo } from 'preact/hooks';
import type { FieldInfo } from '../api/schema.ts';
import { type ApiTable, labelOf } from '../api/tables.ts';
import { route } from '../route.ts';
import { CloudName, clouds } from '../ui/cloud.tsx';
import { Scroll } from '../ui/scroll.tsx';
import { isNumeric } from './cell.tsx';
import { Head } from './column-head.tsx';
import { shownFields } from './columns.ts';
import { useSteps } from './draw-in-steps.ts';
import { isNumberKey, StackedRow, WideRow } from './grid-row.tsx';
import type { RowLayout, RowPair } from './rows.ts';

interface Props {
  readonly table: ApiTable;
  /** The same array until there are others. */
  readonly rows: readonly RowPair[];
  readonly layout: RowLayout;
  readonly order: string;
}

interface GridProps extends Props {
  readonly fields: readonly FieldInfo[];
}

/** Rows of both clouds, aligned by key: side by side, or one above the other where they differ. */
export function RowGrid(props: Props) {
  const { table, rows, layout } = props;
  const all = route.value.params.columns === 'all';
  const fields = useMemo(
    () => shownFields(table, new Set(rows.flatMap((row) => row.differing)), all),
    [table, rows, all],
  );
  return (
    <Scroll
      label={`${labelOf(table.many)} of both clouds`}
      name={`grid-scroll ${layout}`}
      content={rows}
      onKeyDown={walkRows}
    >
      {layout === 'side' ? <SideBySide {...props} fields={fields} /> : <Stacked {...props} fields={fields} />}
    </Scroll>
  );
}

/** Up, down, Home and End go from row to row; Enter opens one, as it presses any button. */
function walkRows(event: KeyboardEvent): void {
  const rows = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>('.key-cell button')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  const row = to === undefined || event.ctrlKey || event.altKey || event.metaKey ? undefined : rows[to];
  if (row === undefined) return;
  event.preventDefault();
  row.focus();
}

// Rows have no keys of their own: the elements of a page serve the next one.

function SideBySide({ table, rows, order, fields }: GridProps) {
  const drawn = useSteps(rows, 2 + 2 * fields.length);
  return (
    <table class="grid">
      <colgroup span={2} />
      <colgroup span={fields.length} class="azure" />
      <colgroup span={fields.length} class="gcp" />
      <thead>
        <tr class="clouds">
          <th colSpan={2} scope="colgroup">
            <span class="hidden-text">Key and status</span>
          </th>
          {clouds.map((cloud) => (
            <th key={cloud} colSpan={fields.length} scope="colgroup" class={cloud.toLowerCase()}>
              <CloudName cloud={cloud} />
            </th>
          ))}
        </tr>
        <tr>
          <Head table={table} name="key" order={order} numeric={isNumberKey(rows[0])} />
          <th scope="col">Status</th>
          {clouds.map((cloud) =>
            fields.map((field, at) => (
              <Head
                key={cloud + field.name}
                table={table}
                name={field.name}
                order={order}
                edge={at === 0 ? cloud : undefined}
                numeric={isNumeric(field)}
              />
            )),
          )}
        </tr>
      </thead>
      <tbody>
        {drawn.map((row, at) => (
          <WideRow key={at} row={row} fields={fields} />
        ))}
      </tbody>
    </table>
  );
}

function Stacked({ table, rows, order, fields }: GridProps) {
  const drawn = useSteps(rows, 2 + fields.length);
  return (
    <table class="grid">
      <thead>
        <tr>
          <Head table={table} name="key" order={order} numeric={isNumberKey(rows[0])} />
          <th scope="col">In</th>
          {fields.map((field) => (
            <Head key={field.name} table={table} name={field.name} order={order} numeric={isNumeric(field)} />
          ))}
        </tr>
      </thead>
      <tbody>
        {drawn.map((row, at) => (
          <StackedRow key={at} row={row} fields={fields} />
        ))}
      </tbody>
    </table>
  );
}
