import { randomBytes } from 'node:crypto';
import type { ColumnModel } from '../../information-schema/model.ts';
import type { SourceName } from '../../source-name.ts';
import { quoteName } from '../../sql/quote.ts';
import { comparedType } from '../compared-type.ts';
import type { RowOperation } from './row-operation.ts';

/**
 * Values that take a row out of the way of others that are to have its unique values, as where two rows exchange them: NULL
 * where the column allows it, else one that no row has. The row gets its own values afterwards.
 *
 * @returns SQL by the quoted names of columns, in several ways to be tried in turn; empty ones where no value that the row is to lose is of a
 * unique key, or no such value is known
 */
export function freeValues(
  { pair, columns, action }: RowOperation,
  to: SourceName,
): readonly ReadonlyMap<string, string>[] {
  const model = pair.models[to];
  const keyColumns = new Set(pair.key.parts.map(({ name }) => name.toLowerCase()));
  const leaving = action === 'DELETE' ? model.columns.map(({ name }) => name) : columns;
  const differing = new Set(leaving.map((name) => name.toLowerCase()));
  const movable = new Map(
    model.columns
      .filter(({ name, generated }) => generated === null && differing.has(name.toLowerCase()))
      .filter(({ name }) => !keyColumns.has(name.toLowerCase()))
      .map((column) => [column.name, column]),
  );
  const chosen = new Map<string, readonly string[]>();
  for (const { parts } of model.indexes.filter(({ unique }) => unique)) {
    const some = parts.flatMap(({ column }) => (column === null ? [] : (movable.get(column) ?? [])));
    const column = some.find(({ nullable }) => nullable) ?? some[0];
    if (column === undefined) continue;
    const values = column.nullable ? ['null'] : freeValuesOf(column, pair.table[to]);
    if (values.length > 0) chosen.set(quoteName(column.name), values);
  }
  const ways = Math.max(1, ...[...chosen.values()].map(({ length }) => length));
  return Array.from(
    { length: ways },
    (_, way) => new Map([...chosen].map(([name, values]) => [name, values[way] ?? (values[0] as string)])),
  );
}

/** Each may be beyond the type, or what a CHECK allows. */
function freeValuesOf({ type, name }: ColumnModel, table: string): readonly string[] {
  const { family, name: base, numbers } = comparedType(type);
  const column = quoteName(name);
  // A derived table, since MySQL refuses to read the table that it changes (1093).
  const of = (value: string, rest = '') =>
    `(select free from (select ${value} as free from ${table}${rest}) as r)`;
  switch (family) {
    case 'number':
    case 'bit': {
      const beside = ` as one left join ${table} as other on other.${column} = one.${column} + 1 where other.${column} is null`;
      return [
        of(`coalesce(max(${column} + 0), 0) + 1`),
        of(`min(one.${column} + 1)`, beside),
        of(`min(${column} + 0) - 1`),
      ];
    }
    case 'float':
      return ['rand()'];
    case 'temporal': {
      const step = base === 'time' ? 'second' : 'day';
      return [
        of(`max(${column}) + interval 1 ${step}`),
        of(`min(${column}) - interval 1 ${step}`),
        of(`min(${column}) + interval 1 + floor(1000 * rand()) ${step}`),
      ];
    }
    case 'text':
    case 'binary':
      return Array.from({ length: 3 }, () => {
        const random = randomBytes(16)
          .toString('hex')
          .slice(0, numbers[0] ?? 32);
        return family === 'text' ? `'${random}'` : `x'${Buffer.from(random).toString('hex')}'`;
      });
    default:
      return [];
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
