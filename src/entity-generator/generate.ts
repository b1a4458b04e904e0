import { withoutGeneratedKey } from '../information-schema/generated-key.ts';
import type { ColumnModel, SchemaModel, TableModel } from '../information-schema/model.ts';
import { parentsFirst } from '../information-schema/parents-first.ts';
import { keyTypes } from '../sql/key-types.ts';
import { parseMysqlType } from '../sql/mysql-type.ts';
import { isObjectMember } from '../util/object-member.ts';
import { type EntityNames, namesOfTables } from './names.ts';
import { keyColumnsOf, propertiesOf, type TableProperties } from './relations.ts';
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
    ...schema.tables.map(withoutGeneratedKey).map(withServedKey),
    ...views.map((view) => asTable(view, schema)),
  ].filter(({ name }) => isWanted(name));
  const wanted = all.filter((table) => unmappable(table) === null);
  const definitions = new Map(views.map(({ name, definition }) => [name, definition]));
  const order = parentsFirst(wanted);
  const tables = wanted.toSorted((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
  const { tables: names, uniqueEnum } = namesOfTables(order);
  const properties = propertiesOf({ ...schema, tables }, names);
  return tables.map((table) => {
    const file = renderEntity(
      table,
      names.get(table.name) as EntityNames,
      properties.get(table.name) as TableProperties,
      definitions.get(table.name) ?? null,
      uniqueEnum,
    );
    const there = schema.tables.find(({ name }) => name === table.name);
    const type = there && unservedKeyType(there);
    if (type === undefined) return file;
    const note = `${file.entity} has no key: one of ${type} names no row, since such values have no exact equality.`;
    return { ...file, notes: [...file.notes, note] };
  });
}

/** The type of a column of the primary key by which the API cannot name rows; undefined for none. */
function unservedKeyType(table: TableModel): string | undefined {
  const key = keyColumnsOf(table);
  return table.columns
    .filter(({ name }) => key.includes(name))
    .map(({ type }) => parseMysqlType(type).name)
    .find((type) => !keyTypes.has(type));
}

/** A table with such a key is one without, and what refers to it refers to no key. */
function withServedKey(table: TableModel): TableModel {
  if (unservedKeyType(table) === undefined) return table;
  return { ...table, indexes: table.indexes.filter(({ name }) => name !== 'PRIMARY') };
}

/** The reason why a table cannot be an entity, as the end of a sentence; null where it can. */
export function unmappable({ name, columns }: Pick<TableModel, 'name' | 'columns'>): string | null {
  if (name.includes('.')) return 'MikroORM takes the dot in its name for the end of another name';
  const names = columns.map((column) => column.name);
  if (isObjectMember(name) || names.includes('__proto__'))
    return 'each object of JavaScript has a name in it, and MikroORM finds that instead';
  const marked = [name, ...names].some((each) => each.includes('?'));
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
