import type { TableModel } from './model.ts';

/**
 * The invisible primary key that Azure adds to a table without one; no migration made it.
 * https://dev.mysql.com/doc/refman/8.4/en/create-table-gipks.html
 */
export function generatedKey({ columns, indexes }: TableModel): string | null {
  const column = columns.find(({ name, invisible, autoIncrement }) => {
    return name === 'my_row_id' && invisible && autoIncrement;
  });
  const primary = indexes.find(({ name }) => name === 'PRIMARY');
  const only = primary?.parts.length === 1 && primary.parts[0]?.column === 'my_row_id';
  return column !== undefined && only ? column.name : null;
}

/** The table as it was created. */
export function withoutGeneratedKey(table: TableModel): TableModel {
  const own = generatedKey(table);
  if (own === null) return table;
  return {
    ...table,
    columns: table.columns.filter(({ name }) => name !== own),
    indexes: table.indexes.filter(({ name }) => name !== 'PRIMARY'),
  };
}
