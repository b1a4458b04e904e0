import { keyLabel, keyToText } from '../api/keys.ts';
import type { FieldInfo } from '../api/schema.ts';
import { type ApiTable, labelOf } from '../api/tables.ts';
import { route, setParams } from '../route.ts';
import { type Cloud, CloudName, clouds } from '../ui/cloud.tsx';
import { Scroll } from '../ui/scroll.tsx';
import { CellValue, isNumeric, titleOf } from './cell.tsx';
import { shownFields } from './columns.ts';
import { isOrderable } from './filters.ts';
import type { CloudRow, RowLayout, RowPair } from './rows.ts';

interface Props {
  readonly table: ApiTable;
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
  const differing = new Set(rows.flatMap((row) => row.differing));
  const fields = shownFields(table, differing, route.value.params.columns === 'all');
  return (
    <Scroll
      label={`${labelOf(table.many)} of both clouds`}
      name={`grid-scroll ${layout}`}
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

function SideBySide({ table, rows, order, fields }: GridProps) {
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
          <Head table={table} name="key" order={order} numeric={isNumber(rows[0])} />
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
        {rows.map((row) => (
          <tr
            key={keyToText(row.key)}
            class={row.status.toLowerCase()}
            aria-selected={isOpen(row) || undefined}
          >
            <KeyCell row={row} />
            <td>
              <Status status={row.status} />
            </td>
            <Cells cloud="AZURE" row={row} fields={fields} />
            <Cells cloud="GCP" row={row} fields={fields} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Stacked({ table, rows, order, fields }: GridProps) {
  return (
    <table class="grid">
      <thead>
        <tr>
          <Head table={table} name="key" order={order} numeric={isNumber(rows[0])} />
          <th scope="col">In</th>
          {fields.map((field) => (
            <Head key={field.name} table={table} name={field.name} order={order} numeric={isNumeric(field)} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.flatMap((row) =>
          row.status === 'SAME' || row.status === 'UNKNOWN' ? (
            <tr key={keyToText(row.key)} class="same" aria-selected={isOpen(row) || undefined}>
              <KeyCell row={row} />
              <td>
                <Status status={row.status} />
              </td>
              <Cells cloud={row.azure === null ? 'GCP' : 'AZURE'} row={row} fields={fields} />
            </tr>
          ) : (
            clouds.map((cloud, at) => (
              <tr
                key={`${keyToText(row.key)} ${cloud}`}
                class={`${row.status.toLowerCase()} ${at === 0 ? 'first' : 'second'}`}
              >
                {at === 0 && <KeyCell row={row} span={2} />}
                <td>
                  <CloudName cloud={cloud} />
                </td>
                <Cells cloud={cloud} row={row} fields={fields} />
              </tr>
            ))
          ),
        )}
      </tbody>
    </table>
  );
}

/** Digits stand under digits, and letters begin at one edge. */
const isNumber = (row: RowPair | undefined) => typeof row?.key === 'number';

const isOpen = ({ key }: RowPair) => route.value.params.row === keyToText(key);

function KeyCell({ row, span }: { readonly row: RowPair; readonly span?: number }) {
  return (
    <th scope="row" class={isNumber(row) ? 'key-cell number' : 'key-cell'} rowSpan={span}>
      <button
        type="button"
        class="plain"
        data-key={keyToText(row.key)}
        title={keyLabel(row.key)}
        onClick={() => setParams({ row: keyToText(row.key) })}
      >
        <span class="hidden-text">Open row </span>
        {keyLabel(row.key)}
      </button>
    </th>
  );
}

const words = {
  SAME: ['same', 'quiet'],
  DIFFERENT: ['differs', 'bad'],
  ONLY_AZURE: ['only AZURE', 'warn'],
  ONLY_GCP: ['only GCP', 'warn'],
  UNKNOWN: ['unknown', 'quiet'],
} as const;

function Status({ status }: { readonly status: RowPair['status'] }) {
  const [word, tone] = words[status];
  return <span class={`word ${tone}`}>{word}</span>;
}

function Cells({
  cloud,
  row,
  fields,
}: {
  readonly cloud: Cloud;
  readonly row: RowPair;
  readonly fields: readonly FieldInfo[];
}) {
  const [own, other]: (CloudRow | null)[] = cloud === 'AZURE' ? [row.azure, row.gcp] : [row.gcp, row.azure];
  if (!own) {
    return (
      <td class={`missing edge ${cloud.toLowerCase()}`} colSpan={fields.length}>
        {row.status === 'UNKNOWN' ? `${cloud} did not answer` : `not in ${cloud}`}
      </td>
    );
  }
  return (
    <>
      {fields.map((field, at) => {
        const differs = row.differing.includes(field.name);
        const classes = [
          at === 0 && `edge ${cloud.toLowerCase()}`,
          differs && 'differs',
          isNumeric(field) && 'number',
        ];
        return (
          <td
            key={field.name}
            class={classes.filter(Boolean).join(' ')}
            title={titleOf(field, own[field.name])}
          >
            {differs && <span class="hidden-text">differs: </span>}
            <CellValue
              field={field}
              value={own[field.name]}
              {...(differs && { other: other?.[field.name] })}
            />
          </td>
        );
      })}
    </>
  );
}

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
    <th scope="col" class={classes} aria-sort={sort}>
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
