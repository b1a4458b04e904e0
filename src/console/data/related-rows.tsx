import { keyLabel, keyToText } from '../api/keys.ts';
import { type ApiTable, apiTables, labelOf } from '../api/tables.ts';
import { formatCount } from '../format.ts';
import { hrefOf } from '../route.ts';
import { Scroll } from '../ui/scroll.tsx';
import { cellText, isNumeric, isSame, titleOf } from './cell.tsx';
import type { CloudRow, OneRow } from './rows.ts';

interface List {
  readonly totalCount: number;
  readonly nodes: readonly (CloudRow | null)[];
}

/** Columns of a related row that are shown: all of them are behind its key. */
const mostColumns = 3;

/** The first rows of a relation, of both clouds by key. */
export function RelatedRows({
  name,
  type,
  row,
}: {
  readonly name: string;
  readonly type: string;
  readonly row: OneRow;
}) {
  const table = apiTables.value.find((one) => `${one.type}Connection` === type);
  const [azure, gcp] = [row.azure?.[name] as List | undefined, row.gcp?.[name] as List | undefined];
  const [ofAzure, ofGcp] = [namedRows(azure), namedRows(gcp)];
  const names = [...new Set([...ofAzure.keys(), ...ofGcp.keys()])];
  const count = (list: List | undefined) => (list === undefined ? 'none' : formatCount(list.totalCount));
  const more = Math.max(azure?.totalCount ?? 0, gcp?.totalCount ?? 0) > names.length;
  const shown = (table?.columns ?? []).slice(0, mostColumns);
  return (
    <section>
      <h3>
        {labelOf(name)}{' '}
        <small class="quiet">
          {count(azure)} in AZURE, {count(gcp)} in GCP
          {more && names.length > 0 && `; the first ${names.length}`}
        </small>
      </h3>
      {names.length > 0 && (
        <Scroll label={labelOf(name)}>
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{isKeyed(table) ? 'key' : '#'}</th>
                <th scope="col">
                  <span class="hidden-text">Status</span>
                </th>
                {shown.map((field) => (
                  <th key={field.name} scope="col" class={isNumeric(field) ? 'number' : ''}>
                    {field.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {names.map((one, at) => (
                <RelatedRow
                  key={one}
                  table={table}
                  number={at + 1}
                  azure={ofAzure.get(one)}
                  gcp={ofGcp.get(one)}
                />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}

function RelatedRow({
  table,
  number,
  azure,
  gcp,
}: {
  readonly table: ApiTable | undefined;
  readonly number: number;
  readonly azure: CloudRow | undefined;
  readonly gcp: CloudRow | undefined;
}) {
  const row = azure ?? gcp;
  const differs = azure === undefined || gcp === undefined || !isSame(azure, gcp);
  const word = azure === undefined ? 'only GCP' : gcp === undefined ? 'only AZURE' : differs ? 'differs' : '';
  const label = row?.key === undefined ? `${number}` : keyLabel(row.key);
  return (
    <tr class={differs ? 'differs' : ''}>
      <th scope="row">
        {table && row?.key !== undefined ? (
          <a href={hrefOf('data', { table: table.many, row: keyToText(row.key) })}>{label}</a>
        ) : (
          label
        )}
      </th>
      <td class="nowrap">{word}</td>
      {(table?.columns ?? []).slice(0, mostColumns).map((field) => (
        <td
          key={field.name}
          class={isNumeric(field) ? 'clip number' : 'clip'}
          title={titleOf(field, row?.[field.name])}
        >
          {cellText(field, row?.[field.name])}
        </td>
      ))}
    </tr>
  );
}

const isKeyed = (table: ApiTable | undefined) => table === undefined || table.keyParts.length > 0;

/** Rows by what tells them from the others: their key, or all that they say and which of the same it is. */
function namedRows(list: List | undefined): Map<string, CloudRow> {
  const named = new Map<string, CloudRow>();
  for (const row of list?.nodes ?? []) {
    if (row === null) continue;
    const { source: _, ...said } = row;
    const name = row.key === undefined ? JSON.stringify(said) : keyToText(row.key);
    let copy = name;
    for (let at = 2; named.has(copy); at += 1) copy = `${name} ${at}`;
    named.set(copy, row.key === undefined ? said : row);
  }
  return named;
}
