import { randomBytes } from 'node:crypto';
import type { SourceName } from '../../source-name.ts';
import { quoteName } from '../../sql/quote.ts';
import { comparedType } from '../compared-type.ts';
import type { RowOperation } from './operation.ts';

/**
 * Values that take a row out of the way of others that are to have its unique values, as where two rows exchange them: NULL
 * where the column allows it, else one that no row has. The row gets its own values afterwards.
 *
 * @returns SQL by the quoted names of columns; none where no value that the row is to lose is of a unique key, or no such value is known
 */
export function freeValues(
  { pair, columns, action }: RowOperation,
  to: SourceName,
): ReadonlyMap<string, string> {
  const model = pair.models[to];
  const keyColumns = new Set(pair.key.parts.map(({ name }) => name.toLowerCase()));
  const leaving = action === 'DELETE' ? model.columns.map(({ name }) => name) : columns;
  const differing = new Set(leaving.map((name) => name.toLowerCase()));
  const unique = model.indexes.filter(({ unique }) => unique);
  const names = new Set<string>();
  for (const { parts } of unique) {
    const movable = parts.flatMap(({ column }) =>
      column !== null && differing.has(column.toLowerCase()) && !keyColumns.has(column.toLowerCase())
        ? [column]
        : [],
    );
    const nullable = movable.find((name) => model.columns.find((one) => one.name === name)?.nullable);
    const chosen = nullable ?? movable[0];
    if (chosen !== undefined) names.add(chosen);
  }
  const values = new Map<string, string>();
  for (const name of names) {
    const column = model.columns.find((one) => one.name === name);
    const value = column?.nullable === true ? 'null' : freeValue(column?.type ?? '', name, pair.table[to]);
    if (value !== null) values.set(quoteName(name), value);
  }
  return values;
}

function freeValue(type: string, name: string, table: string): string | null {
  const { family, numbers } = comparedType(type);
  const column = quoteName(name);
  const random = randomBytes(16)
    .toString('hex')
    .slice(0, numbers[0] ?? 32);
  switch (family) {
    case 'number':
      // A derived table, since MySQL refuses to read the table that it changes (1093).
      return `(select free from (select coalesce(max(${column}), 0) + 1 as free from ${table}) as r)`;
    case 'text':
      return `'${random}'`;
    case 'binary':
      return `x'${Buffer.from(random).toString('hex')}'`;
    default:
      return null;
  }
}

/** Quoted names of columns of foreign keys that may be NULL: rows of a cycle are inserted, and deleted, without values there. */
export function foreignColumns({ pair }: RowOperation, to: SourceName): ReadonlySet<string> {
  const { columns, foreignKeys } = pair.models[to];
  const names = foreignKeys.flatMap((key) => key.columns);
  return new Set(
    columns
      .filter(({ name, nullable }) => nullable && names.includes(name))
      .map(({ name }) => quoteName(name)),
  );
}
