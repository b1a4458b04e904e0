import type { IndexModel, TableModel } from '../information-schema/model.ts';
import { quoteName } from '../sql/quote.ts';
import type { Use } from './imports.ts';
import { keyColumnsOf, type TableProperties } from './relations.ts';
import { classDecorator, decoratorsModule, literal } from './source-text.ts';

/** The decorator of an index; none for the primary key. */
export function indexText(
  index: IndexModel,
  table: TableModel,
  properties: TableProperties,
  use: Use,
): string[] {
  if (index.name === 'PRIMARY') return [];
  const kind = index.kind === 'FULLTEXT' || index.kind === 'SPATIAL' ? index.kind.toLowerCase() : undefined;
  const options = {
    name: literal(index.name),
    ...partsOf(index, table, properties),
    ...(kind !== undefined && { type: literal(kind) }),
    ...(!index.visible && { invisible: 'true' }),
  };
  return [classDecorator(use(index.unique ? 'Unique' : 'Index', decoratorsModule), options)];
}

/** The parts of an index: properties where they suffice, columns, or a statement. */
function partsOf(index: IndexModel, table: TableModel, properties: TableProperties): Record<string, string> {
  const { parts } = index;
  if (parts.some(({ column }) => column === null)) {
    const list = parts.map(
      ({ column, expression, length, descending }) =>
        `${column === null ? `(${expression})` : quoteName(column)}${length === null ? '' : `(${length})`}${descending ? ' desc' : ''}`,
    );
    const kind = index.unique ? 'unique index' : 'index';
    return {
      expression: literal(
        `create ${kind} ${quoteName(index.name)} on ${quoteName(table.name)} (${list.join(', ')})`,
      ),
    };
  }
  const names = parts.map(({ column }) => propertyOf(column as string, table, properties));
  if (
    parts.every(({ length, descending }, at) => length === null && !descending && names[at] !== undefined)
  ) {
    return { properties: `[${names.map((name) => literal(name as string)).join(', ')}]` };
  }
  const columns = parts.map(
    ({ column, length, descending }) =>
      `{ name: ${literal(column as string)}${length === null ? '' : `, length: ${length}`}${descending ? ", sort: 'DESC'" : ''} }`,
  );
  return { columns: `[${columns.join(', ')}]` };
}

/** The property that holds the column alone. */
function propertyOf(
  column: string,
  table: TableModel,
  { columns, toOnes }: TableProperties,
): string | undefined {
  const own = columns.get(column);
  if (own !== undefined) return own;
  const relations = toOnes.filter(({ foreignKey }) => foreignKey.columns.includes(column));
  if (relations.length > 0)
    return relations.find(({ foreignKey }) => foreignKey.columns.length === 1)?.property;
  const key = keyColumnsOf(table);
  return key.length === 1 && key[0] === column ? 'key' : undefined;
}
