import { keyLabel, keyOfText, keyToText } from '../api/keys.ts';
import { type ApiTable, apiTables, labelOf } from '../api/tables.ts';
import { formatCount } from '../format.ts';
import { hrefOf, setParams } from '../route.ts';
import { CloudHeads, clouds } from '../ui/cloud.tsx';
import { Failure, Notice, Skeleton } from '../ui/notice.tsx';
import { Scroll } from '../ui/scroll.tsx';
import { textOf, Value } from './cell.tsx';
import { type CloudRow, type OneRow, useRow } from './rows.ts';

/** One row, field by field, and the rows that belong to it. */
export function OpenRow({ table, rowKey }: { readonly table: ApiTable; readonly rowKey: string }) {
  const row = useRow(table, apiTables.value, rowKey);
  const { data } = row;
  const name = keyLabel(keyOfText(table.keyParts, rowKey));
  return (
    <aside class="card open-row" aria-label={`${table.type} ${name}`}>
      <header>
        <h2>
          {labelOf(table.one ?? table.type)} {name}
        </h2>
        <button type="button" onClick={() => setParams({ row: '' })}>
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
          <Fields table={table} row={data} />
          {table.lists.map(({ name, type }) => (
            <Related key={name} name={name} type={type.name} row={data} />
          ))}
        </>
      )}
    </aside>
  );
}

function Fields({ table, row }: { readonly table: ApiTable; readonly row: OneRow }) {
  const fields = [...table.columns, ...table.parents];
  return (
    <table class="list fields">
      <CloudHeads first="Field" />
      <tbody>
        {fields.map(({ name, type }) => {
          const both = row.azure !== null && row.gcp !== null;
          const differs = both && textOf(row.azure?.[name]) !== textOf(row.gcp?.[name]);
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              {[row.azure, row.gcp].map((side, at) => (
                <td key={clouds[at]} class={differs ? 'differs' : ''}>
                  {differs && <span class="hidden-text">differs: </span>}
                  {side === null ? (
                    <i class="null">no row</i>
                  ) : (
                    <Linked type={type.name} value={side[name]} />
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

/** A value; a parent's key leads to its row. */
function Linked({ type, value }: { readonly type: string; readonly value: unknown }) {
  const table = apiTables.value.find((one) => one.type === type);
  const { key } = Object(value) as { readonly key?: unknown };
  if (table === undefined || key === undefined) return <Value value={value} />;
  return <a href={hrefOf('data', { table: table.many, row: keyToText(key) })}>{textOf(value)}</a>;
}

interface List {
  readonly totalCount: number;
  readonly nodes: readonly (CloudRow | null)[];
}

function Related({
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
  const rowsOf = (list: List | undefined) => (list?.nodes ?? []).filter((one) => one !== null);
  const keys = [...new Set([...rowsOf(azure), ...rowsOf(gcp)].map(({ key }) => keyToText(key)))];
  const find = (list: List | undefined, key: string) =>
    rowsOf(list).find((one) => keyToText(one.key) === key);
  const shown = [...(table?.columns ?? [])].slice(0, 3);
  return (
    <section>
      <h3>
        {labelOf(name)}{' '}
        <small class="quiet">
          {formatCount(azure?.totalCount ?? 0)} in AZURE, {formatCount(gcp?.totalCount ?? 0)} in GCP
        </small>
      </h3>
      {keys.length > 0 && (
        <Scroll label={labelOf(name)}>
          <table class="list">
            <tbody>
              {keys.map((key) => {
                const [one, other] = [find(azure, key), find(gcp, key)];
                const differs = JSON.stringify(one) !== JSON.stringify(other);
                return (
                  <tr key={key} class={differs ? 'differs' : ''}>
                    <th scope="row">
                      {table ? (
                        <a href={hrefOf('data', { table: table.many, row: key })}>
                          {keyLabel((one ?? other)?.key)}
                        </a>
                      ) : (
                        keyLabel((one ?? other)?.key)
                      )}
                    </th>
                    <td class="nowrap">
                      {one === undefined
                        ? 'only GCP'
                        : other === undefined
                          ? 'only AZURE'
                          : differs
                            ? 'differs'
                            : ''}
                    </td>
                    {shown.map((column) => (
                      <td key={column.name} class="clip">
                        <Value value={(one ?? other)?.[column.name]} />
                      </td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}
