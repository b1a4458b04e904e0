import type { CatalogueConnection } from './catalogue-connection.ts';
import { type AllRows, catalogueQueries, type Rows } from './catalogue-queries.ts';
import { withExactExpressions } from './exact-expressions.ts';
import type { SchemaModel } from './model.ts';
import { withExactBodies } from './program-bodies.ts';
import {
  toCheck,
  toColumn,
  toEvent,
  toForeignKey,
  toIndex,
  toPartitioning,
  toRoutine,
  toTable,
  toTrigger,
  toView,
} from './to-model.ts';

/**
 * Reads the catalogue of the connection's own database, with one statement a kind of object, and one more for each
 * program with texts in it and each table of which the catalogue does not tell all. Objects that the account may not see are not in it.
 */
export async function readSchema(em: CatalogueConnection): Promise<SchemaModel> {
  const asked = Object.keys(catalogueQueries).map(async (kind) => [
    kind,
    await em.execute(catalogueQueries[kind as keyof Rows]),
  ]);
  const all: AllRows = Object.fromEntries(await Promise.all(asked));
  const rows = await withExactExpressions(em, await withExactBodies(em, all));
  const [{ name = '', charset = '', collation = '' } = {}] = rows.database;
  const {
    tables,
    columns,
    indexes,
    foreignKeys,
    checks,
    partitions,
    views,
    triggers,
    routines,
    parameters,
    events,
  } = rows;
  const columnsOf = Map.groupBy(columns, (row) => row.tableName);
  const indexesOf = Map.groupBy(indexes, (row) => row.tableName);
  const foreignKeysOf = Map.groupBy(foreignKeys, (row) => row.tableName);
  const checksOf = Map.groupBy(checks, (row) => row.tableName);
  const partitionsOf = Map.groupBy(partitions, (row) => row.tableName);
  const parametersOf = Map.groupBy(parameters, ({ kind, routine }) => `${kind} ${routine}`);
  return {
    defaults: { charset, collation },
    tables: tables.map((row) => ({
      ...toTable(row),
      columns: (columnsOf.get(row.name) ?? []).map(toColumn),
      indexes: gather(indexesOf.get(row.name), (index) => index.name, toIndex),
      foreignKeys: gather(foreignKeysOf.get(row.name), (key) => key.name, toForeignKey),
      checks: (checksOf.get(row.name) ?? []).map(toCheck),
      partitioning: toPartitioning(partitionsOf.get(row.name)),
    })),
    views: views.map((view) => toView(view, { database: name, columns: columnsOf.get(view.name) ?? [] })),
    triggers: triggers.map(toTrigger),
    routines: routines.map((routine) =>
      toRoutine(routine, parametersOf.get(`${routine.kind} ${routine.name}`) ?? []),
    ),
    events: events.map(toEvent),
  };
}

/** Rows of one name, which come one a column, as one object. */
function gather<R, T>(
  rows: readonly R[] = [],
  nameOf: (row: R) => string,
  toModel: (rows: readonly [R, ...R[]]) => T,
): T[] {
  return [...Map.groupBy(rows, nameOf).values()].map((group) => toModel(group as [R, ...R[]]));
}
