import type { SchemaModel } from '../information-schema/model.ts';
import { parentsFirst } from '../information-schema/parents-first.ts';
import { type EntityNames, namesOfTables } from './names.ts';
import { propertiesOf, type TableProperties } from './relations.ts';
import { type EntityFile, renderEntity } from './render.ts';

/**
 * A file for each table, parents before children where their foreign keys have such an order. Foreign keys to tables that are left out
 * are columns like others.
 */
export function generateEntities(
  schema: SchemaModel,
  isWanted: (table: string) => boolean,
): readonly EntityFile[] {
  const wanted = schema.tables.filter(({ name }) => isWanted(name));
  const order = parentsFirst(wanted);
  const tables = wanted.toSorted((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
  const names = namesOfTables(order);
  const properties = propertiesOf({ ...schema, tables }, names);
  return tables.map((table) =>
    renderEntity(table, names.get(table.name) as EntityNames, properties.get(table.name) as TableProperties),
  );
}
