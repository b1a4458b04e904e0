import { withoutGeneratedKey } from '../information-schema/generated-key.ts';
import type { ColumnModel, SchemaModel, TableModel } from '../information-schema/model.ts';
import { parentsFirst } from '../information-schema/parents-first.ts';
import { type EntityNames, namesOfTables } from './names.ts';
import { propertiesOf, type TableProperties } from './relations.ts';
import { type EntityFile, renderEntity } from './render.ts';

/** A view whose columns are known. */
export interface ReadView {
  readonly name: string;
  readonly definition: string;
  readonly columns: readonly ColumnModel[];
}

/**
 * A file for each table and view, parents before children where their foreign keys have such an order. Foreign keys to tables that are left
 * out are columns like others.
 */
export function generateEntities(
  schema: SchemaModel,
  isWanted: (table: string) => boolean,
  views: readonly ReadView[] = [],
): readonly EntityFile[] {
  const all = [
    ...schema.tables.map(withoutGeneratedKey),
    ...views.map((view) => asTable(view, schema)),
  ].filter(({ name }) => isWanted(name));
  const wanted = all.filter((table) => unmappable(table) === null);
  const definitions = new Map(views.map(({ name, definition }) => [name, definition]));
  const order = parentsFirst(wanted);
  const tables = wanted.toSorted((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
  const { tables: names, uniqueEnum } = namesOfTables(order);
  const properties = propertiesOf({ ...schema, tables }, names);
  return tables.map((table) =>
    renderEntity(
      table,
      names.get(table.name) as EntityNames,
      properties.get(table.name) as TableProperties,
      definitions.get(table.name) ?? null,
      uniqueEnum,
    ),
  );
}

/** What keeps a table from being an entity, as the end of a sentence; null where nothing does. */
export function unmappable({ name, columns }: Pick<TableModel, 'name' | 'columns'>): string | null {
  if (name.includes('.')) return 'MikroORM takes the dot in its name for the end of another name';
  const marked = [name, ...columns.map((column) => column.name)].some((each) => each.includes('?'));
  return marked ? 'a name in it has a question mark, which MikroORM takes for a parameter' : null;
}

/** A view is a table without indexes, whose columns nothing supplies. */
function asTable({ name, columns }: ReadView, { defaults }: SchemaModel): TableModel {
  return {
    name,
    engine: '',
    collation: defaults.collation,
    comment: '',
    rowFormat: null,
    options: [],
    columns: columns.map((column) => ({ ...column, default: null, autoIncrement: false, onUpdate: null })),
    indexes: [],
    foreignKeys: [],
    checks: [],
    partitioning: null,
  };
}
