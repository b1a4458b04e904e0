import type { SchemaModel } from './model.ts';

/** Names of tables, parents before children; the tables of a cycle stand in the order of their names. */
export function parentsFirst(tables: SchemaModel['tables']): string[] {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const table = byName.get(name);
    if (table === undefined || seen.has(name)) return;
    seen.add(name);
    for (const { references } of table.foreignKeys) if (references.schema === null) visit(references.table);
    order.push(name);
  };
  for (const name of [...byName.keys()].sort()) visit(name);
  return order;
}
