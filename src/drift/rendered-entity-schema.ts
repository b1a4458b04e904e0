import type { DatabaseTable } from '@mikro-orm/mysql';
import type { SchemaModel } from '../information-schema/model.ts';
import { asRendered } from './as-rendered.ts';
import { compareTables } from './compare-tables.ts';
import { type EntityOrm, schemaOfEntities, tablesOfEntities } from './declared-schema.ts';
import type { Compared } from './finding-builder.ts';
import { normalizeSchema } from './normalize.ts';
import type { Render } from './render-tables.ts';
import { spelledAs } from './spelling.ts';

/** The schema that the entities ask for, and the tables that are in their own words, not in those of a server. */
interface Wanted {
  readonly schema: SchemaModel;
  readonly isRendered: boolean;
  /** Tables that differ and which the server did not render, with the reason. */
  readonly refused: ReadonlyMap<string, string>;
}

/**
 * The schema of the entities, spelled as the server spells it. It asks the server only about tables that differ by
 * their own words, or have what only MySQL can read: where all is equal, it creates no table.
 */
export async function entitySchema(
  orm: EntityOrm,
  beside: SchemaModel,
  {
    compared,
    isCompared,
    render,
  }: {
    readonly compared: Compared;
    /** Whether drift compares a table at all. */
    readonly isCompared: (table: string) => boolean;
    readonly render: Render | null;
  },
): Promise<Wanted> {
  const tables = tablesOfEntities(orm);
  const own = schemaOfEntities(tables, beside, compared.fold);
  if (render === null) return { schema: own, isRendered: false, refused: new Map() };
  const { fold } = compared;
  const [left, right] = spelledAs(normalizeSchema(own), normalizeSchema(beside), fold);
  const differing = new Set(compareTables(left, right, compared).map(({ of }) => fold(of.table ?? of.name)));
  const asked = tables.filter(
    (table) => isCompared(table.name) && (differing.has(fold(table.name)) || isForServers(table)),
  );
  if (asked.length === 0) return { schema: own, isRendered: true, refused: new Map() };
  const { tables: rendered, refused } = await render(asked);
  return {
    schema: {
      ...own,
      tables: own.tables.map((table) => {
        const shown = rendered.get(table.name);
        const there = beside.tables.find(({ name }) => fold(name) === fold(table.name));
        return shown === undefined ? table : asRendered(table, shown, there);
      }),
    },
    isRendered: true,
    refused: new Map([...refused].filter(([name]) => differing.has(fold(name)))),
  };
}

/** Whether it has an index that is more than a list of columns. */
function isForServers(table: DatabaseTable): boolean {
  return table
    .getIndexes()
    .some(
      ({ expression, where, columns = [] }) =>
        expression !== undefined ||
        where !== undefined ||
        columns.some((column) => column.collation !== undefined),
    );
}
