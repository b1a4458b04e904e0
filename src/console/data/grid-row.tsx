import { computed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { keyLabel, keyToText } from '../api/keys.ts';
import type { FieldInfo } from '../api/schema.ts';
import { route, setParams } from '../route.ts';
import { type Cloud, CloudName, clouds } from '../ui/cloud.tsx';
import { cellText, isNumeric, titleOf } from './cell.tsx';
import type { CloudRow, RowPair } from './rows.ts';

interface RowProps {
  readonly row: RowPair;
  /** The same array for all rows: a row with the same properties is not drawn again. */
  readonly fields: readonly FieldInfo[];
}

/** Whether a row is the open one: drawn anew are the one that was, and the one that is. */
const useOpen = (key: string) =>
  useMemo(() => computed(() => route.value.params.row === key || undefined), [key]).value;

/** A row of both clouds, side by side. */
export function WideRow({ row, fields }: RowProps) {
  const key = keyToText(row.key);
  return (
    <tr class={row.status.toLowerCase()} aria-selected={useOpen(key)}>
      <KeyCell row={row} />
      <td>{statusWord(row.status)}</td>
      {cellsOf('AZURE', row, fields)}
      {cellsOf('GCP', row, fields)}
    </tr>
  );
}

/** A row of both clouds: one line where they are the same, else one above the other. */
export function StackedRow({ row, fields }: RowProps) {
  const isOpen = useOpen(keyToText(row.key));
  if (row.status === 'SAME' || row.status === 'UNKNOWN') {
    return (
      <tr class="same" aria-selected={isOpen}>
        <KeyCell row={row} />
        <td>{statusWord(row.status)}</td>
        {cellsOf(row.azure === null ? 'GCP' : 'AZURE', row, fields)}
      </tr>
    );
  }
  return (
    <>
      {clouds.map((cloud, at) => (
        <tr
          key={cloud}
          class={`${row.status.toLowerCase()} ${at === 0 ? 'first' : 'second'}`}
          aria-selected={isOpen}
        >
          {at === 0 && <KeyCell row={row} span={2} />}
          <td>
            <CloudName cloud={cloud} />
          </td>
          {cellsOf(cloud, row, fields)}
        </tr>
      ))}
    </>
  );
}

/** Digits stand under digits, and letters begin at one edge. */
export const isNumberKey = (row: RowPair | undefined) => typeof row?.key === 'number';

function KeyCell({ row, span }: { readonly row: RowPair; readonly span?: number }) {
  const key = keyToText(row.key);
  const label = keyLabel(row.key);
  return (
    <th scope="row" class={isNumberKey(row) ? 'key-cell number' : 'key-cell'} rowSpan={span}>
      <button
        type="button"
        class="plain"
        data-key={key}
        title={label}
        onClick={() => setParams({ row: key })}
      >
        <span class="hidden-text">Open row </span>
        {label}
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

function statusWord(status: RowPair['status']) {
  const [word, tone] = words[status];
  return <span class={`word ${tone}`}>{word}</span>;
}

/** The cells of one cloud: elements alone, as a page has thousands, and a component for each would take most of its time. */
function cellsOf(cloud: Cloud, row: RowPair, fields: readonly FieldInfo[]) {
  const [own, other]: (CloudRow | null)[] = cloud === 'AZURE' ? [row.azure, row.gcp] : [row.gcp, row.azure];
  const edge = `edge ${cloud.toLowerCase()}`;
  if (!own) {
    return (
      <td key={cloud} class={`missing ${edge}`} colSpan={fields.length}>
        {row.status === 'UNKNOWN' ? `${cloud} did not answer` : `not in ${cloud}`}
      </td>
    );
  }
  const { differing } = row;
  return fields.map((field, at) => {
    const { name } = field;
    const value = own[name];
    const differs = differing.length > 0 && differing.includes(name);
    const classes = `${at === 0 ? edge : ''}${isNumeric(field) ? ' number' : ''}${differs ? ' differs' : ''}`;
    return (
      <td key={cloud + name} class={classes} title={titleOf(field, value)}>
        {differs && <span class="hidden-text">differs: </span>}
        {cellText(field, value, differs ? other?.[name] : undefined)}
      </td>
    );
  });
}
